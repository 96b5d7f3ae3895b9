// The scans behind field conditions: codes in, one bit an entry out (entry i: bit i % 64 of word
// i / 64). Plain loops over 64 entries at a time, which the compiler turns into vector code.

#ifndef FORAKER_INDEX_SEGMENT_FIELD_SCAN_H_
#define FORAKER_INDEX_SEGMENT_FIELD_SCAN_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "index/segment/document_bits.h"

namespace foraker::index {

// Bit i of the result is byte i, each 0 or 1: the multiplication moves byte i to bit 56 + i, and no
// two of its partial products meet.
inline uint64_t PackBytes(const std::array<uint8_t, 64>& bytes) {
  uint64_t word = 0;
  for (size_t i = 0; i < 8; ++i) {
    uint64_t eight;
    std::memcpy(&eight, bytes.data() + 8 * i, sizeof(eight));
    word |= (eight * 0x0102040810204080u >> 56) << (8 * i);
  }
  return word;
}

// bits[i] = matches(codes[i]), which returns 0 or 1.
template <typename Code, typename Matches>
void ScanCodes(std::span<const Code> codes, Matches matches, std::span<uint64_t> bits) {
  std::array<uint8_t, 64> found;
  size_t word = 0;
  for (; codes.size() >= 64; codes = codes.subspan(64)) {
    for (size_t i = 0; i < 64; ++i) found[i] = matches(codes[i]);
    bits[word++] = PackBytes(found);
  }
  if (codes.empty()) return;
  found.fill(0);
  for (size_t i = 0; i < codes.size(); ++i) found[i] = matches(codes[i]);
  bits[word] = PackBytes(found);
}

// first <= code <= last
template <typename Code>
void ScanRange(std::span<const Code> codes, Code first, Code last, std::span<uint64_t> bits) {
  const auto width = static_cast<Code>(last - first);
  ScanCodes(
      codes,
      [first, width](Code code) {
        return static_cast<uint8_t>(static_cast<Code>(code - first) <= width);
      },
      bits);
}

// wanted[code] != 0; codes beyond the table are not wanted.
template <typename Code>
void ScanTable(std::span<const Code> codes, std::span<const uint8_t> wanted,
               std::span<uint64_t> bits) {
  ScanCodes(
      codes, [wanted](Code code) { return code < wanted.size() ? wanted[code] : uint8_t{0}; },
      bits);
}

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_FIELD_SCAN_H_
