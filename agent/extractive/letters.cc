#include "agent/extractive/letters.h"

#include <cstdint>

namespace foraker::agent {
namespace {

// Upper and lower case alternate in Latin Extended-A, in an order that changes twice.
bool IsUpperExtendedA(uint32_t c) {
  const bool odd = (c >= 0x139 && c <= 0x148) || c >= 0x179;
  return c == 0x178 || (c % 2 == 1) == odd;
}

bool IsUpper(uint32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z';
  if (c < 0x100) return c >= 0xc0 && c <= 0xde && c != 0xd7;
  if (c < 0x180) return IsUpperExtendedA(c);
  return (c >= 0x386 && c <= 0x3ab && c != 0x390) || (c >= 0x400 && c <= 0x42f);
}

}  // namespace

bool BeginsUpperCase(std::string_view text) {
  if (text.empty()) return false;
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  if (byte(0) < 0x80) return IsUpper(byte(0));
  // All of these scripts lie in the code points of two bytes.
  const bool two_bytes = (byte(0) & 0xe0) == 0xc0 && text.size() > 1 && (byte(1) & 0xc0) == 0x80;
  return two_bytes && IsUpper(static_cast<uint32_t>(byte(0) & 0x1f) << 6 | (byte(1) & 0x3f));
}

}  // namespace foraker::agent
