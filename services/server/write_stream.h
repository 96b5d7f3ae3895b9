// StreamDocuments: batches one after the other, a response each.
//
//   wire ─► read ahead (bounded) ─► one batch at a time on the runner ─► responses in order
//
// Batches of a stream are written in the order in which they came: a later one wins. The next is
// read while one runs, and no more are read than can be held, so that a busy server slows its
// clients down through gRPC's flow control. A batch that meets a full queue or buffer waits here
// and is tried again, for a minute at most.
//
// The reactor owns itself and ends with the call. Errors of a whole batch end the stream after the
// responses before it.

#ifndef FORAKER_SERVICES_SERVER_WRITE_STREAM_H_
#define FORAKER_SERVICES_SERVER_WRITE_STREAM_H_

#include "foraker/v1/index.pb.h"
#include "services/server/call.h"
#include "services/server/write_api.h"

namespace grpc {
class CallbackServerContext;
template <class Request, class Response>
class ServerBidiReactor;
}  // namespace grpc

namespace foraker::server {

// Borrows all three.
grpc::ServerBidiReactor<v1::WriteDocumentsRequest, v1::WriteDocumentsResponse>* StartWriteStream(
    WriteApi& api, CallRunner& runner, grpc::CallbackServerContext& context);

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_WRITE_STREAM_H_
