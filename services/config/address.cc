#include "services/config/address.h"

#include <arpa/inet.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "base/string_view.h"

namespace foraker::config {

absl::StatusOr<Address> ParseAddress(std::string_view text) {
  const auto invalid = [&] {
    return absl::InvalidArgumentError(
        absl::StrFormat("expected HOST:PORT, as 127.0.0.1:7411 or [::1]:7411, got \"%s\"", text));
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return invalid();
  std::string_view host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    return invalid();
  }
  uint32_t port = 0;
  if (host.empty() || !absl::SimpleAtoi(base::ToAbsl(text.substr(colon + 1)), &port) ||
      port > 65'535) {
    return invalid();
  }
  return Address{std::string(host), static_cast<uint16_t>(port)};
}

std::string FormatAddress(const Address& address) {
  if (address.host.find(':') == std::string::npos) {
    return absl::StrFormat("%s:%d", address.host, address.port);
  }
  return absl::StrFormat("[%s]:%d", address.host, address.port);
}

bool IsLoopback(const Address& address) {
  if (address.host == "localhost") return true;
  in_addr v4;
  if (inet_pton(AF_INET, address.host.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24) == 127;
  }
  in6_addr v6;
  return inet_pton(AF_INET6, address.host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6) != 0;
}

}  // namespace foraker::config
