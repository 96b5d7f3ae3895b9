#include "services/server/worker_pool.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace foraker::server {
namespace {

// One ForEach. Helpers may start after it has returned, when nothing is left: they share this state
// and touch `body` only for an index below `count`, which holds the caller back.
struct Loop {
  Loop(size_t n, absl::FunctionRef<void(size_t)> f) : count(n), body(f) {}

  void Work() {
    for (;;) {
      size_t index;
      {
        absl::MutexLock lock(&mutex);
        if (next == count) return;
        index = next++;
      }
      body(index);
      absl::MutexLock lock(&mutex);
      ++done;
    }
  }

  void Wait() {
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(
        +[](Loop* loop) ABSL_NO_THREAD_SAFETY_ANALYSIS { return loop->done == loop->count; },
        this));
  }

  const size_t count;
  const absl::FunctionRef<void(size_t)> body;
  absl::Mutex mutex;
  size_t next ABSL_GUARDED_BY(mutex) = 0;
  size_t done ABSL_GUARDED_BY(mutex) = 0;
};

}  // namespace

WorkerPool::WorkerPool(size_t threads, size_t queue) : max_queued_(queue) {
  threads = std::max<size_t>(threads, 1);
  workers_.reserve(threads);
  for (size_t i = 0; i < threads; ++i) workers_.emplace_back([this] { Work(); });
}

WorkerPool::~WorkerPool() {
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
  }
  for (std::thread& worker : workers_) worker.join();
}

bool WorkerPool::TrySubmit(Task task) {
  absl::MutexLock lock(&mutex_);
  if (ending_ || tasks_.size() >= max_queued_) return false;
  tasks_.push_back(std::move(task));
  return true;
}

bool WorkerPool::SubmitIfIdle(Task task) {
  absl::MutexLock lock(&mutex_);
  if (ending_ || tasks_.size() + running_ >= workers_.size()) return false;
  tasks_.push_back(std::move(task));
  return true;
}

void WorkerPool::ForEach(size_t count, absl::FunctionRef<void(size_t)> body) {
  const auto loop = std::make_shared<Loop>(count, body);
  for (size_t i = 1; i < count; ++i) {
    if (!SubmitIfIdle([loop] { loop->Work(); })) break;
  }
  loop->Work();
  loop->Wait();
}

void WorkerPool::AwaitIdle(absl::Time deadline) const {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithDeadline(absl::Condition(this, &WorkerPool::Idle), deadline);
}

size_t WorkerPool::queued() const {
  absl::MutexLock lock(&mutex_);
  return tasks_.size();
}

size_t WorkerPool::running() const {
  absl::MutexLock lock(&mutex_);
  return running_;
}

void WorkerPool::Work() {
  for (;;) {
    Task task;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &WorkerPool::Ready));
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
      ++running_;
    }
    task();
    task = nullptr;  // what it holds goes before the worker counts as free
    absl::MutexLock lock(&mutex_);
    --running_;
  }
}

}  // namespace foraker::server
