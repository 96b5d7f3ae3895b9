// Questions, steps and answers of the agent between the wire and the structs.
//
// FromProto of a request checks what the wire alone can get wrong (kInvalidArgument naming the
// path, "budget.time: ..."); how large a budget may be is the agent's to check. A step's passages
// travel with it, so a client puts the trajectory together from the steps (AddStep). FromProto of a
// reply: kInternal when it makes no sense; unknown fields and features of a newer server are
// ignored.

#ifndef FORAKER_SERVICES_CONVERT_AGENT_H_
#define FORAKER_SERVICES_CONVERT_AGENT_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/agent.h"
#include "foraker/v1/agent.pb.h"
#include "retrieval/api/limits.h"

namespace foraker::convert {

// `unset`: what a budget has where the request leaves it out. Deadline, cancellation and caller are
// the call's.
absl::StatusOr<agent::AskRequest> FromProto(const v1::AskRequest& from, const agent::Budget& unset,
                                            const retrieval::RequestLimits& limits);
void ToProto(const agent::AskRequest& from, v1::AskRequest& to);

// `trajectory` holds what the step read.
void ToProto(const agent::Step& step, const agent::Trajectory& trajectory, v1::Step& to);
// Adds the step and what it read.
absl::Status AddStep(const v1::Step& from, agent::Trajectory& trajectory);

// All but the trajectory.
void ToProto(const agent::AskResult& from, v1::AskResult& to);
absl::StatusOr<agent::AskResult> FromProto(const v1::AskResult& from);

}  // namespace foraker::convert

#endif  // FORAKER_SERVICES_CONVERT_AGENT_H_
