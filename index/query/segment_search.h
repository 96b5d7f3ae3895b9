// Searches one segment, best blocks first, into a heap that the segments of a worker share.
//
//   1. block bounds for the whole segment
//   2. rounds: the blocks with the largest bounds, some at first, then ever more, window by window;
//      passages that reach the threshold are scored exactly from their forward vectors
//   3. done when no bound that is left reaches the threshold
// With a filter that permits few passages, those are scored directly.
//
// The threshold is the k-th best exact score over distinct documents, here or in any other worker;
// what is skipped scores below it, so ties are never lost.

#ifndef FORAKER_INDEX_QUERY_SEGMENT_SEARCH_H_
#define FORAKER_INDEX_QUERY_SEGMENT_SEARCH_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "index/query/candidate_heap.h"
#include "index/query/engine_tuning.h"
#include "index/query/permitted_documents.h"
#include "index/query/query_plan.h"
#include "index/query/top_k.h"
#include "index/query/window_scan.h"

namespace foraker::index {

// What the workers of one search share.
class SearchProgress {
 public:
  explicit SearchProgress(const SearchOptions& options)
      : max_postings_(options.max_postings), deadline_(options.deadline) {}

  // The best k-th score that any worker has reached.
  float threshold() const { return threshold_.load(std::memory_order_relaxed); }
  void RaiseThreshold(float score);

  // Counts postings; MayContinue turns false when the limit or the deadline has been reached.
  void CountPostings(uint64_t n) { postings_.fetch_add(n, std::memory_order_relaxed); }
  bool MayContinue() const;

 private:
  uint64_t max_postings_;
  absl::Time deadline_;
  std::atomic<float> threshold_ = 0;
  std::atomic<uint64_t> postings_ = 0;
};

// Arrays that one worker reuses from segment to segment and from query to query.
struct SearchScratch {
  WindowScan window_scan;
  std::vector<Units> bounds;
  std::vector<uint32_t> blocks;
  std::vector<ScannedPassage> passages;
};

class SegmentSearch {
 public:
  // All references outlive the object. `segment` is the number in the snapshot.
  SegmentSearch(const LiveSegment& live, uint32_t segment, const DocumentSet* filter,
                const QueryVector& query, const SearchOptions& options, const EngineTuning& tuning,
                SearchProgress& progress, SearchScratch& scratch, CandidateHeap& heap,
                SearchStats& stats);

  // Returns a score that nothing left out exceeds: 0 when the segment was searched to the end.
  absl::StatusOr<float> Run();

 private:
  absl::Status ScoreDirectly(const QueryPlan& plan, std::span<const DocId> documents);
  absl::StatusOr<float> ScanBlocks(const QueryPlan& plan);
  void ChooseBlocks(Units least, size_t wanted);
  absl::StatusOr<bool> ScanChosen(const QueryPlan& plan);
  absl::Status Rescore(const QueryPlan& plan);
  absl::Status Consider(const QueryPlan& plan, PassageId passage);
  float Threshold() const { return std::max(heap_.threshold(), progress_.threshold()); }

  const Segment& segment_;
  uint32_t number_;
  PermittedDocuments permitted_;
  const QueryVector& query_;
  const SearchOptions& options_;
  const EngineTuning& tuning_;
  const Kernels& kernels_;
  SearchProgress& progress_;
  SearchScratch& scratch_;
  CandidateHeap& heap_;
  SearchStats& stats_;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_QUERY_SEGMENT_SEARCH_H_
