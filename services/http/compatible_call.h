// A call in the shape of another system: run like every other call, answered with that system's
// JSON, also where it fails.
//
// Thread-safe.

#ifndef FORAKER_SERVICES_HTTP_COMPATIBLE_CALL_H_
#define FORAKER_SERVICES_HTTP_COMPATIBLE_CALL_H_

#include <cstdint>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "services/http/http_call.h"
#include "services/http/json_members.h"
#include "services/server/call.h"

namespace foraker::http {

// An error in the words of a system.
struct CompatibleError {
  int status = 500;  // HTTP's
  Json body;
};
using ErrorShape = CompatibleError (*)(const EndedCall& failed);

Response ErrorResponse(ErrorShape shape, const EndedCall& failed);

// `work` does the call and fills in the reply.
Response RunCompatible(server::CallRunner& runner, std::string_view method, const Request& request,
                       uint32_t parts, ErrorShape error_shape,
                       absl::AnyInvocable<absl::Status(server::Call&, Json& reply)> work);

}  // namespace foraker::http

#endif  // FORAKER_SERVICES_HTTP_COMPATIBLE_CALL_H_
