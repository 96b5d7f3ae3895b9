#include "index/query/window_scan.h"

#include <algorithm>

#include "index/postings/layout.h"

namespace foraker::index {
namespace {

constexpr size_t kAccumulators = 65536;

}  // namespace

WindowScan::WindowScan()
    : accumulators_(std::make_unique<Units[]>(kAccumulators)), found_(kWindowPassages + 32) {}

uint64_t WindowScan::Scan(const QueryPlan& plan, const Kernels& kernels,
                          std::span<const uint32_t> blocks, Units threshold,
                          std::vector<ScannedPassage>& out) {
  const uint32_t window = blocks.front() / kBlocksPerWindow;
  ranges_.clear();
  for (const uint32_t block : blocks) {
    const uint32_t begin = block % kBlocksPerWindow * kBlockPassages;
    if (!ranges_.empty() && ranges_.back().end == begin) {
      ranges_.back().end += kBlockPassages;
    } else {
      ranges_.push_back({begin, begin + kBlockPassages});
    }
  }
  uint64_t read = 0;
  for (const PlannedTerm& term : plan.terms) {
    read += term.list.windowed() ? AddWindowed(term, window) : AddPlain(term, window);
  }
  for (const Range& range : ranges_) {
    Units* const sums = accumulators_.get() + range.begin;
    const size_t n = range.end - range.begin;
    const size_t found = kernels.find_at_least(sums, n, threshold, found_.data());
    for (size_t i = 0; i < found; ++i) {
      out.push_back({window * kWindowPassages + range.begin + found_[i], sums[found_[i]]});
    }
    std::fill_n(sums, n, Units{0});
  }
  return read;
}

uint64_t WindowScan::AddWindowed(const PlannedTerm& term, uint32_t window) {
  const uint16_t* const offsets = term.list.offsets.data();
  const uint8_t* const impacts = term.list.impacts.data();
  Units* const sums = accumulators_.get();
  const uint16_t factor = term.factor;
  const uint16_t* at = offsets + term.window_begin[window];
  const uint16_t* const end = offsets + term.window_begin[window + 1];
  uint64_t read = 0;
  for (const Range& range : ranges_) {
    const uint16_t* first = at;
    const uint16_t* last = end;
    if (range.begin > 0) first = std::lower_bound(at, end, range.begin);
    if (range.end < kWindowPassages) last = std::lower_bound(first, end, range.end);
    const uint8_t* impact = impacts + (first - offsets);
    for (const uint16_t* p = first; p != last; ++p, ++impact) {
      sums[*p] = static_cast<Units>(sums[*p] + Product(factor, *impact));
    }
    read += static_cast<uint64_t>(last - first);
    at = last;
  }
  return read;
}

uint64_t WindowScan::AddPlain(const PlannedTerm& term, uint32_t window) {
  const std::span<const uint32_t> passages = term.list.passages;
  const uint32_t base = window * kWindowPassages;
  uint64_t read = 0;
  auto at = passages.begin();
  for (const Range& range : ranges_) {
    at = std::lower_bound(at, passages.end(), base + range.begin);
    for (; at != passages.end() && *at - base < range.end; ++at, ++read) {
      Units& sum = accumulators_[*at - base];
      const uint8_t impact = term.list.impacts[static_cast<size_t>(at - passages.begin())];
      sum = static_cast<Units>(sum + Product(term.factor, impact));
    }
  }
  return read;
}

}  // namespace foraker::index
