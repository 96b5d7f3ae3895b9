#include "agent/budget.h"

#include <algorithm>
#include <limits>

namespace foraker::agent {
namespace {

constexpr absl::Duration kMargin = absl::Milliseconds(50);

template <typename Count>
Count Left(Count limit, Count spent) {
  return spent < limit ? limit - spent : 0;
}

}  // namespace

std::string_view StoppedByName(StoppedBy stopped_by) {
  switch (stopped_by) {
    case StoppedBy::kFinished:
      return "finished";
    case StoppedBy::kExhausted:
      return "exhausted";
    case StoppedBy::kSearches:
      return "searches";
    case StoppedBy::kPassages:
      return "passages";
    case StoppedBy::kTokens:
      return "tokens";
    case StoppedBy::kTime:
      return "time";
    case StoppedBy::kDeadline:
      return "deadline";
    case StoppedBy::kToolFailure:
      return "tool_failure";
  }
  return "unknown";
}

Meter::Meter(const Budget& budget, absl::Time start) : budget_(budget) {
  const absl::Time by_time = start + budget.time;
  ends_by_deadline_ = budget.deadline < by_time;
  const absl::Time limit = std::min(by_time, budget.deadline);
  ends_ = limit - std::clamp((limit - start) / 10, absl::ZeroDuration(), kMargin);
}

std::optional<StoppedBy> Meter::OutOfTime(absl::Time now) const {
  if (now < ends_) return std::nullopt;
  return ends_by_deadline_ ? StoppedBy::kDeadline : StoppedBy::kTime;
}

std::optional<StoppedBy> Meter::Spent(absl::Time now) const {
  if (const std::optional<StoppedBy> time = OutOfTime(now)) return time;
  if (searches_left() == 0) return StoppedBy::kSearches;
  if (passages_left() == 0) return StoppedBy::kPassages;
  if (tokens_left() == 0) return StoppedBy::kTokens;
  return std::nullopt;
}

uint32_t Meter::searches_left() const { return Left(budget_.searches, bill_.searches); }

uint32_t Meter::passages_left() const { return Left(budget_.passages, bill_.passages); }

uint64_t Meter::tokens_left() const {
  if (budget_.tokens == 0) return std::numeric_limits<uint64_t>::max();
  return Left(budget_.tokens, bill_.passage_tokens + bill_.chat_tokens_in + bill_.chat_tokens_out);
}

absl::Duration Meter::calls() const {
  const StageTimes& times = bill_.times;
  return times.search + times.rank + times.links + times.chat;
}

}  // namespace foraker::agent
