// The agent in this process: checks a request, makes its planner and answerer, runs the loop on one
// pinned snapshot, answers, and writes the trace where one is wanted.
//
// Thread-safe. `services` gives what answers calls at the time of each question.

#ifndef FORAKER_AGENT_LOCAL_AGENT_H_
#define FORAKER_AGENT_LOCAL_AGENT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "agent/agent.h"
#include "agent/live_backend.h"
#include "agent/stop/stop_policy.h"

namespace foraker::agent {

struct AgentOptions {
  StopPolicy stop_policy = StopPolicy::BuiltIn();
  std::string
      examples;  // few-shot examples of the llm planner (agent/llm/prompt.h); empty: built in
  std::string chat_model;  // its name, for traces
  // Largest values of a request's budget.
  uint32_t max_searches = 32;
  uint32_t max_passages = 500;
  absl::Duration max_time = absl::Minutes(10);
};

using ServicesOf = std::function<absl::StatusOr<Services>(const AskRequest&)>;

std::unique_ptr<Agent> MakeLocalAgent(ServicesOf services, AgentOptions options = {});

// One question on any backend: what MakeLocalAgent and a replay share.
absl::StatusOr<AskResult> RunQuestion(const AskRequest& request, const AgentOptions& options,
                                      Backend& backend, const AskEvents& events);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LOCAL_AGENT_H_
