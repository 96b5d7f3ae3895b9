// absl::Status and grpc::Status: the one place where they meet. The codes are the same numbers.

#ifndef FORAKER_SERVICES_CONVERT_STATUS_H_
#define FORAKER_SERVICES_CONVERT_STATUS_H_

#include <string_view>

#include "absl/status/status.h"

namespace grpc {
class Status;
}  // namespace grpc

namespace foraker::convert {

// Messages are cut at 4 KiB (metadata may hold 8) and control characters become spaces.
grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

// "INVALID_ARGUMENT": as in the gRPC documentation.
std::string_view CodeName(absl::StatusCode code);

// As google.api.Code maps them to HTTP.
int HttpStatus(absl::StatusCode code);

}  // namespace foraker::convert

#endif  // FORAKER_SERVICES_CONVERT_STATUS_H_
