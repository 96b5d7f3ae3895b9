#include "base/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>

namespace foraker::base {

uint32_t Crc32c(std::span<const std::byte> bytes, uint32_t previous) {
  constexpr size_t kLargestCall = size_t{1} << 30;  // ISA-L takes its length as an int
  // ISA-L works on the bare remainder; the standard inverts it before and after.
  uint32_t remainder = ~previous;
  while (!bytes.empty()) {
    const size_t length = std::min(bytes.size(), kLargestCall);
    // It reads only, whatever its signature says.
    auto* data = const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(bytes.data()));
    remainder = crc32_iscsi(data, static_cast<int>(length), remainder);
    bytes = bytes.subspan(length);
  }
  return ~remainder;
}

}  // namespace foraker::base
