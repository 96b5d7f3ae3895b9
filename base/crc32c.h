// CRC32C (Castagnoli polynomial, RFC 3720 appendix B.4), the checksum of every file we write.

#ifndef FORAKER_BASE_CRC32C_H_
#define FORAKER_BASE_CRC32C_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace foraker::base {

// Checksum of `bytes`. With `previous`, the checksum of the bytes it was made of and then `bytes`:
// Crc32c(b, Crc32c(a)) is that of a followed by b.
uint32_t Crc32c(std::span<const std::byte> bytes, uint32_t previous = 0);

}  // namespace foraker::base

#endif  // FORAKER_BASE_CRC32C_H_
