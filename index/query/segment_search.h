// Searches one segment, best blocks first, into a heap that the segments of a worker share.
//
// Begin finds a bound for every block. ScanAtLeast scans the blocks whose bounds reach a score, and
// scores the passages that reach the threshold exactly from their forward vectors. A worker begins
// all of its segments, scans the few best blocks among all of them, and then, the threshold being
// nearly final, finishes each. With a filter that permits few passages, Begin scores those
// directly.
//
// The threshold is the k-th best exact score over distinct documents, here or in any other worker;
// what is skipped scores below it, so ties are never lost.

#ifndef FORAKER_INDEX_QUERY_SEGMENT_SEARCH_H_
#define FORAKER_INDEX_QUERY_SEGMENT_SEARCH_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
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
  std::deque<std::vector<Units>> bounds;  // a segment
  std::vector<uint32_t> blocks;           // grows, its end is of earlier calls
  std::vector<ScannedPassage> passages;
};

class SegmentSearch {
 public:
  // All references outlive the object. `segment` is the number in the snapshot; `bounds` is this
  // search's own.
  SegmentSearch(const LiveSegment& live, uint32_t segment, const DocumentSet* filter,
                const QueryVector& query, const SearchOptions& options, const EngineTuning& tuning,
                SearchProgress& progress, SearchScratch& scratch, std::vector<Units>& bounds,
                CandidateHeap& heap, SearchStats& stats);

  absl::Status Begin();

  // Of the blocks not scanned yet: how many may hold a passage of this score, and a score that none
  // of them exceeds.
  size_t CountAtLeast(float score) const;
  float Bound() const;

  absl::Status ScanAtLeast(float score);

  // Scans what reaches the threshold. Returns a score that nothing left out exceeds: 0 when the
  // segment was searched to the end.
  absl::StatusOr<float> Finish();

 private:
  absl::StatusOr<bool> ScoreDirectly();
  absl::Status FindBounds();
  absl::Status Rescore();
  absl::Status Consider(PassageId passage);
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
  std::vector<Units>& bounds_;
  CandidateHeap& heap_;
  SearchStats& stats_;
  QueryPlan plan_;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_QUERY_SEGMENT_SEARCH_H_
