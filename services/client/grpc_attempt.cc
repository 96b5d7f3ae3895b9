#include "services/client/grpc_attempt.h"

#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "services/convert/status.h"

namespace foraker::client {

Attempt AttemptOf(const grpc::Status& status, const grpc::ClientContext& context) {
  Attempt attempt{convert::FromGrpc(status), absl::ZeroDuration()};
  const auto& metadata = context.GetServerTrailingMetadata();
  const auto found = metadata.find("retry-after-ms");
  int64_t millis = 0;
  if (found != metadata.end() &&
      absl::SimpleAtoi(absl::string_view(found->second.data(), found->second.size()), &millis)) {
    attempt.retry_after = absl::Milliseconds(millis);
  }
  return attempt;
}

}  // namespace foraker::client
