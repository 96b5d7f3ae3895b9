#include "index/collection/batch_outcome.h"

#include <cstdint>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "index/store/byte_codec.h"

namespace foraker::index {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kExisted = 128;

WriteResult ReadResult(ByteReader& in, uint64_t sequence) {
  WriteResult result;
  const uint8_t head = in.Byte();
  result.existed = (head & kExisted) != 0;
  const auto code = static_cast<absl::StatusCode>(head & ~kExisted);
  if (code == absl::StatusCode::kOk) {
    const uint64_t before = in.Number();
    if (before != 0) result.version = sequence - (before - 1);
    return result;
  }
  result.version = in.Number();
  const std::string_view message = in.String();
  result.status = absl::Status(code, {message.data(), message.size()});
  return result;
}

}  // namespace

std::string EncodeOutcome(const BatchResult& result) {
  ByteWriter out;
  out.Byte(kVersion);
  out.Number(result.results.size());
  out.Number(result.sequence);
  for (const WriteResult& write : result.results) {
    const auto code = static_cast<uint8_t>(write.status.code());
    out.Byte(static_cast<uint8_t>(code | (write.existed ? kExisted : 0)));
    if (write.status.ok()) {
      out.Number(write.version == 0 ? 0 : 1 + result.sequence - write.version);
      continue;
    }
    out.Number(write.version);
    out.String(base::ToStd(write.status.message()));
  }
  return out.Take();
}

absl::StatusOr<BatchResult> DecodeOutcome(std::string_view bytes) {
  ByteReader in(bytes);
  if (const uint8_t version = in.Byte(); version != kVersion) {
    return absl::DataLossError(
        absl::StrCat("a remembered outcome has version ", version, ", not ", kVersion));
  }
  BatchResult result;
  result.repeated = true;
  const size_t writes = in.Count();
  result.sequence = in.Number();
  for (size_t i = 0; i < writes && in.ok(); ++i) {
    result.results.push_back(ReadResult(in, result.sequence));
  }
  if (!in.ok() || !in.at_end()) return absl::DataLossError("a remembered outcome is corrupt");
  return result;
}

}  // namespace foraker::index
