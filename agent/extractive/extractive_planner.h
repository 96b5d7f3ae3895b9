// The planner without a language model: what is still unanswered of the question, and the titles
// mentioned in what was read, make the next query; a stop policy says whether it is worth making.
//
// One planner serves one run, on one thread. Errors: the session's.

#ifndef FORAKER_AGENT_EXTRACTIVE_EXTRACTIVE_PLANNER_H_
#define FORAKER_AGENT_EXTRACTIVE_EXTRACTIVE_PLANNER_H_

#include <cstdint>
#include <memory>

#include "agent/agent.h"
#include "agent/planner.h"
#include "agent/stop/stop_policy.h"

namespace foraker::agent {

struct ExtractiveOptions {
  StopPolicy stop_policy = StopPolicy::BuiltIn();  // not asked where `stop` is kNever
  StopMode stop = StopMode::kLearned;
  uint32_t passages_per_search = 0;  // 0: the planner's choice
};

std::unique_ptr<Planner> MakeExtractivePlanner(const ExtractiveOptions& options);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_EXTRACTIVE_EXTRACTIVE_PLANNER_H_
