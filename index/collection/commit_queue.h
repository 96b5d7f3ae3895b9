// Group commit: writes that arrive while one is being committed wait, and are then committed
// together, by one of the waiting threads. So there is one sync for all of them.
//
// Thread-safe.

#ifndef FORAKER_INDEX_COLLECTION_COMMIT_QUEUE_H_
#define FORAKER_INDEX_COLLECTION_COMMIT_QUEUE_H_

#include <cstddef>
#include <deque>
#include <span>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "index/collection/write.h"

namespace foraker::index {

// Lives on the stack of the thread that waits for it.
struct PendingWrite {
  WriteBatch batch;
  WaitFor wait = WaitFor::kSearchable;
  size_t bytes = 0;  // of the batch
  absl::StatusOr<BatchResult> result = absl::UnknownError("not committed");
  bool done = false;  // the queue's
};

class CommitQueue {
 public:
  using Group = std::span<PendingWrite* const>;

  // Returns when a commit that holds `pending` has released it. `commit` is called by one thread at
  // a time with up to `max_bytes` of writes (at least one), in their order of arrival; it sets
  // their results and releases all of them.
  void Commit(PendingWrite& pending, size_t max_bytes, absl::FunctionRef<void(Group)> commit);

  // Of the group that is being committed, whoever waits for no more than `reached` goes on. Writes
  // that were released are gone: their owners may have returned. Returns those that still wait.
  std::vector<PendingWrite*> Release(Group group, WaitFor reached);

  // Keeps commits from running: none is running when it returns, and none will until Resume.
  void Pause();
  void Resume();

 private:
  std::vector<PendingWrite*> TakeGroup(size_t max_bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  base::Mutex mutex_;
  std::deque<PendingWrite*> waiting_ ABSL_GUARDED_BY(mutex_);
  bool committing_ ABSL_GUARDED_BY(mutex_) = false;  // or paused
};

// While it lives, nothing is committed.
class CommitPause {
 public:
  explicit CommitPause(CommitQueue& queue) : queue_(queue) { queue_.Pause(); }
  ~CommitPause() { queue_.Resume(); }
  CommitPause(const CommitPause&) = delete;
  CommitPause& operator=(const CommitPause&) = delete;

 private:
  CommitQueue& queue_;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_COMMIT_QUEUE_H_
