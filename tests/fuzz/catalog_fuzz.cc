// Arbitrary records of the catalog. Input: a byte whose low bit says whether the rest is the JSON
// of a collection's settings or a generation's record, which then gets the right checksum so that
// the decoder sees it.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "base/crc32c.h"
#include "index/store/record_codec.h"
#include "retrieval/settings.h"

namespace foraker {
namespace {

void CheckSettings(std::string_view json) {
  const auto settings = retrieval::CollectionSettings::FromJson(json);
  if (!settings.ok()) return;
  const auto again = retrieval::CollectionSettings::FromJson(settings->ToJson());
  if (!again.ok() || !(*again == *settings)) std::abort();
}

// A record that is understood is one that would be written.
void CheckRecord(std::string_view body) {
  std::string bytes(body);
  const uint32_t checksum = base::Crc32c(std::as_bytes(std::span(body)));
  for (size_t i = 0; i < sizeof(checksum); ++i) {
    bytes.push_back(static_cast<char>((checksum >> (8 * i)) & 0xff));
  }
  const auto record = index::DecodeRecord(bytes);
  if (record.ok() && index::EncodeRecord(*record) != bytes) std::abort();
}

}  // namespace
}  // namespace foraker

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  if ((data[0] & 1) == 0) {
    foraker::CheckSettings(input);
  } else {
    foraker::CheckRecord(input);
  }
  return 0;
}
