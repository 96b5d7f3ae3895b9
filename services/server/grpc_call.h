// A gRPC call handed to the CallRunner: metadata in and out, deadline, cancellation, status.
//
//   in:  authorization      "Bearer KEY", or
//        api-key            KEY
//        x-request-id       passed through to logs and back; made here when absent
//   out: x-request-id       initial metadata
//        retry-after-ms     trailing metadata of what may be tried again, where it is known

#ifndef FORAKER_SERVICES_SERVER_GRPC_CALL_H_
#define FORAKER_SERVICES_SERVER_GRPC_CALL_H_

#include <string>
#include <string_view>

#include "services/server/call.h"

namespace grpc {
class CallbackServerContext;
class ServerUnaryReactor;
class Status;
}  // namespace grpc

namespace foraker::server {

// `work` fills the response; it and what it refers to live until the reactor is done. `method` has
// static storage. Never blocks: gRPC's threads only hand over.
grpc::ServerUnaryReactor* RunGrpcCall(CallRunner& runner, std::string_view method,
                                      grpc::CallbackServerContext& context, CallRunner::Work work,
                                      CallSize size = {});

// The same in parts, for streams, which run several calls on one context: what each call begins
// with, the request id sent before the first reply, and the status that ends the stream.
Call MakeGrpcCall(std::string_view method, grpc::CallbackServerContext& context, CallSize size);
void SendRequestId(grpc::CallbackServerContext& context, const std::string& request_id);
grpc::Status EndGrpcCall(grpc::CallbackServerContext& context, const CallOutcome& outcome);

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_GRPC_CALL_H_
