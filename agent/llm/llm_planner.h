// The planner with a language model: FrugalRAG's ReAct prompt, a chat call a step.
//
// One planner serves one run, on one thread. Errors: kInvalidArgument for examples that do not
// parse; later the session's.

#ifndef FORAKER_AGENT_LLM_LLM_PLANNER_H_
#define FORAKER_AGENT_LLM_LLM_PLANNER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "agent/agent.h"
#include "agent/planner.h"

namespace foraker::agent {

struct LlmPlannerOptions {
  std::string examples;                // few-shot examples; empty: built in
  StopMode stop = StopMode::kLearned;  // kNever: the prompt has no `finish` tool
  uint32_t passages_per_search = 0;    // 0: the planner's choice
};

absl::StatusOr<std::unique_ptr<Planner>> MakeLlmPlanner(const LlmPlannerOptions& options);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LLM_LLM_PLANNER_H_
