#include "retrieval/random_token.h"

#include <array>
#include <cstdint>
#include <random>

#include "absl/strings/escaping.h"

namespace foraker::retrieval {

std::string NewToken() {
  std::random_device random;
  std::array<char, 16> bytes;
  for (size_t i = 0; i < bytes.size(); i += sizeof(uint32_t)) {
    const uint32_t word = random();
    for (size_t j = 0; j < sizeof(word); ++j) {
      bytes[i + j] = static_cast<char>((word >> (8 * j)) & 0xff);
    }
  }
  return absl::WebSafeBase64Escape(absl::string_view(bytes.data(), bytes.size()));
}

}  // namespace foraker::retrieval
