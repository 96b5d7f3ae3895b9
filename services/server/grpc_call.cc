#include "services/server/grpc_call.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/auth/authenticator.h"
#include "services/convert/status.h"

namespace foraker::server {
namespace {

constexpr char kRequestId[] = "x-request-id";
constexpr char kRetryAfter[] = "retry-after-ms";

// The first value that the client gave under the name; empty when it gave none.
std::string_view Metadata(const grpc::CallbackServerContext& context, const char* name) {
  const auto found = context.client_metadata().find(name);
  if (found == context.client_metadata().end()) return "";
  return {found->second.data(), found->second.size()};
}

absl::Time Deadline(const grpc::CallbackServerContext& context) {
  const auto deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return absl::InfiniteFuture();
  return absl::FromChrono(deadline);
}

}  // namespace

Call MakeGrpcCall(std::string_view method, grpc::CallbackServerContext& context, CallSize size) {
  Call call;
  call.method = method;
  call.request_id = RequestId(Metadata(context, kRequestId));
  call.token =
      std::string(auth::TokenOf(Metadata(context, "authorization"), Metadata(context, "api-key")));
  call.peer = context.peer();
  call.size = size;
  call.arrival = absl::Now();
  call.deadline = Deadline(context);
  call.cancelled = [&context] { return context.IsCancelled(); };
  return call;
}

grpc::Status EndGrpcCall(grpc::CallbackServerContext& context, const CallOutcome& outcome) {
  if (outcome.retry_after > absl::ZeroDuration()) {
    context.AddTrailingMetadata(kRetryAfter,
                                absl::StrCat(absl::ToInt64Milliseconds(outcome.retry_after)));
  }
  return convert::ToGrpc(outcome.status);
}

void SendRequestId(grpc::CallbackServerContext& context, const std::string& request_id) {
  context.AddInitialMetadata(kRequestId, request_id);
}

grpc::ServerUnaryReactor* RunGrpcCall(CallRunner& runner, std::string_view method,
                                      grpc::CallbackServerContext& context, CallRunner::Work work,
                                      CallSize size) {
  grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
  Call call = MakeGrpcCall(method, context, size);
  SendRequestId(context, call.request_id);
  runner.Run(std::move(call), std::move(work), [&context, reactor](const CallOutcome& outcome) {
    reactor->Finish(EndGrpcCall(context, outcome));
  });
  return reactor;
}

}  // namespace foraker::server
