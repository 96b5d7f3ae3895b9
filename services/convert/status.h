// absl::Status, grpc::Status and foraker.v1.Error: the one place where they meet. The codes are the
// same numbers.

#ifndef FORAKER_SERVICES_CONVERT_STATUS_H_
#define FORAKER_SERVICES_CONVERT_STATUS_H_

#include <string_view>

#include "absl/status/status.h"
#include "foraker/v1/collection.pb.h"

namespace grpc {
class Status;
}  // namespace grpc

namespace foraker::convert {

// Messages are cut at 4 KiB (metadata may hold 8) and control characters become spaces.
grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

// Of a part of a batch that failed.
void ToProto(const absl::Status& from, v1::Error& to);
absl::Status FromProto(const v1::Error& from);  // never OK

// "INVALID_ARGUMENT": as in the gRPC documentation.
std::string_view CodeName(absl::StatusCode code);

// As google.api.Code maps them to HTTP.
int HttpStatus(absl::StatusCode code);

}  // namespace foraker::convert

#endif  // FORAKER_SERVICES_CONVERT_STATUS_H_
