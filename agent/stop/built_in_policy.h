// The text of the stop policy that is part of the program: models/stop-policy/stop_policy.json, put
// into a source file by the build.

#ifndef FORAKER_AGENT_STOP_BUILT_IN_POLICY_H_
#define FORAKER_AGENT_STOP_BUILT_IN_POLICY_H_

#include <string_view>

namespace foraker::agent {

extern const std::string_view kBuiltInPolicyJson;

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_STOP_BUILT_IN_POLICY_H_
