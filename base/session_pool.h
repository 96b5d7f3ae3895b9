// Sessions of one maker for callers on any number of threads: borrowed for a call, kept for the
// next. As many exist as were ever borrowed at once.
//
// A maker has a type Session and a const NewSession() that gives a unique_ptr of one; it is safe
// for concurrent use where its sessions are not. Thread-safe; must outlive what it lends.

#ifndef FORAKER_BASE_SESSION_POOL_H_
#define FORAKER_BASE_SESSION_POOL_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"

namespace foraker::base {

template <typename Maker>
class SessionPool {
 public:
  using Session = typename Maker::Session;

  class Lease {
   public:
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (session_ != nullptr) pool_->Return(std::move(session_));
    }
    Session& operator*() const { return *session_; }
    Session* operator->() const { return session_.get(); }

   private:
    friend class SessionPool;
    Lease(SessionPool* pool, std::unique_ptr<Session> session)
        : pool_(pool), session_(std::move(session)) {}

    SessionPool* pool_;
    std::unique_ptr<Session> session_;
  };

  explicit SessionPool(std::shared_ptr<const Maker> maker) : maker_(std::move(maker)) {}

  const Maker& maker() const { return *maker_; }

  Lease Borrow() {
    {
      MutexLock lock(&mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<Session> session = std::move(idle_.back());
        idle_.pop_back();
        return Lease(this, std::move(session));
      }
    }
    return Lease(this, maker_->NewSession());
  }

 private:
  void Return(std::unique_ptr<Session> session) {
    MutexLock lock(&mutex_);
    idle_.push_back(std::move(session));
  }

  const std::shared_ptr<const Maker> maker_;
  Mutex mutex_;
  std::vector<std::unique_ptr<Session>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace foraker::base

#endif  // FORAKER_BASE_SESSION_POOL_H_
