#include "services/http/compatible_call.h"

#include <string>
#include <utility>

namespace foraker::http {
namespace {

// Parameters of a URL and texts of imported documents may be no UTF-8.
std::string Written(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Response ErrorResponse(ErrorShape shape, const EndedCall& failed) {
  const CompatibleError error = shape(failed);
  Response response;
  response.status = error.status;
  response.body = Written(error.body);
  AddHeaders(failed, response);
  return response;
}

Response RunCompatible(server::CallRunner& runner, std::string_view method, const Request& request,
                       uint32_t parts, ErrorShape error_shape,
                       absl::AnyInvocable<absl::Status(server::Call&, Json& reply)> work) {
  Json reply;
  const auto run = [&](server::Call& call) { return work(call, reply); };
  const EndedCall ended = RunHttpCall(runner, method, request, run, parts);
  if (!ended.outcome.status.ok()) return ErrorResponse(error_shape, ended);
  Response response;
  response.body = Written(reply);
  AddHeaders(ended, response);
  return response;
}

}  // namespace foraker::http
