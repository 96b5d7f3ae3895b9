#include "services/client/request_id.h"

#include <cstdint>
#include <random>

#include "absl/strings/str_format.h"

namespace foraker::client {

std::string NewRequestId() {
  thread_local std::random_device random;
  const auto bits = [] { return (uint64_t{random()} << 32) | random(); };
  return absl::StrFormat("%016x%016x", bits(), bits());
}

}  // namespace foraker::client
