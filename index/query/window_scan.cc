#include "index/query/window_scan.h"

#include <algorithm>

#include "index/postings/layout.h"

namespace foraker::index {
WindowScan::WindowScan()
    : accumulators_(std::make_unique<Units[]>(kWindowPassages)), found_(kChunkPassages + 32) {}

uint64_t WindowScan::Scan(const QueryPlan& plan, const Kernels& kernels,
                          std::span<const uint32_t> blocks, Units threshold,
                          std::vector<ScannedPassage>& out) {
  const uint32_t window = blocks.front() / kBlocksPerWindow;
  ChooseRanges(blocks);
  runs_.clear();
  for (const PlannedTerm& term : plan.terms) {
    if (term.list.blocked()) LocateRuns(term, window, kernels);
  }
  uint64_t read = AddRuns();
  for (const PlannedTerm& term : plan.terms) {
    if (!term.list.blocked()) read += AddPlain(term, window);
  }
  for (const BlockRange& range : ranges_) {
    const uint32_t begin = range.begin * kBlockPassages;
    const size_t n = (range.end - range.begin) * kBlockPassages;
    Units* const sums = accumulators_.get() + begin;
    const size_t found = kernels.find_at_least(sums, n, threshold, found_.data());
    for (size_t i = 0; i < found; ++i) {
      out.push_back({window * kWindowPassages + begin + found_[i], sums[found_[i]]});
    }
    std::fill_n(sums, n, Units{0});
  }
  return read;
}

void WindowScan::Prefetch(const QueryPlan& plan, uint32_t window) {
  for (const PlannedTerm& term : plan.terms) {
    if (!term.list.blocked()) continue;
    const uint8_t* const counts = term.list.row.counts.data();
    const uint32_t end = term.first_entry[window + 1];
    for (uint32_t entry = term.first_entry[window]; entry < end; entry += 64) {
      __builtin_prefetch(counts + entry);
    }
  }
}

// Joins neighbours, but never across chunks.
void WindowScan::ChooseRanges(std::span<const uint32_t> blocks) {
  ranges_.clear();
  for (const uint32_t block : blocks) {
    const auto begin = static_cast<uint16_t>(block % kBlocksPerWindow);
    if (!ranges_.empty() && ranges_.back().end == begin && begin % kBlocksPerChunk != 0) {
      ++ranges_.back().end;
    } else {
      ranges_.push_back({begin, static_cast<uint16_t>(begin + 1)});
    }
  }
  located_.resize(ranges_.size());
}

void WindowScan::LocateRuns(const PlannedTerm& term, uint32_t window, const Kernels& kernels) {
  const uint32_t first = term.first_posting[window];
  const uint32_t end = term.first_posting[window + 1];
  if (first == end) return;
  const BlockRow& row = term.list.row;
  const uint64_t* occupied =
      row.occupied.empty() ? nullptr : row.occupied.data() + size_t{window} * kWordsPerWindow;
  kernels.locate({occupied, row.counts.data() + term.first_entry[window], first, end},
                 ranges_.data(), ranges_.size(), located_.data());
  for (size_t i = 0; i < ranges_.size(); ++i) {
    if (located_[i].size == 0) continue;
    const BlockedPosting* postings = term.list.postings.data() + located_[i].begin;
    __builtin_prefetch(postings);
    const uint32_t chunk = ranges_[i].begin / kBlocksPerChunk * kChunkPassages;
    runs_.push_back({postings, located_[i].size, static_cast<uint16_t>(chunk), term.factor});
  }
}

uint64_t WindowScan::AddRuns() {
  uint64_t read = 0;
  for (const Run& run : runs_) {
    Units* const sums = accumulators_.get() + run.chunk;
    for (uint32_t i = 0; i < run.size; ++i) {
      const BlockedPosting posting = run.postings[i];
      Units& sum = sums[posting % kChunkPassages];
      sum = static_cast<Units>(sum + Product(run.factor, static_cast<uint8_t>(posting >> 8)));
    }
    read += run.size;
  }
  return read;
}

uint64_t WindowScan::AddPlain(const PlannedTerm& term, uint32_t window) {
  const std::span<const uint32_t> passages = term.list.passages;
  uint64_t read = 0;
  auto at = passages.begin();
  for (const BlockRange& range : ranges_) {
    const uint32_t base = window * kWindowPassages;
    at = std::lower_bound(at, passages.end(), base + range.begin * kBlockPassages);
    for (; at != passages.end() && *at - base < range.end * kBlockPassages; ++at, ++read) {
      Units& sum = accumulators_[*at - base];
      const uint8_t impact = term.list.impacts[static_cast<size_t>(at - passages.begin())];
      sum = static_cast<Units>(sum + Product(term.factor, impact));
    }
  }
  return read;
}

}  // namespace foraker::index
