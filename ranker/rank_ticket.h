// One list on its way through the scheduler: its caller waits at the ticket for the answer, watches
// its own deadline and cancellation there, and leaves when either comes, whatever the list is
// doing. The pass that reads the list only looks whether somebody still wants it.
//
// Thread-safe: one thread waits, others answer. Shared by the caller, the queue and the pass.

#ifndef FORAKER_RANKER_RANK_TICKET_H_
#define FORAKER_RANKER_RANK_TICKET_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "ranker/scheduler.h"

namespace foraker::ranker {

class RankTicket {
 public:
  explicit RankTicket(RankJob job) : job_(std::move(job)) {}

  const RankJob& job() const { return job_; }
  uint32_t tokens() const { return static_cast<uint32_t>(job_.prompt.ids.size()); }
  absl::Time arrival() const { return arrival_; }

  // Of the caller: whether it has reason to go on waiting. kDeadlineExceeded, kCancelled.
  absl::Status StillWanted() const;
  // Of the caller: the answer, or the reason why it does not wait for it any more.
  absl::StatusOr<RankScores> Wait();
  bool gone() const { return gone_.load(std::memory_order_relaxed); }

  void Answer(absl::StatusOr<RankScores> answer);

 private:
  const RankJob job_;
  const absl::Time arrival_ = absl::Now();
  std::atomic<bool> gone_ = false;  // the caller has left
  base::Mutex mutex_;
  std::optional<absl::StatusOr<RankScores>> answer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_RANK_TICKET_H_
