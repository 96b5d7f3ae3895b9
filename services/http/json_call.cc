#include "services/http/json_call.h"

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "services/convert/status.h"

namespace foraker::http {

absl::Status ParseJson(const std::string& json, google::protobuf::Message& message) {
  if (json.empty()) return absl::OkStatus();
  const auto status = google::protobuf::util::JsonStringToMessage(json, &message);
  if (status.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("body: ", status.ToString()));
}

std::string ErrorJson(const absl::Status& status) {
  const nlohmann::ordered_json error = {{"code", static_cast<int>(status.code())},
                                        {"status", convert::CodeName(status.code())},
                                        {"message", base::ToStd(status.message())}};
  return error.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Response ErrorResponse(const EndedCall& call) {
  Response response;
  response.status = convert::HttpStatus(call.outcome.status.code());
  response.body = ErrorJson(call.outcome.status);
  AddHeaders(call, response);
  return response;
}

}  // namespace foraker::http
