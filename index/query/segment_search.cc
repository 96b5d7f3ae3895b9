#include "index/query/segment_search.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "index/postings/layout.h"
#include "index/query/block_bounds.h"
#include "index/query/hits.h"

namespace foraker::index {
namespace {

// A filter smaller than this share of the documents drops blocks before the scan; a larger one
// leaves few blocks empty and is only asked about passages that reach the threshold.
constexpr uint64_t kDropBlocksShare = 64;

// Scanned passages wait for so many others, so that the best are scored first.
constexpr size_t kRescoreBatch = 1024;

}  // namespace

void SearchProgress::RaiseThreshold(float score) {
  float current = threshold();
  while (score > current &&
         !threshold_.compare_exchange_weak(current, score, std::memory_order_relaxed)) {
  }
}

bool SearchProgress::MayContinue() const {
  return postings_.load(std::memory_order_relaxed) < max_postings_ &&
         (deadline_ == absl::InfiniteFuture() || absl::Now() < deadline_);
}

SegmentSearch::SegmentSearch(const LiveSegment& live, uint32_t segment, const DocumentSet* filter,
                             const QueryVector& query, const SearchOptions& options,
                             const EngineTuning& tuning, SearchProgress& progress,
                             SearchScratch& scratch, std::vector<Units>& bounds,
                             CandidateHeap& heap, SearchStats& stats)
    : segment_(*live.segment),
      number_(segment),
      permitted_(live, filter),
      query_(query),
      options_(options),
      tuning_(tuning),
      kernels_(tuning.kernels != nullptr ? *tuning.kernels : BestKernels()),
      progress_(progress),
      scratch_(scratch),
      bounds_(bounds),
      heap_(heap),
      stats_(stats) {}

absl::Status SegmentSearch::Begin() {
  bounds_.clear();
  ASSIGN_OR_RETURN(plan_, MakePlan(segment_.terms(), query_, kernels_));
  stats_.postings_predicted += plan_.postings;
  stats_.blocks += segment_.terms().postings().num_blocks();
  if (plan_.terms.empty() || permitted_.upper_count() == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool answered, ScoreDirectly());
  if (answered) return absl::OkStatus();
  return FindBounds();
}

size_t SegmentSearch::CountAtLeast(float score) const {
  if (bounds_.empty()) return 0;
  return kernels_.count_at_least(bounds_.data(), bounds_.size(), plan_.UnitsOf(score));
}

float SegmentSearch::Bound() const {
  if (bounds_.empty()) return 0;
  const Units largest = kernels_.maximum(bounds_.data(), bounds_.size());
  return largest == 0 ? 0 : plan_.ScoreBound(largest);
}

absl::StatusOr<float> SegmentSearch::Finish() {
  RETURN_IF_ERROR(ScanAtLeast(Threshold()));
  return CountAtLeast(Threshold()) == 0 ? 0 : Bound();
}

// Answers from forward vectors when the filter permits few passages; else returns false.
absl::StatusOr<bool> SegmentSearch::ScoreDirectly() {
  if (permitted_.unfiltered() || permitted_.upper_count() > tuning_.direct_passages) return false;
  std::vector<PassageId> passages;
  for (const DocId document : permitted_.List()) {
    ASSIGN_OR_RETURN(const PassageRange range, segment_.PassagesOf(document));
    for (PassageId p = range.begin; p < range.end; ++p) passages.push_back(p);
    if (passages.size() > tuning_.direct_passages) return false;
  }
  for (const PassageId passage : passages) RETURN_IF_ERROR(Consider(passage));
  progress_.RaiseThreshold(heap_.threshold());
  return true;
}

absl::Status SegmentSearch::FindBounds() {
  if (tuning_.block_bounds) {
    RETURN_IF_ERROR(ComputeBlockBounds(plan_, segment_.terms(), kernels_, bounds_));
  } else {
    bounds_.assign(segment_.terms().postings().num_blocks(), UINT16_MAX);
  }
  if (permitted_.unfiltered() ||
      permitted_.upper_count() >= segment_.num_documents() / kDropBlocksShare) {
    return absl::OkStatus();
  }
  return permitted_.DropBlocks(bounds_);
}

// Window by window, as far as limits allow. The bounds of blocks that were scanned become 0.
absl::Status SegmentSearch::ScanAtLeast(float score) {
  if (bounds_.empty()) return absl::OkStatus();
  if (scratch_.blocks.size() < bounds_.size() + 32) scratch_.blocks.resize(bounds_.size() + 32);
  const size_t found = kernels_.find_at_least(bounds_.data(), bounds_.size(), plan_.UnitsOf(score),
                                              scratch_.blocks.data());
  const std::span<const uint32_t> blocks = std::span(scratch_.blocks).first(found);
  scratch_.passages.clear();
  for (size_t begin = 0; begin < blocks.size();) {
    if (!progress_.MayContinue()) break;
    const uint32_t window = blocks[begin] / kBlocksPerWindow;
    size_t end = begin;
    while (end < blocks.size() && blocks[end] / kBlocksPerWindow == window) ++end;
    if (end < blocks.size()) WindowScan::Prefetch(plan_, blocks[end] / kBlocksPerWindow);
    const std::span<const uint32_t> chosen = blocks.subspan(begin, end - begin);
    const uint64_t read = scratch_.window_scan.Scan(plan_, kernels_, chosen,
                                                    plan_.UnitsOf(Threshold()), scratch_.passages);
    stats_.postings_scanned += read;
    stats_.blocks_scanned += chosen.size();
    progress_.CountPostings(read);
    for (const uint32_t block : chosen) bounds_[block] = 0;
    if (scratch_.passages.size() >= kRescoreBatch) RETURN_IF_ERROR(Rescore());
    begin = end;
  }
  return Rescore();
}

// Scores the scanned passages, the most promising first, until the rest lies below the threshold.
absl::Status SegmentSearch::Rescore() {
  std::vector<ScannedPassage>& passages = scratch_.passages;
  const auto less_promising = [](const ScannedPassage& a, const ScannedPassage& b) {
    return a.units != b.units ? a.units < b.units : a.passage > b.passage;
  };
  std::make_heap(passages.begin(), passages.end(), less_promising);
  while (!passages.empty() && passages.front().units >= plan_.UnitsOf(Threshold())) {
    RETURN_IF_ERROR(Consider(passages.front().passage));
    std::pop_heap(passages.begin(), passages.end(), less_promising);
    passages.pop_back();
  }
  passages.clear();
  progress_.RaiseThreshold(heap_.threshold());
  return absl::OkStatus();
}

absl::Status SegmentSearch::Consider(PassageId passage) {
  ASSIGN_OR_RETURN(const DocId document, segment_.DocumentOf(passage));
  if (!permitted_.Contains(document)) return absl::OkStatus();
  ++stats_.passages_rescored;
  ASSIGN_OR_RETURN(const float score, segment_.terms().forward().Score(passage, plan_.resolved));
  if (!(score > 0) || score < Threshold()) return absl::OkStatus();
  Hit hit{number_, document, passage, 0, score, {}};
  ASSIGN_OR_RETURN(hit.id, segment_.Id(document));
  ASSIGN_OR_RETURN(const PassageRange range, segment_.PassagesOf(document));
  hit.passage_in_document = passage - range.begin;
  if (options_.after.has_value()) {
    // A document belongs to the page of its best passage.
    if (options_.collapse == Collapse::kDocument) {
      ASSIGN_OR_RETURN(hit, BestPassage(segment_, plan_.resolved, hit));
    }
    if (!IsAfter(hit, *options_.after, options_.collapse)) return absl::OkStatus();
  }
  heap_.Offer(hit);
  return absl::OkStatus();
}

}  // namespace foraker::index
