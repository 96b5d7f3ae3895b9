#include "index/collection/batch_outcome.h"

#include <cstdint>
#include <optional>
#include <span>

#include "absl/strings/str_cat.h"
#include "index/segment/leb128.h"

namespace foraker::index {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kExisted = 128;

void AppendWide(uint64_t value, std::string& out) {
  AppendLeb128(static_cast<uint32_t>(value >> 32), out);
  AppendLeb128(static_cast<uint32_t>(value), out);
}

// Reads past the end, or numbers that are none, give zeros and make ok() false.
class Reader {
 public:
  explicit Reader(std::string_view bytes)
      : bytes_(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()) {}

  uint8_t Byte() {
    if (bytes_.empty()) return Fail();
    const uint8_t value = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return value;
  }
  uint32_t Number() {
    const std::optional<uint32_t> value = TakeLeb128(bytes_);
    return value.has_value() ? *value : Fail();
  }
  uint64_t Wide() {
    const uint64_t high = Number();
    return high << 32 | Number();
  }
  std::string_view String(size_t length) {
    if (length > bytes_.size()) length = Fail();
    const std::string_view value(reinterpret_cast<const char*>(bytes_.data()), length);
    bytes_ = bytes_.subspan(length);
    return value;
  }

  bool ok() const { return ok_; }
  size_t left() const { return bytes_.size(); }

 private:
  uint8_t Fail() {
    ok_ = false;
    bytes_ = {};
    return 0;
  }

  std::span<const uint8_t> bytes_;
  bool ok_ = true;
};

WriteResult ReadResult(Reader& in, uint64_t sequence) {
  WriteResult result;
  const uint8_t head = in.Byte();
  result.existed = (head & kExisted) != 0;
  const auto code = static_cast<absl::StatusCode>(head & ~kExisted);
  if (code == absl::StatusCode::kOk) {
    const uint32_t before = in.Number();
    if (before != 0) result.version = sequence - (before - 1);
    return result;
  }
  result.version = in.Wide();
  const std::string_view message = in.String(in.Number());
  result.status = absl::Status(code, {message.data(), message.size()});
  return result;
}

}  // namespace

std::string EncodeOutcome(const BatchResult& result) {
  std::string out(1, static_cast<char>(kVersion));
  AppendLeb128(static_cast<uint32_t>(result.results.size()), out);
  AppendWide(result.sequence, out);
  for (const WriteResult& write : result.results) {
    const auto code = static_cast<uint8_t>(write.status.code());
    out.push_back(static_cast<char>(code | (write.existed ? kExisted : 0)));
    if (write.status.ok()) {
      const uint64_t before = write.version == 0 ? 0 : 1 + result.sequence - write.version;
      AppendLeb128(static_cast<uint32_t>(before), out);
      continue;
    }
    AppendWide(write.version, out);
    AppendLeb128(static_cast<uint32_t>(write.status.message().size()), out);
    out.append(write.status.message().data(), write.status.message().size());
  }
  return out;
}

absl::StatusOr<BatchResult> DecodeOutcome(std::string_view bytes) {
  Reader in(bytes);
  if (const uint8_t version = in.Byte(); version != kVersion) {
    return absl::DataLossError(
        absl::StrCat("a remembered outcome has version ", version, ", not ", kVersion));
  }
  BatchResult result;
  result.repeated = true;
  const uint32_t writes = in.Number();
  result.sequence = in.Wide();
  for (uint32_t i = 0; i < writes && in.ok(); ++i) {
    result.results.push_back(ReadResult(in, result.sequence));
  }
  if (!in.ok() || in.left() != 0) return absl::DataLossError("a remembered outcome is corrupt");
  return result;
}

}  // namespace foraker::index
