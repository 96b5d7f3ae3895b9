#include "index/store/record_codec.h"

#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "base/crc32c.h"
#include "base/status.h"

namespace foraker::index {
namespace {

constexpr uint32_t kVersion = 1;

class Encoder {
 public:
  template <typename Integer>
  void Put(Integer value) {
    for (size_t i = 0; i < sizeof(value); ++i) {
      bytes_.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
    }
  }
  void PutString(std::string_view value) {
    Put(static_cast<uint32_t>(value.size()));
    bytes_.append(value);
  }
  std::string Finish() {
    Put(base::Crc32c(std::as_bytes(std::span(bytes_))));
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
};

// Reads past the end give zeros and make ok() false.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : bytes_(bytes) {}

  template <typename Integer>
  Integer Get() {
    const std::string_view raw = Take(sizeof(Integer));
    Integer value = 0;
    for (size_t i = 0; i < raw.size(); ++i) {
      value |= static_cast<Integer>(static_cast<uint8_t>(raw[i])) << (8 * i);
    }
    return value;
  }
  std::string_view GetString() { return Take(Get<uint32_t>()); }

  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view Take(size_t length) {
    if (length > bytes_.size()) {
      ok_ = false;
      bytes_ = {};
      return {};
    }
    const std::string_view taken = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return taken;
  }

  std::string_view bytes_;
  bool ok_ = true;
};

SegmentRecord DecodeSegment(Decoder& in) {
  SegmentRecord segment;
  segment.file = in.GetString();
  const std::string_view deleted = in.GetString();
  segment.deleted_documents.assign(deleted.begin(), deleted.end());
  segment.live_documents = in.Get<uint64_t>();
  segment.live_passages = in.Get<uint64_t>();
  return segment;
}

}  // namespace

std::string EncodeRecord(const CollectionRecord& record) {
  Encoder out;
  out.Put(kVersion);
  out.PutString(record.name);
  out.Put(record.generation);
  out.Put(record.sequence);
  out.Put(record.next_file);
  out.PutString(record.settings);
  out.PutString(record.statistics_file);
  out.Put(record.idf_version);
  out.Put(static_cast<uint32_t>(record.segments.size()));
  for (const SegmentRecord& segment : record.segments) {
    out.PutString(segment.file);
    out.PutString({reinterpret_cast<const char*>(segment.deleted_documents.data()),
                   segment.deleted_documents.size()});
    out.Put(segment.live_documents);
    out.Put(segment.live_passages);
  }
  return out.Finish();
}

absl::StatusOr<CollectionRecord> DecodeRecord(std::string_view bytes) {
  constexpr size_t kChecksumBytes = sizeof(uint32_t);
  if (bytes.size() < 2 * kChecksumBytes) {
    return absl::DataLossError(absl::StrCat("record of ", bytes.size(), " bytes is too short"));
  }
  const std::string_view body = bytes.substr(0, bytes.size() - kChecksumBytes);
  const auto expected = Decoder(bytes.substr(body.size())).Get<uint32_t>();
  if (base::Crc32c(std::as_bytes(std::span(body))) != expected) {
    return absl::DataLossError("record does not match its checksum");
  }
  Decoder in(body);
  if (const auto version = in.Get<uint32_t>(); version != kVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat("record has version ", version, ", this build reads version ", kVersion));
  }
  CollectionRecord record;
  record.name = in.GetString();
  record.generation = in.Get<uint64_t>();
  record.sequence = in.Get<uint64_t>();
  record.next_file = in.Get<uint64_t>();
  record.settings = in.GetString();
  record.statistics_file = in.GetString();
  record.idf_version = in.Get<uint64_t>();
  const auto segments = in.Get<uint32_t>();
  for (uint32_t i = 0; i < segments && in.ok(); ++i) record.segments.push_back(DecodeSegment(in));
  if (!in.ok() || !in.at_end()) return absl::DataLossError("record has a wrong length");
  return record;
}

}  // namespace foraker::index
