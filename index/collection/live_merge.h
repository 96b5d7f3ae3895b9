// Merges of a live collection's files, by the tiers of merge_policy.h, and its compaction. Commits
// and flushes go on meanwhile; what they delete is carried over.
//
// Thread-safe; one merge at a time. Errors: as live_flush.h.

#ifndef FORAKER_INDEX_COLLECTION_LIVE_MERGE_H_
#define FORAKER_INDEX_COLLECTION_LIVE_MERGE_H_

#include <atomic>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/collection/live_state.h"
#include "index/collection/work_progress.h"

namespace foraker::index {

class LiveMerge {
 public:
  explicit LiveMerge(LiveState& state) : state_(state) {}

  // One merge, if the policy asks for one; returns whether there was one.
  absl::StatusOr<bool> MergeOnce() ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_.merging_files);

  // Everything that is published into as few files as max_segment_bytes allows, without what is
  // deleted.
  absl::Status Compact();

  const WorkProgress& progress() const { return progress_; }

 private:
  std::vector<LiveSegment> Choose();
  std::vector<std::vector<LiveSegment>> ChooseAll();
  absl::Status Merge(std::span<const LiveSegment> sources, const std::atomic<bool>& cancel)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_.merging_files);
  absl::Status Publish(std::span<const LiveSegment> sources,
                       const std::shared_ptr<const Segment>& merged);

  LiveState& state_;
  WorkProgress progress_;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_LIVE_MERGE_H_
