// The planner with a language model: FrugalRAG's ReAct prompt, a chat call a step.
//
// A reply that cannot be understood goes back to the model with what was wrong, a bounded number
// of times and less coldly each time, since at temperature 0 it would say the same again. Thoughts
// are passed on as they come; where a reply is asked for again, the next thought begins a new line.
//
// One planner serves one run, on one thread. Errors: kInvalidArgument for examples that do not
// parse; later the session's, and kDataLoss when no reply could be understood.

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
  std::string examples = {};           // as a file holds them (examples.h); empty: built in
  StopMode stop = StopMode::kLearned;  // kNever: the prompt has no `finish` tool
  uint32_t passages_per_search = 0;    // 0: the planner's choice, the paper's three
  uint32_t tries = 3;                  // replies a step
};

absl::StatusOr<std::unique_ptr<Planner>> MakeLlmPlanner(const LlmPlannerOptions& options);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LLM_LLM_PLANNER_H_
