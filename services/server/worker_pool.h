// The threads that calls run on, and the queue before them. Both are bounded: what does not fit is
// refused at once, so that an overloaded server answers quickly and its memory stays where it is.
//
// Thread-safe; built on the standard library's locks, which ThreadSanitizer sees into where
// packaged libraries hide theirs. Tasks must not block on other tasks of the pool; ForEach is the
// way to split one.

#ifndef FORAKER_SERVICES_SERVER_WORKER_POOL_H_
#define FORAKER_SERVICES_SERVER_WORKER_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
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

  // Until nothing waits or runs; false when that took longer than `patience`.
  bool AwaitIdle(absl::Duration patience) const;

  size_t threads() const { return workers_.size(); }
  size_t queued() const;
  size_t running() const;

 private:
  void Work();
  bool SubmitIfIdle(Task task);

  const size_t max_queued_;
  mutable std::mutex mutex_;              // guards all below but workers_
  std::condition_variable changed_;       // a task came, or the end
  mutable std::condition_variable idle_;  // nothing waits or runs
  std::deque<Task> tasks_;
  size_t running_ = 0;
  bool ending_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_WORKER_POOL_H_
