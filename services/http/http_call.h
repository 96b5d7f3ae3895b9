// A call that came by HTTP: run as every other call (services/server/call.h), waited for, and the
// headers of its reply.
//
// Thread-safe.

#ifndef FORAKER_SERVICES_HTTP_HTTP_CALL_H_
#define FORAKER_SERVICES_HTTP_HTTP_CALL_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "services/http/http_server.h"
#include "services/server/call.h"

namespace foraker::http {

struct EndedCall {
  server::CallOutcome outcome;
  std::string request_id;  // empty where no call was begun
};

// What a call begins with; `parts` are its searches or writes. `method` outlives the call.
server::Call MakeHttpCall(std::string_view method, const Request& request, uint32_t parts = 1);

// Runs the call on the runner's pool and waits for it; the listener's threads bound how many wait.
EndedCall RunHttpCall(server::CallRunner& runner, std::string_view method, const Request& request,
                      server::CallRunner::Work work, uint32_t parts = 1);

// X-Request-Id, and Retry-After where the call was refused for now.
void AddHeaders(const EndedCall& call, Response& response);

}  // namespace foraker::http

#endif  // FORAKER_SERVICES_HTTP_HTTP_CALL_H_
