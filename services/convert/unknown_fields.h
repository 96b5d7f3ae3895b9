// Refuses requests that hold fields this server does not know: a newer client's option, or a typing
// error in a hand-made message, must not be ignored.

#ifndef FORAKER_SERVICES_CONVERT_UNKNOWN_FIELDS_H_
#define FORAKER_SERVICES_CONVERT_UNKNOWN_FIELDS_H_

#include "absl/status/status.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace foraker::convert {

// kInvalidArgument names the message and the number: "query: unknown field 12".
absl::Status CheckNoUnknownFields(const google::protobuf::Message& message);

}  // namespace foraker::convert

#endif  // FORAKER_SERVICES_CONVERT_UNKNOWN_FIELDS_H_
