// Sessions of one analyzer for callers on any number of threads: borrowed for a call, kept for the
// next. As many exist as were ever borrowed at once. Thread-safe; must outlive what it lends.

#ifndef FORAKER_MODEL_ANALYZER_SESSION_POOL_H_
#define FORAKER_MODEL_ANALYZER_SESSION_POOL_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "model/analyzer/analyzer.h"

namespace foraker::model {

class SessionPool {
 public:
  class Lease {
   public:
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (session_ != nullptr) pool_->Return(std::move(session_));
    }
    Analyzer::Session& operator*() const { return *session_; }
    Analyzer::Session* operator->() const { return session_.get(); }

   private:
    friend class SessionPool;
    Lease(SessionPool* pool, std::unique_ptr<Analyzer::Session> session)
        : pool_(pool), session_(std::move(session)) {}

    SessionPool* pool_;
    std::unique_ptr<Analyzer::Session> session_;
  };

  explicit SessionPool(std::shared_ptr<const Analyzer> analyzer) : analyzer_(std::move(analyzer)) {}

  const Analyzer& analyzer() const { return *analyzer_; }

  Lease Borrow() {
    {
      base::MutexLock lock(&mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<Analyzer::Session> session = std::move(idle_.back());
        idle_.pop_back();
        return Lease(this, std::move(session));
      }
    }
    return Lease(this, analyzer_->NewSession());
  }

 private:
  void Return(std::unique_ptr<Analyzer::Session> session) {
    base::MutexLock lock(&mutex_);
    idle_.push_back(std::move(session));
  }

  const std::shared_ptr<const Analyzer> analyzer_;
  base::Mutex mutex_;
  std::vector<std::unique_ptr<Analyzer::Session>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ANALYZER_SESSION_POOL_H_
