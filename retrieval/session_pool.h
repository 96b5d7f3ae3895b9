// Analyzer sessions to borrow: making one is dear (an ICU iterator, a stemmer, a memo of words),
// and each serves one thread at a time.
//
// Thread-safe. A borrowed session goes back when its pointer is destroyed, which must be before the
// pool is. Idle sessions are kept up to a bound, about one a thread that searches.

#ifndef FORAKER_RETRIEVAL_SESSION_POOL_H_
#define FORAKER_RETRIEVAL_SESSION_POOL_H_

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "model/analyzer/analyzer.h"

namespace foraker::retrieval {

class SessionPool {
 public:
  class GiveBack {
   public:
    explicit GiveBack(SessionPool* pool = nullptr) : pool_(pool) {}
    void operator()(model::Analyzer::Session* session) const {
      pool_->Return(std::unique_ptr<model::Analyzer::Session>(session));
    }

   private:
    SessionPool* pool_;
  };
  using Borrowed = std::unique_ptr<model::Analyzer::Session, GiveBack>;

  explicit SessionPool(std::shared_ptr<const model::Analyzer> analyzer)
      : analyzer_(std::move(analyzer)) {}

  Borrowed Borrow() {
    std::unique_ptr<model::Analyzer::Session> session = TakeIdle();
    if (session == nullptr) session = analyzer_->NewSession();
    return Borrowed(session.release(), GiveBack(this));
  }

 private:
  static constexpr size_t kMaxIdle = 32;

  std::unique_ptr<model::Analyzer::Session> TakeIdle() {
    const absl::MutexLock lock(&mutex_);
    if (idle_.empty()) return nullptr;
    std::unique_ptr<model::Analyzer::Session> session = std::move(idle_.back());
    idle_.pop_back();
    return session;
  }
  void Return(std::unique_ptr<model::Analyzer::Session> session) {
    const absl::MutexLock lock(&mutex_);
    if (idle_.size() < kMaxIdle) idle_.push_back(std::move(session));
  }

  const std::shared_ptr<const model::Analyzer> analyzer_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<model::Analyzer::Session>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_SESSION_POOL_H_
