// Decides what a run does next. Implementations: extractive (agent/extractive), which needs no
// language model, and llm (agent/llm).
//
// One planner serves one run, on one thread, and may keep what it has worked out. Step 0, the
// question itself, is not a planner's: the loop makes it. Errors: the session's; an error of time
// ends the run well, any other after its retries is a tool failure.

#ifndef FORAKER_AGENT_PLANNER_H_
#define FORAKER_AGENT_PLANNER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "agent/session.h"
#include "agent/trajectory.h"

namespace foraker::agent {

struct Action {
  std::string thought;
  Tool tool = Tool::kFinish;
  SearchQuery query;  // of kSearch
  std::optional<StopDecision> decision;
  // Of kFinish: there was nothing left to search for, whatever a stop policy says.
  bool exhausted = false;
  // Of kFinish: so many more passages of what the last search found are read, as far as the budget
  // goes. No search is made for them.
  uint32_t read_on = 0;
};

class Planner {
 public:
  virtual ~Planner() = default;
  // How many passages step 0 reads; the query of later steps says it itself.
  virtual uint32_t FirstPassages(const Budget& budget) const = 0;
  // `on_thought` (may be null) gets the thought as it comes, where it comes in pieces.
  virtual absl::StatusOr<Action> Next(const Trajectory& trajectory, Session& session,
                                      const OnText& on_thought) = 0;
};

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_PLANNER_H_
