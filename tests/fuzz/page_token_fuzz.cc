// Arbitrary page tokens. Input: a byte whose low bit says whether the rest is a token as a client
// sends it, or the bytes inside one, which then get the right checksum so that the parser sees
// them.

#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "retrieval/page_token.h"

namespace foraker::retrieval {
namespace {

std::string WithChecksum(std::string_view body) {
  std::string bytes(body);
  const auto checksum = static_cast<uint32_t>(XXH3_64bits(body.data(), body.size()));
  for (size_t i = 0; i < sizeof(checksum); ++i) {
    bytes.push_back(static_cast<char>((checksum >> (8 * i)) & 0xff));
  }
  return absl::WebSafeBase64Escape(bytes);
}

// A token that is understood is one that would be written.
void Check(std::string_view text) {
  const absl::StatusOr<PageToken> token = DecodePageToken(text);
  if (token.ok() && EncodePageToken(*token) != text) std::abort();
}

}  // namespace
}  // namespace foraker::retrieval

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  if ((data[0] & 1) == 0) {
    foraker::retrieval::Check(input);
  } else {
    foraker::retrieval::Check(foraker::retrieval::WithChecksum(input));
  }
  return 0;
}
