// The Agent service's method over messages, without a transport: check, convert, run, hand on what
// happens. gRPC (agent_service) and HTTP (services/http) both call it.
//
// A run waits for the models, so it must not run on the threads of searches. Thread-safe. Errors:
// kInvalidArgument naming the field path, kFailedPrecondition where a model is asked for that this
// server does not have, kUnavailable while what a run needs is being opened, else the agent's
// (agent/agent.h).

#ifndef FORAKER_SERVICES_SERVER_AGENT_API_H_
#define FORAKER_SERVICES_SERVER_AGENT_API_H_

#include <atomic>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "agent/local_agent.h"
#include "foraker/v1/agent.pb.h"
#include "retrieval/api/limits.h"
#include "services/server/agent_backends.h"
#include "services/server/call.h"
#include "services/server/metrics.h"

namespace foraker::server {

// Takes what a run has to tell, on the run's thread, which it may keep waiting until the time
// given: the run is over then anyway.
using SendAskEvent = std::function<void(v1::AskResponse event, absl::Time until)>;

class AgentApi {
 public:
  // Borrows `backends` and `metrics`.
  AgentApi(AgentBackends& backends, Metrics& metrics, agent::AgentOptions options,
           const retrieval::RequestLimits& limits)
      : backends_(backends), metrics_(metrics), options_(std::move(options)), limits_(limits) {}

  // The last event is the result.
  absl::Status Ask(const v1::AskRequest& request, Call& call, const SendAskEvent& send);

  // Runs under way end with kCancelled, as do those that come.
  void CancelAll() { cancelling_ = true; }

 private:
  absl::StatusOr<agent::AskRequest> Read(const v1::AskRequest& request, const Call& call) const;

  AgentBackends& backends_;
  Metrics& metrics_;
  const agent::AgentOptions options_;
  const retrieval::RequestLimits limits_;
  std::atomic<bool> cancelling_ = false;
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_AGENT_API_H_
