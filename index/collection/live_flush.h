// The flush of a live collection: the memory segments up to a sequence number become one file,
// published together with what is deleted in all files as of that number; the log is cut there.
// Writes go on meanwhile.
//
// And the merges of memory segments that are too large for a commit to do: both work on the
// buffer, so one at a time.
//
// Thread-safe. Errors: those of MergeSegments, Catalog::Publish and files; then the buffer is as it
// was. kCancelled after LiveState::stopped.

#ifndef FORAKER_INDEX_COLLECTION_LIVE_FLUSH_H_
#define FORAKER_INDEX_COLLECTION_LIVE_FLUSH_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/collection/live_state.h"
#include "index/collection/work_progress.h"

namespace foraker::index {

class LiveFlush {
 public:
  explicit LiveFlush(LiveState& state) : state_(state) {}

  // When everything that is in the head now lies in published files.
  absl::Status Flush();
  absl::Status FlushLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_.working_on_buffer);

  // Merges memory segments once, if the policy asks for it; returns whether it did.
  absl::StatusOr<bool> MergeMemory() ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_.working_on_buffer);

  const WorkProgress& progress() const { return progress_; }
  const WorkProgress& memory_merges() const { return memory_merges_; }

 private:
  // The buffer as of a moment.
  struct Frozen {
    std::shared_ptr<const Snapshot> snapshot;
    std::vector<LiveSegment> sources;  // its memory segments
    absl::Time oldest;                 // write in them
  };
  std::optional<Frozen> Freeze();
  void Thaw(const Frozen& frozen);
  absl::Status Write(const Frozen& frozen);
  absl::StatusOr<std::shared_ptr<const TermStatistics>> WriteStatistics(const Frozen& frozen);

  LiveState& state_;
  WorkProgress progress_;  // of flushes
  WorkProgress memory_merges_;
};

// Merges the live documents of `sources` into a new file of the collection. Null when there are
// none. Nothing is left of a file that was not finished.
absl::StatusOr<std::shared_ptr<const Segment>> MergeToFile(LiveState& state,
                                                           std::span<const LiveSegment> sources,
                                                           const std::atomic<bool>& cancel);

// Removes a file that is not going to be published. Null is fine.
void Abandon(const std::shared_ptr<const Segment>& file);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_LIVE_FLUSH_H_
