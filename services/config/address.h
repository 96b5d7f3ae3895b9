// "HOST:PORT" as settings and flags give it; IPv6 hosts stand in brackets: "[::1]:7411".

#ifndef FORAKER_SERVICES_CONFIG_ADDRESS_H_
#define FORAKER_SERVICES_CONFIG_ADDRESS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace foraker::config {

struct Address {
  std::string host;  // without brackets
  uint16_t port = 0;
};

// kInvalidArgument says what was expected. No name is looked up.
absl::StatusOr<Address> ParseAddress(std::string_view text);
std::string FormatAddress(const Address& address);

// Only this machine can reach it: 127.0.0.0/8, ::1, localhost.
bool IsLoopback(const Address& address);

}  // namespace foraker::config

#endif  // FORAKER_SERVICES_CONFIG_ADDRESS_H_
