// Mutual exclusion, with Abseil's annotations and waiting on a condition, on the standard mutex.
//
// Not absl::Mutex: ThreadSanitizer does not see what the packaged, uninstrumented Abseil locks, and
// reports all that it guards. The standard one it knows.

#ifndef FORAKER_BASE_MUTEX_H_
#define FORAKER_BASE_MUTEX_H_

#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"

namespace foraker::base {

class ABSL_LOCKABLE Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { mutex_.lock(); }
  bool TryLock() ABSL_EXCLUSIVE_TRYLOCK_FUNCTION(true) { return mutex_.try_lock(); }
  void Unlock() ABSL_UNLOCK_FUNCTION() {
    // Before the unlock: who waits may destroy the mutex as soon as it can lock it.
    if (waiters_ > 0) unlocked_.notify_all();
    mutex_.unlock();
  }

  // Waits, unlocked, until `condition` holds; returns with the mutex locked. The condition depends
  // on what the mutex guards, and is evaluated with it locked.
  template <typename Condition>
  void Await(Condition condition) ABSL_EXCLUSIVE_LOCKS_REQUIRED(this) {
    std::unique_lock lock(mutex_, std::adopt_lock);
    // Falling asleep unlocks too, and the caller may have changed what others wait for.
    if (waiters_ > 0 && !condition()) unlocked_.notify_all();
    ++waiters_;
    unlocked_.wait(lock, condition);
    --waiters_;
    lock.release();
  }

  // The same, but no longer than until `deadline`; returns whether the condition holds.
  template <typename Condition>
  bool AwaitUntil(Condition condition, absl::Time deadline) ABSL_EXCLUSIVE_LOCKS_REQUIRED(this) {
    std::unique_lock lock(mutex_, std::adopt_lock);
    if (waiters_ > 0 && !condition()) unlocked_.notify_all();
    ++waiters_;
    const bool holds = unlocked_.wait_until(lock, absl::ToChronoTime(deadline), condition);
    --waiters_;
    lock.release();
    return holds;
  }

  // For the static analysis, which does not look into lambdas.
  void AssertHeld() const ABSL_ASSERT_EXCLUSIVE_LOCK() {}

 private:
  std::mutex mutex_;
  std::condition_variable unlocked_;
  size_t waiters_ = 0;  // guarded by mutex_
};

class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex* mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) : mutex_(mutex) {
    mutex_->Lock();
  }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { mutex_->Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex* const mutex_;
};

}  // namespace foraker::base

#endif  // FORAKER_BASE_MUTEX_H_
