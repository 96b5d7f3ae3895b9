#include "services/client/retry.h"

#include <algorithm>

namespace foraker::client {
namespace {

constexpr absl::Duration kFirstWait = absl::Milliseconds(50);
constexpr absl::Duration kLongestWait = absl::Seconds(2);
constexpr absl::Duration kAsk = absl::Milliseconds(50);  // between looks at who waits

}  // namespace

void Retries::Succeeded() {
  give_up_ = absl::Now() + patience_;
  next_wait_ = kFirstWait;
}

std::optional<absl::Duration> Retries::After(const Attempt& attempt) {
  const absl::Status& status = attempt.status;
  if (!absl::IsUnavailable(status) && !absl::IsResourceExhausted(status) &&
      !absl::IsCancelled(status)) {
    return std::nullopt;
  }
  const absl::Duration wait = std::max(attempt.retry_after, next_wait_);
  if (absl::Now() + wait > give_up_) return std::nullopt;
  next_wait_ = std::min(next_wait_ * 2, kLongestWait);
  return wait;
}

absl::Status WithRetries(absl::Duration patience, absl::FunctionRef<Attempt()> attempt) {
  Retries retries(patience);
  for (;;) {
    const Attempt ended = attempt();
    if (ended.status.ok()) return ended.status;
    const std::optional<absl::Duration> wait = retries.After(ended);
    if (!wait.has_value()) return ended.status;
    absl::SleepFor(*wait);
  }
}

bool SleepUnless(const std::function<bool()>& cancelled, absl::Duration wait) {
  const absl::Time end = absl::Now() + wait;
  while (absl::Now() < end) {
    if (cancelled && cancelled()) return false;
    absl::SleepFor(std::min(kAsk, end - absl::Now()));
  }
  return true;
}

}  // namespace foraker::client
