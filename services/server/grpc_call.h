// A gRPC call handed to the CallRunner: metadata in and out, deadline, cancellation, status.
//
//   in:  x-request-id       passed through to logs and back; made here when absent
//   out: x-request-id       initial metadata
//        retry-after-ms     trailing metadata of RESOURCE_EXHAUSTED when the queue was full

#ifndef FORAKER_SERVICES_SERVER_GRPC_CALL_H_
#define FORAKER_SERVICES_SERVER_GRPC_CALL_H_

#include <string_view>

#include "services/server/call.h"

namespace grpc {
class CallbackServerContext;
class ServerUnaryReactor;
}  // namespace grpc

namespace foraker::server {

// `work` fills the response; it and what it refers to live until the reactor is done. `method` has
// static storage. Never blocks: gRPC's threads only hand over.
grpc::ServerUnaryReactor* RunGrpcCall(CallRunner& runner, std::string_view method,
                                      grpc::CallbackServerContext& context, CallRunner::Work work,
                                      CallSize size = {});

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_GRPC_CALL_H_
