// The threads that calls run on, and the queue before them. Both are bounded: what does not fit is
// refused at once, so that an overloaded server answers quickly and its memory stays where it is.
// The queue is fair among keys (fair_queue.h). The pool learns how long a unit of work takes, so
// the queue is bounded by how long it would keep the last of it waiting, whatever calls cost.
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
#include "services/server/fair_queue.h"

namespace foraker::server {

class WorkerPool {
 public:
  struct Options {
    size_t threads = 1;
    size_t places = 256;                         // may wait
    size_t bytes = 64 << 20;                     // of requests that wait
    absl::Duration max_wait = absl::Seconds(1);  // forecast for the last that waits
    size_t guests = 0;                           // callers of RunHere at once
  };

  explicit WorkerPool(const Options& options);
  ~WorkerPool();  // runs what was accepted, then ends
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False: there is no room, or the pool ends; the task is not taken. Tasks that lose their place
  // to this one are called with Turn::kRefused, here.
  bool Submit(FairQueue::Entry entry);

  // Runs a task on the calling thread at once, as if its turn had come, when that spares a
  // hand-over and costs nobody a turn: nothing waits, a thread is free, and the task is forecast to
  // be short. False: it is not taken.
  bool RunHere(FairQueue::Entry& entry);

  // body(0) ... body(count - 1), once each, in any order. The caller works through them; workers
  // that have nothing to do help. Returns when all have ended. May be called from a task.
  void ForEach(size_t count, absl::FunctionRef<void(size_t)> body);

  // Until nothing waits or runs; false when that took longer than `patience`.
  bool AwaitIdle(absl::Duration patience) const;

  // How long what waits now will take; zero until something has run.
  absl::Duration Backlog() const;

  size_t queued() const;
  size_t running() const;

 private:
  using Aid = absl::AnyInvocable<void()>;  // part of a ForEach, for a worker that has nothing to do

  void Work();
  void RunAid(std::unique_lock<std::mutex>& lock);
  void RunEntry(std::unique_lock<std::mutex>& lock);
  bool SubmitIfIdle(Aid aid);
  bool IsShort(double work) const;
  bool HasIdle() const;
  QueueLimits Limits() const;
  absl::Duration BacklogLocked() const;
  void Learn(double work, absl::Duration took);

  const Options options_;
  mutable std::mutex mutex_;              // guards all below but workers_
  std::condition_variable changed_;       // a task came, or the end
  mutable std::condition_variable idle_;  // nothing waits or runs
  FairQueue queue_;
  std::deque<Aid> aids_;
  size_t running_ = 0;
  size_t guests_ = 0;  // of them, on threads of callers
  bool ending_ = false;
  // Of recent tasks, older ones counting less.
  double recent_work_ = 0, recent_seconds_ = 0;
  std::vector<std::thread> workers_;
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_WORKER_POOL_H_
