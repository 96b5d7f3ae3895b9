// LEB128: unsigned numbers of seven bits a byte, least significant first, the high bit set on all
// but the last byte. Up to five bytes for 32 bits.

#ifndef FORAKER_INDEX_SEGMENT_LEB128_H_
#define FORAKER_INDEX_SEGMENT_LEB128_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace foraker::index {

inline void AppendLeb128(uint32_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

inline constexpr uint32_t Leb128Bytes(uint32_t value) {
  return 1u + (value >= 1u << 7) + (value >= 1u << 14) + (value >= 1u << 21) + (value >= 1u << 28);
}

// The number at the front of `bytes`, which it drops; nothing when they end inside it or it has
// more than 32 bits.
inline std::optional<uint32_t> TakeLeb128(std::span<const uint8_t>& bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < 5 && i < bytes.size(); ++i) {
    value |= static_cast<uint64_t>(bytes[i] & 0x7f) << (7 * i);
    if (bytes[i] < 0x80) {
      bytes = bytes.subspan(i + 1);
      if (value > UINT32_MAX) return std::nullopt;
      return static_cast<uint32_t>(value);
    }
  }
  return std::nullopt;
}

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_LEB128_H_
