// The gateway's JSON: messages in protobuf's own mapping, and errors.
//
// Pure functions.

#ifndef FORAKER_SERVICES_HTTP_JSON_CALL_H_
#define FORAKER_SERVICES_HTTP_JSON_CALL_H_

#include <string>

#include "absl/status/status.h"
#include "services/http/http_call.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace foraker::http {

// kInvalidArgument for what is no such message; nothing at all is an empty one.
absl::Status ParseJson(const std::string& json, google::protobuf::Message& message);

// {"code": 3, "status": "INVALID_ARGUMENT", "message": "..."}
std::string ErrorJson(const absl::Status& status);

// Under the HTTP status of its code.
Response ErrorResponse(const EndedCall& call);

}  // namespace foraker::http

#endif  // FORAKER_SERVICES_HTTP_JSON_CALL_H_
