#include "ranker/rank_ticket.h"

#include <algorithm>

namespace foraker::ranker {
namespace {

// Between two questions whether the caller is still there: far below the time of a layer.
constexpr absl::Duration kWatch = absl::Milliseconds(5);

}  // namespace

absl::Status RankTicket::StillWanted() const {
  if (job_.cancelled && job_.cancelled()) return absl::CancelledError("the caller is gone");
  if (job_.deadline > absl::Now()) return absl::OkStatus();
  return absl::DeadlineExceededError("the deadline passed before the list was ranked");
}

absl::StatusOr<RankScores> RankTicket::Wait() {
  for (;;) {
    const absl::Time wake =
        job_.cancelled ? std::min(job_.deadline, absl::Now() + kWatch) : job_.deadline;
    {
      base::MutexLock lock(&mutex_);
      if (mutex_.AwaitUntil(
              [this] {
                mutex_.AssertHeld();
                return answer_.has_value();
              },
              wake)) {
        return *std::move(answer_);
      }
    }
    if (absl::Status status = StillWanted(); !status.ok()) {
      gone_.store(true, std::memory_order_relaxed);
      return status;
    }
  }
}

void RankTicket::Answer(absl::StatusOr<RankScores> answer) {
  base::MutexLock lock(&mutex_);
  answer_ = std::move(answer);
}

}  // namespace foraker::ranker
