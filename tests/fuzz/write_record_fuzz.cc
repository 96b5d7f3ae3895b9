// Arbitrary entries of a collection's log, after their checksum: the input gets the right one, so
// that the decoder sees it. A record that is understood is one that would be written.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "base/crc32c.h"
#include "index/store/write_record.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  const uint32_t checksum = foraker::base::Crc32c(std::as_bytes(std::span(bytes)));
  for (size_t i = 0; i < sizeof(checksum); ++i) {
    bytes.push_back(static_cast<char>((checksum >> (8 * i)) & 0xff));
  }
  const auto write = foraker::index::DecodeWrite(bytes);
  if (write.ok() && foraker::index::EncodeWrite(*write) != bytes) std::abort();
  return 0;
}
