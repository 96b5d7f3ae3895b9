// RebuildCollection: the work on the runner, its progress to the client as it comes; the client
// ends the work by ending the call.
//
// The reactor owns itself and ends with the call.

#ifndef FORAKER_SERVICES_SERVER_REBUILD_STREAM_H_
#define FORAKER_SERVICES_SERVER_REBUILD_STREAM_H_

#include "foraker/v1/index.pb.h"
#include "services/server/admin_api.h"
#include "services/server/call.h"

namespace grpc {
class CallbackServerContext;
template <class Response>
class ServerWriteReactor;
}  // namespace grpc

namespace foraker::server {

// Borrows its arguments; the request lives as long as the call.
grpc::ServerWriteReactor<v1::RebuildProgress>* StartRebuildStream(
    AdminApi& api, CallRunner& runner, grpc::CallbackServerContext& context,
    const v1::RebuildCollectionRequest& request);

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_REBUILD_STREAM_H_
