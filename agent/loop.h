// The trajectory engine: a state machine that knows its planner, its tools and its budget, and
// nothing of clocks, threads or services.
//
//   pin; step 0: search the question ─► read ─┐
//        ┌────────────────────────────────────┘
//        ▼
//   a limit spent? ─yes─► done
//        │ no
//   planner: next action ─finish─► done
//        │ search
//   words searched before? ─yes─► observation "already searched", back to the planner
//        │ no
//   search [─► rerank] ─► read what is new ─► step ─► up
//
// Reading takes the best passages that no earlier step has read, until the step has enough of them
// or the budget has no room for the next one, which is then not read. A planner that ends the run
// may have it read on in what the last search found. A refused or failed call is a step with an
// error in its observation, which the planner sees; after Options::failures of them in a row the
// run ends (kToolFailure), and at once where what the planner needs is denied. What fails because
// time or tokens are spent ends the run by that limit. The same inputs and replies give the same
// bytes.
//
// Pure but for what the session does. Errors: those of pinning and of step 0's search, unless they
// are a limit's; kCancelled. Everything else ends well.

#ifndef FORAKER_AGENT_LOOP_H_
#define FORAKER_AGENT_LOOP_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "agent/agent.h"
#include "agent/planner.h"
#include "agent/session.h"

namespace foraker::agent {

struct LoopOptions {
  uint32_t failures = 4;  // in a row
};

struct LoopResult {
  Trajectory trajectory;
  StoppedBy stopped_by = StoppedBy::kFinished;
};

// Of `request` it takes question, budget, passages_per_search and rerank.
absl::StatusOr<LoopResult> RunLoop(const AskRequest& request, Planner& planner, Session& session,
                                   const AskEvents& events, const LoopOptions& options = {});

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LOOP_H_
