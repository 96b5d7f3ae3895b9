// The end of a run: the answer is made by the first of several answerers that can, so that a run
// which spent its budget, or lost its language model, still has the best answer that can be given.
//
// Errors: kCancelled alone. When the last answerer fails too, the answer is "not found" and the
// reason says why.

#ifndef FORAKER_AGENT_ANSWERING_H_
#define FORAKER_AGENT_ANSWERING_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/answer/answerer.h"
#include "agent/loop.h"
#include "agent/session.h"

namespace foraker::agent {

// Bills the time. A run that ended by its planner's wish and then met a limit here was stopped by
// that limit. No answerers: an empty answer.
absl::StatusOr<Answer> MakeAnswer(const std::vector<std::unique_ptr<Answerer>>& answerers,
                                  LoopResult& run, Session& session);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_ANSWERING_H_
