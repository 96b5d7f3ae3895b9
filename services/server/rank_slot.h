// Where calls find the model that ranks: nothing where the settings name none, and nothing yet
// while it is being loaded.
//
// Thread-safe. Whoever got it may use it as long as it holds the pointer.

#ifndef FORAKER_SERVICES_SERVER_RANK_SLOT_H_
#define FORAKER_SERVICES_SERVER_RANK_SLOT_H_

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "foraker/v1/rank.pb.h"
#include "ranker/scheduler.h"
#include "retrieval/api/reranker.h"
#include "services/server/call.h"

namespace foraker::server {

struct ServedRanker {
  std::shared_ptr<retrieval::Reranker> reranker;
  v1::RankModel model;  // what GetRankModel answers
  std::function<ranker::SchedulerStats()> stats;
};

class RankSlot {
 public:
  // `expected`: the settings name a model.
  explicit RankSlot(bool expected) : expected_(expected) {}

  void Set(ServedRanker ranker) {
    const std::lock_guard lock(mutex_);
    ranker_ = std::make_shared<const ServedRanker>(std::move(ranker));
  }

  // kFailedPrecondition where there is no model, kUnavailable while it is loaded.
  absl::StatusOr<std::shared_ptr<const ServedRanker>> Get() const {
    const std::lock_guard lock(mutex_);
    if (ranker_ != nullptr) return ranker_;
    if (expected_) {
      return absl::UnavailableError("the ranking model is still being loaded; retry shortly");
    }
    return absl::FailedPreconditionError(
        "this server has no ranking model: set rank.model to the model's directory "
        "(foraker serve --rank-model DIR)");
  }

  bool expected() const { return expected_; }

  // Whose list it is, how long it may take, and who may end it: the call's client, or CancelAll.
  void Bind(const Call& call, retrieval::RankOptions& options) const {
    options.caller = call.Caller();
    options.deadline = call.deadline;
    options.cancelled = [this, cancelled = call.cancelled] { return cancelling_ || cancelled(); };
  }
  // What is under way ends with kCancelled, as does what comes.
  void CancelAll() { cancelling_ = true; }

 private:
  const bool expected_;
  std::atomic<bool> cancelling_ = false;
  mutable std::mutex mutex_;
  std::shared_ptr<const ServedRanker> ranker_;
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_RANK_SLOT_H_
