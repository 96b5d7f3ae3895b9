// One blocking gRPC call of this folder's clients: deadline in, status and the server's wish for a
// wait out.

#ifndef FORAKER_SERVICES_CLIENT_GRPC_ATTEMPT_H_
#define FORAKER_SERVICES_CLIENT_GRPC_ATTEMPT_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include "absl/time/time.h"
#include "services/client/retry.h"

namespace foraker::client {

// What an ended call left.
Attempt AttemptOf(const grpc::Status& status, const grpc::ClientContext& context);

template <typename Stub, typename In, typename Out>
Attempt Try(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const In&, Out*),
            const In& request, Out& response, absl::Time deadline = absl::InfiniteFuture()) {
  grpc::ClientContext context;
  if (deadline != absl::InfiniteFuture()) context.set_deadline(absl::ToChronoTime(deadline));
  return AttemptOf((stub.*method)(&context, request, &response), context);
}

}  // namespace foraker::client

#endif  // FORAKER_SERVICES_CLIENT_GRPC_ATTEMPT_H_
