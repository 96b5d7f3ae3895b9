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
                             SearchScratch& scratch, CandidateHeap& heap, SearchStats& stats)
    : segment_(*live.segment),
      number_(segment),
      permitted_(live, filter),
      query_(query),
      options_(options),
      tuning_(tuning),
      kernels_(tuning.kernels != nullptr ? *tuning.kernels : BestKernels()),
      progress_(progress),
      scratch_(scratch),
      heap_(heap),
      stats_(stats) {}

absl::StatusOr<float> SegmentSearch::Run() {
  ASSIGN_OR_RETURN(const QueryPlan plan, MakePlan(segment_.terms(), query_, kernels_));
  stats_.postings_predicted += plan.postings;
  stats_.blocks += segment_.terms().postings().num_blocks();
  if (plan.terms.empty() || permitted_.upper_count() == 0) return 0;
  if (!permitted_.unfiltered() && permitted_.upper_count() <= tuning_.direct_passages) {
    const std::vector<DocId> documents = permitted_.List();
    uint64_t passages = 0;
    for (const DocId document : documents) {
      ASSIGN_OR_RETURN(const PassageRange range, segment_.PassagesOf(document));
      passages += range.end - range.begin;
    }
    if (passages <= tuning_.direct_passages) {
      RETURN_IF_ERROR(ScoreDirectly(plan, documents));
      return 0;
    }
  }
  return ScanBlocks(plan);
}

absl::Status SegmentSearch::ScoreDirectly(const QueryPlan& plan, std::span<const DocId> documents) {
  for (const DocId document : documents) {
    ASSIGN_OR_RETURN(const PassageRange range, segment_.PassagesOf(document));
    for (PassageId p = range.begin; p < range.end; ++p) RETURN_IF_ERROR(Consider(plan, p));
  }
  progress_.RaiseThreshold(heap_.threshold());
  return absl::OkStatus();
}

absl::StatusOr<float> SegmentSearch::ScanBlocks(const QueryPlan& plan) {
  std::vector<Units>& bounds = scratch_.bounds;
  if (tuning_.block_bounds) {
    RETURN_IF_ERROR(ComputeBlockBounds(plan, segment_.terms(), kernels_, bounds));
  } else {
    bounds.assign(segment_.terms().postings().num_blocks(), UINT16_MAX);
  }
  if (!permitted_.unfiltered() &&
      permitted_.upper_count() < segment_.num_documents() / kDropBlocksShare) {
    RETURN_IF_ERROR(permitted_.DropBlocks(bounds));
  }
  // Where another segment has set a threshold, hardly a block that reaches it could be spared.
  const bool seeded = !tuning_.block_bounds || Threshold() > 0;
  size_t wanted = seeded ? bounds.size() : tuning_.seed_blocks;
  while (true) {
    ChooseBlocks(plan.UnitsOf(Threshold()), wanted);
    if (scratch_.blocks.empty()) return 0;
    ASSIGN_OR_RETURN(const bool finished, ScanChosen(plan));
    if (!finished) return plan.ScoreBound(kernels_.maximum(bounds.data(), bounds.size()));
    wanted *= tuning_.round_growth;
  }
}

// Fills scratch_.blocks with at least the `wanted` blocks of the largest bounds that reach `least`
// (all of them when there are fewer), ascending.
void SegmentSearch::ChooseBlocks(Units least, size_t wanted) {
  const std::vector<Units>& bounds = scratch_.bounds;
  uint32_t low = least;
  if (kernels_.count_at_least(bounds.data(), bounds.size(), least) > wanted) {
    // Invariant: at least `wanted` blocks reach low, fewer reach high.
    uint32_t high = uint32_t{kernels_.maximum(bounds.data(), bounds.size())} + 1;
    while (high - low > 1) {
      const uint32_t middle = low + (high - low) / 2;
      const size_t count =
          kernels_.count_at_least(bounds.data(), bounds.size(), static_cast<Units>(middle));
      (count >= wanted ? low : high) = middle;
      if (count >= wanted && count <= 2 * wanted) break;
    }
  }
  scratch_.blocks.resize(bounds.size() + 32);
  scratch_.blocks.resize(kernels_.find_at_least(bounds.data(), bounds.size(),
                                                static_cast<Units>(low), scratch_.blocks.data()));
}

// Scans scratch_.blocks window by window; false when it had to stop before the end.
absl::StatusOr<bool> SegmentSearch::ScanChosen(const QueryPlan& plan) {
  const std::span<const uint32_t> blocks = scratch_.blocks;
  scratch_.passages.clear();
  for (size_t begin = 0; begin < blocks.size();) {
    if (!progress_.MayContinue()) {
      RETURN_IF_ERROR(Rescore(plan));
      return false;
    }
    const uint32_t window = blocks[begin] / kBlocksPerWindow;
    size_t end = begin;
    while (end < blocks.size() && blocks[end] / kBlocksPerWindow == window) ++end;
    const std::span<const uint32_t> chosen = blocks.subspan(begin, end - begin);
    const uint64_t read = scratch_.window_scan.Scan(plan, kernels_, chosen,
                                                    plan.UnitsOf(Threshold()), scratch_.passages);
    stats_.postings_scanned += read;
    stats_.blocks_scanned += chosen.size();
    progress_.CountPostings(read);
    for (const uint32_t block : chosen) scratch_.bounds[block] = 0;
    if (scratch_.passages.size() >= kRescoreBatch) RETURN_IF_ERROR(Rescore(plan));
    begin = end;
  }
  RETURN_IF_ERROR(Rescore(plan));
  return true;
}

// Scores the scanned passages, the most promising first, until the rest lies below the threshold.
absl::Status SegmentSearch::Rescore(const QueryPlan& plan) {
  std::vector<ScannedPassage>& passages = scratch_.passages;
  const auto less_promising = [](const ScannedPassage& a, const ScannedPassage& b) {
    return a.units != b.units ? a.units < b.units : a.passage > b.passage;
  };
  std::make_heap(passages.begin(), passages.end(), less_promising);
  while (!passages.empty() && passages.front().units >= plan.UnitsOf(Threshold())) {
    RETURN_IF_ERROR(Consider(plan, passages.front().passage));
    std::pop_heap(passages.begin(), passages.end(), less_promising);
    passages.pop_back();
  }
  passages.clear();
  progress_.RaiseThreshold(heap_.threshold());
  return absl::OkStatus();
}

absl::Status SegmentSearch::Consider(const QueryPlan& plan, PassageId passage) {
  ASSIGN_OR_RETURN(const DocId document, segment_.DocumentOf(passage));
  if (!permitted_.Contains(document)) return absl::OkStatus();
  ++stats_.passages_rescored;
  ASSIGN_OR_RETURN(const float score, segment_.terms().forward().Score(passage, plan.resolved));
  if (!(score > 0) || score < Threshold()) return absl::OkStatus();
  Hit hit{number_, document, passage, 0, score, {}};
  ASSIGN_OR_RETURN(hit.id, segment_.Id(document));
  ASSIGN_OR_RETURN(const PassageRange range, segment_.PassagesOf(document));
  hit.passage_in_document = passage - range.begin;
  if (options_.after.has_value()) {
    // A document belongs to the page of its best passage.
    if (options_.collapse == Collapse::kDocument) {
      ASSIGN_OR_RETURN(hit, BestPassage(segment_, plan.resolved, hit));
    }
    if (!IsAfter(hit, *options_.after, options_.collapse)) return absl::OkStatus();
  }
  heap_.Offer(hit);
  return absl::OkStatus();
}

}  // namespace foraker::index
