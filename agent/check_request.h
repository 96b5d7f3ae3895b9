// What a question may ask of an agent: the largest values come from its options, the rest from what
// later stages take.
//
// Errors: kInvalidArgument naming the field, what it holds and what was expected. Pure.

#ifndef FORAKER_AGENT_CHECK_REQUEST_H_
#define FORAKER_AGENT_CHECK_REQUEST_H_

#include "absl/status/status.h"
#include "agent/agent.h"
#include "agent/local_agent.h"

namespace foraker::agent {

absl::Status CheckRequest(const AskRequest& request, const AgentOptions& options);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_CHECK_REQUEST_H_
