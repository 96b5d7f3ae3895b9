#include "index/store/byte_codec.h"

#include "absl/strings/str_cat.h"

namespace foraker::index {

absl::StatusOr<std::string_view> CheckedBody(std::string_view bytes) {
  constexpr size_t kChecksumBytes = sizeof(uint32_t);
  if (bytes.size() < kChecksumBytes) {
    return absl::DataLossError(absl::StrCat("record of ", bytes.size(), " bytes is too short"));
  }
  const std::string_view body = bytes.substr(0, bytes.size() - kChecksumBytes);
  const auto expected = ByteReader(bytes.substr(body.size())).Fixed<uint32_t>();
  if (base::Crc32c(std::as_bytes(std::span(body))) != expected) {
    return absl::DataLossError("record does not match its checksum");
  }
  return body;
}

}  // namespace foraker::index
