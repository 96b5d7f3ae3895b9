#include "services/server/worker_pool.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

namespace foraker::server {
namespace {

// One ForEach. Helpers may start after it has returned, when nothing is left: they share this state
// and touch `body` only for an index below `count`, which holds the caller back.
struct Loop {
  Loop(size_t n, absl::FunctionRef<void(size_t)> f) : count(n), body(f) {}

  void Work() {
    std::unique_lock lock(mutex);
    while (next < count) {
      const size_t index = next++;
      lock.unlock();
      body(index);
      lock.lock();
      if (++done == count) finished.notify_all();
    }
  }

  void Wait() {
    std::unique_lock lock(mutex);
    finished.wait(lock, [this] { return done == count; });
  }

  const size_t count;
  const absl::FunctionRef<void(size_t)> body;
  std::mutex mutex;  // guards the two below
  size_t next = 0, done = 0;
  std::condition_variable finished;
};

}  // namespace

WorkerPool::WorkerPool(size_t threads, size_t queue) : max_queued_(queue) {
  threads = std::max<size_t>(threads, 1);
  workers_.reserve(threads);
  for (size_t i = 0; i < threads; ++i) workers_.emplace_back([this] { Work(); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

bool WorkerPool::TrySubmit(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_ || tasks_.size() >= max_queued_) return false;
    tasks_.push_back(std::move(task));
  }
  changed_.notify_one();
  return true;
}

bool WorkerPool::SubmitIfIdle(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_ || tasks_.size() + running_ >= workers_.size()) return false;
    tasks_.push_back(std::move(task));
  }
  changed_.notify_one();
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

bool WorkerPool::AwaitIdle(absl::Duration patience) const {
  std::unique_lock lock(mutex_);
  return idle_.wait_for(lock, absl::ToChronoNanoseconds(patience),
                        [this] { return tasks_.empty() && running_ == 0; });
}

size_t WorkerPool::queued() const {
  const std::lock_guard lock(mutex_);
  return tasks_.size();
}

size_t WorkerPool::running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

void WorkerPool::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    ++running_;
    lock.unlock();
    task();
    task = nullptr;  // what it holds goes before the worker counts as free
    lock.lock();
    --running_;
    if (tasks_.empty() && running_ == 0) idle_.notify_all();
  }
}

}  // namespace foraker::server
