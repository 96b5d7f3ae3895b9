#include "services/server/worker_pool.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/time/clock.h"

namespace foraker::server {
namespace {

// A caller's thread is kept from its own work for as long as this, at most by forecast.
constexpr double kShortSeconds = .001;

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

WorkerPool::WorkerPool(const Options& options) : options_(options) {
  const size_t threads = std::max<size_t>(options.threads, 1);
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

bool WorkerPool::Submit(FairQueue::Entry entry) {
  std::vector<FairQueue::Entry> evicted;
  bool accepted = false;
  {
    const std::lock_guard lock(mutex_);
    // A batch may fill a part of the places, not all: calls beside it must find some.
    entry.cost.places = std::min(entry.cost.places, std::max<size_t>(options_.places / 4, 1));
    accepted = !ending_ && queue_.Push(entry, Limits(), evicted);
  }
  if (accepted) changed_.notify_one();
  for (FairQueue::Entry& out : evicted) out.task(Turn::kRefused);
  return accepted;
}

bool WorkerPool::RunHere(FairQueue::Entry& entry) {
  std::unique_lock lock(mutex_);
  const bool free = !ending_ && queue_.empty() && aids_.empty() && running_ < workers_.size() &&
                    guests_ < options_.guests;
  if (!free || !IsShort(entry.cost.work)) return false;
  std::vector<FairQueue::Entry> evicted;  // none: an empty queue takes anything
  queue_.Push(entry, Limits(), evicted);
  ++guests_;
  RunEntry(lock);
  --guests_;
  if (queue_.empty() && aids_.empty() && running_ == 0) idle_.notify_all();
  return true;
}

bool WorkerPool::IsShort(double work) const {
  return recent_work_ > 0 && work * recent_seconds_ / recent_work_ <= kShortSeconds;
}

bool WorkerPool::SubmitIfIdle(Aid aid) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_ || !HasIdle()) return false;
    aids_.push_back(std::move(aid));
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
                        [this] { return queue_.empty() && aids_.empty() && running_ == 0; });
}

size_t WorkerPool::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.entries();
}

size_t WorkerPool::running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

absl::Duration WorkerPool::Backlog() const {
  const std::lock_guard lock(mutex_);
  return BacklogLocked();
}

absl::Duration WorkerPool::BacklogLocked() const {
  if (recent_work_ <= 0) return absl::ZeroDuration();
  return absl::Seconds(queue_.work() * recent_seconds_ / recent_work_ /
                       static_cast<double>(workers_.size()));
}

bool WorkerPool::HasIdle() const {
  return queue_.entries() + aids_.size() + running_ < workers_.size();
}

QueueLimits WorkerPool::Limits() const {
  // What comes while a worker is idle does not wait.
  constexpr size_t kNone = std::numeric_limits<size_t>::max();
  if (HasIdle()) return {.places = kNone, .bytes = kNone};
  QueueLimits limits{.places = options_.places, .bytes = options_.bytes};
  if (recent_seconds_ > 0) {
    limits.work = absl::ToDoubleSeconds(options_.max_wait) * static_cast<double>(workers_.size()) *
                  recent_work_ / recent_seconds_;
  }
  return limits;
}

void WorkerPool::Learn(double work, absl::Duration took) {
  constexpr double kKept = 0.99;  // a mean over some 100 tasks
  recent_work_ = kKept * recent_work_ + work;
  recent_seconds_ = kKept * recent_seconds_ + absl::ToDoubleSeconds(took);
}

void WorkerPool::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !queue_.empty() || !aids_.empty(); });
    if (!aids_.empty()) {
      RunAid(lock);
    } else if (!queue_.empty()) {
      RunEntry(lock);
    } else {
      return;
    }
    if (queue_.empty() && aids_.empty() && running_ == 0) idle_.notify_all();
  }
}

void WorkerPool::RunAid(std::unique_lock<std::mutex>& lock) {
  Aid aid = std::move(aids_.front());
  aids_.pop_front();
  ++running_;
  lock.unlock();
  aid();
  aid = nullptr;  // what it holds goes before the worker counts as free
  lock.lock();
  --running_;
}

void WorkerPool::RunEntry(std::unique_lock<std::mutex>& lock) {
  FairQueue::Entry entry = queue_.Pop();
  ++running_;
  lock.unlock();
  const absl::Time start = absl::Now();
  const double work = entry.task(Turn::kRun);
  entry.task = nullptr;
  const absl::Duration took = absl::Now() - start;
  lock.lock();
  --running_;
  queue_.End(entry.key, work - entry.cost.work);
  if (work > 0) Learn(work, took);
}

}  // namespace foraker::server
