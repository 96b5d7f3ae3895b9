// Many questions asked of an agent, one after the other, with progress on standard error.

#ifndef FORAKER_SERVICES_CLI_QUESTION_RUNS_H_
#define FORAKER_SERVICES_CLI_QUESTION_RUNS_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/agent.h"
#include "agent/eval/judged_question.h"
#include "services/cli/latency.h"

namespace foraker::cli {

struct QuestionRuns {
  std::vector<agent::AskResult> results;  // one a question
  Latency latency;                        // of Ask, as its caller sees it
};

// Each with `request`, whose question is filled in. The first failure ends it, named by its
// question; so does Ctrl-C (kCancelled).
absl::StatusOr<QuestionRuns> AskQuestions(agent::Agent& agent, agent::AskRequest request,
                                          std::span<const agent::JudgedQuestion> questions,
                                          const std::string& stage);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_QUESTION_RUNS_H_
