#include "agent/check_request.h"

#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/string_view.h"
#include "retrieval/api/limits.h"

namespace foraker::agent {
namespace {

constexpr size_t kQuestionBytes = 16 << 10;

template <typename Value>
absl::Status CheckRange(std::string_view field, Value value, Value least, Value most) {
  if (value >= least && value <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(base::ToAbsl(field), ": ", value, "; expected ", least, " to ", most));
}

absl::Status CheckTime(absl::Duration time, absl::Duration most) {
  if (time > absl::ZeroDuration() && time <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("budget.time: ", absl::FormatDuration(time),
                                                 "; expected above 0 and at most ",
                                                 absl::FormatDuration(most)));
}

absl::Status CheckQuestion(const std::string& question) {
  if (absl::StripAsciiWhitespace(question).empty()) {
    return absl::InvalidArgumentError("question: empty; expected text");
  }
  if (question.size() <= kQuestionBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("question: ", question.size(), " bytes; expected at most ", kQuestionBytes));
}

}  // namespace

absl::Status CheckRequest(const AskRequest& request, const AgentOptions& options) {
  RETURN_IF_ERROR(CheckQuestion(request.question));
  const Budget& budget = request.budget;
  RETURN_IF_ERROR(CheckRange("budget.searches", budget.searches, 1u, options.max_searches));
  RETURN_IF_ERROR(CheckRange("budget.passages", budget.passages, 1u, options.max_passages));
  RETURN_IF_ERROR(CheckTime(budget.time, options.max_time));
  RETURN_IF_ERROR(
      CheckRange("passages_per_search", request.passages_per_search, 0u, options.max_passages));
  if (request.stop.threshold.has_value()) {
    RETURN_IF_ERROR(CheckRange("stop.threshold", *request.stop.threshold, 0.0, 1.0));
  }
  if (request.rerank.has_value()) {
    const auto most = static_cast<uint32_t>(retrieval::RequestLimits().candidates);
    RETURN_IF_ERROR(CheckRange("rerank.candidates", request.rerank->candidates, 1u, most));
  }
  return absl::OkStatus();
}

}  // namespace foraker::agent
