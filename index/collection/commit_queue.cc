#include "index/collection/commit_queue.h"

namespace foraker::index {

void CommitQueue::Commit(PendingWrite& pending, size_t max_bytes,
                         absl::FunctionRef<void(Group)> commit) {
  {
    const base::MutexLock lock(&mutex_);
    waiting_.push_back(&pending);
  }
  while (true) {
    std::vector<PendingWrite*> group;
    {
      const base::MutexLock lock(&mutex_);
      mutex_.Await([&] {
        mutex_.AssertHeld();
        return pending.done || !committing_;
      });
      if (pending.done) return;
      committing_ = true;
      group = TakeGroup(max_bytes);
    }
    commit(group);
    const base::MutexLock lock(&mutex_);
    committing_ = false;
  }
}

std::vector<PendingWrite*> CommitQueue::TakeGroup(size_t max_bytes) {
  std::vector<PendingWrite*> group;
  size_t bytes = 0;
  while (!waiting_.empty() && (group.empty() || bytes + waiting_.front()->bytes <= max_bytes)) {
    bytes += waiting_.front()->bytes;
    group.push_back(waiting_.front());
    waiting_.pop_front();
  }
  return group;
}

std::vector<PendingWrite*> CommitQueue::Release(Group group, WaitFor reached) {
  std::vector<PendingWrite*> waiting;
  const base::MutexLock lock(&mutex_);
  for (PendingWrite* pending : group) {
    if (pending->wait == WaitFor::kSearchable && reached == WaitFor::kLog) {
      waiting.push_back(pending);
    } else {
      pending->done = true;
    }
  }
  return waiting;
}

void CommitQueue::Pause() {
  const base::MutexLock lock(&mutex_);
  mutex_.Await([this] {
    mutex_.AssertHeld();
    return !committing_;
  });
  committing_ = true;
}

void CommitQueue::Resume() {
  const base::MutexLock lock(&mutex_);
  committing_ = false;
}

}  // namespace foraker::index
