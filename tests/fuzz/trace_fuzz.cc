// Arbitrary bytes as a trace: it replays to the same bytes, or says what is wrong with it. Inputs
// count as made with the stop policy that replays them.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/trace/trace.h"
#include "tests/fuzz/require.h"

namespace foraker {
namespace {

std::string WithPolicy(std::string trace, std::string_view fingerprint) {
  constexpr std::string_view kMember = "\"stop_policy\":\"";
  const size_t member = trace.find(kMember);
  if (member == std::string::npos) return trace;
  const size_t begin = member + kMember.size();
  const size_t end = trace.find('"', begin);
  if (end != std::string::npos) trace.replace(begin, end - begin, fingerprint);
  return trace;
}

void Check(std::string_view bytes) {
  const agent::AgentOptions options;
  const std::string trace = WithPolicy(std::string(bytes), options.stop_policy.Fingerprint());
  const absl::StatusOr<agent::AskResult> result = agent::ReplayTrace(trace, options, {});
  if (result.ok()) {
    Require(result->trace == trace);
    return;
  }
  const absl::Status& status = result.status();
  Require(absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status) ||
          absl::IsDataLoss(status));
  Require(status.message().find("trace:") == 0);
}

}  // namespace
}  // namespace foraker

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  foraker::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
