// Agent.Ask: the run on the runner, its events to the client as they come, a few ahead of it.
//
//   run ─► events that wait (bounded) ─► one at a time on the wire
//
// A client that reads slowly holds its run up, until the run's time is over; what the run then
// still has to say (a step, the result) is kept for it. No thread of gRPC's waits. A client that
// goes away cancels the run.
//
// The reactor owns itself and ends with the call.

#ifndef FORAKER_SERVICES_SERVER_ASK_STREAM_H_
#define FORAKER_SERVICES_SERVER_ASK_STREAM_H_

#include "foraker/v1/agent.pb.h"
#include "services/server/agent_api.h"
#include "services/server/call.h"

namespace grpc {
class CallbackServerContext;
template <class Response>
class ServerWriteReactor;
}  // namespace grpc

namespace foraker::server {

// Borrows its arguments; the request lives as long as the call.
grpc::ServerWriteReactor<v1::AskResponse>* StartAskStream(AgentApi& api, CallRunner& runner,
                                                          grpc::CallbackServerContext& context,
                                                          const v1::AskRequest& request);

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_ASK_STREAM_H_
