// The commits of a live collection: a group of batches is decided, made into a memory segment,
// logged, and shown to searches.
//
// Thread-safe. Errors: those of LiveCollection::Write.

#ifndef FORAKER_INDEX_COLLECTION_LIVE_COMMIT_H_
#define FORAKER_INDEX_COLLECTION_LIVE_COMMIT_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/collection/collection_schema.h"
#include "index/collection/commit_queue.h"
#include "index/collection/live_state.h"
#include "index/collection/remembered_requests.h"
#include "index/collection/write_planner.h"
#include "index/segment/segment_writer.h"

namespace foraker::index {

class LiveCommit {
 public:
  LiveCommit(LiveState& state, std::unique_ptr<SegmentWriter> empty_segment,
             std::vector<RememberedRequest> requests);

  absl::StatusOr<BatchResult> Write(WriteBatch batch, WaitFor wait, size_t bytes);
  absl::StatusOr<std::optional<BatchResult>> Remembered(std::string_view id, uint64_t hash) const;

  // Of batches that are on their way.
  size_t bytes_under_way() const { return bytes_under_way_; }

  CommitQueue& queue() { return queue_; }

  // After the head was changed by something else than commits.
  void ReadSchema() ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_.committing);

 private:
  // A commit under way.
  struct Round {
    WritePlanner planner;
    absl::Time now;
    std::vector<RememberedRequest> requests;
    absl::flat_hash_map<std::string, PendingWrite*> by_request;    // decided in this round
    std::vector<std::pair<PendingWrite*, PendingWrite*>> repeats;  // of another of this round
  };

  void CommitGroup(CommitQueue::Group group);
  void Decide(PendingWrite& pending, Round& round);
  absl::Status Log(const Round& round, const std::vector<std::string>& forgotten);
  void Tidy(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_.committing);

  LiveState& state_;
  CommitQueue queue_;
  RememberedRequests requests_;
  const std::unique_ptr<SegmentWriter> empty_segment_;  // says what a segment refuses
  CollectionSchema schema_ ABSL_GUARDED_BY(state_.committing);
  std::atomic<size_t> bytes_under_way_ = 0;
};

// About what the batch takes in memory.
size_t BytesOf(const WriteBatch& batch);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_LIVE_COMMIT_H_
