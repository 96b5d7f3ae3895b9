#include "services/http/http_call.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"

namespace foraker::http {

server::Call MakeHttpCall(std::string_view method, const Request& request, uint32_t parts) {
  server::Call call;
  call.method = method;
  call.request_id = server::RequestId(request.request_id);
  call.token = request.token;
  call.peer = request.peer;
  call.size.bytes = request.body.size();
  call.size.parts = parts;
  call.arrival = absl::Now();
  return call;
}

EndedCall RunHttpCall(server::CallRunner& runner, std::string_view method, const Request& request,
                      server::CallRunner::Work work, uint32_t parts) {
  server::Call call = MakeHttpCall(method, request, parts);
  EndedCall ended;
  ended.request_id = call.request_id;
  absl::Notification finished;
  runner.Run(std::move(call), std::move(work), [&](const server::CallOutcome& outcome) {
    ended.outcome = outcome;
    finished.Notify();
  });
  finished.WaitForNotification();
  return ended;
}

void AddHeaders(const EndedCall& call, Response& response) {
  if (!call.request_id.empty()) response.headers.emplace_back("X-Request-Id", call.request_id);
  const absl::Duration wait = call.outcome.retry_after;
  if (call.outcome.status.ok() || wait <= absl::ZeroDuration()) return;
  response.headers.emplace_back("Retry-After",
                                absl::StrFormat("%.0f", std::ceil(absl::ToDoubleSeconds(wait))));
}

}  // namespace foraker::http
