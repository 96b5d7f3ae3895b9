// The threads that calls run on, and the queue before them. Both are bounded: what does not fit is
// refused at once, so that an overloaded server answers quickly and its memory stays where it is.
//
// Thread-safe. Tasks must not block on other tasks of the pool; ForEach is the way to split one.

#ifndef FORAKER_SERVICES_SERVER_WORKER_POOL_H_
#define FORAKER_SERVICES_SERVER_WORKER_POOL_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace foraker::server {

class WorkerPool {
 public:
  using Task = absl::AnyInvocable<void()>;

  // At least one thread; `queue` tasks may wait.
  WorkerPool(size_t threads, size_t queue);
  ~WorkerPool();  // runs what was accepted, then ends
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False: the queue is full, or the pool ends; the task is dropped.
  bool TrySubmit(Task task);

  // body(0) ... body(count - 1), once each, in any order. The caller works through them; workers
  // that have nothing to do help. Returns when all have ended. May be called from a task.
  void ForEach(size_t count, absl::FunctionRef<void(size_t)> body);

  // Waits until nothing waits or runs, or until `deadline`.
  void AwaitIdle(absl::Time deadline) const;

  size_t threads() const { return workers_.size(); }
  size_t queued() const;
  size_t running() const;

 private:
  void Work();
  bool SubmitIfIdle(Task task);
  bool Idle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return tasks_.empty() && running_ == 0;
  }
  bool Ready() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return ending_ || !tasks_.empty(); }

  const size_t max_queued_;
  mutable absl::Mutex mutex_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  size_t running_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> workers_;
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_WORKER_POOL_H_
