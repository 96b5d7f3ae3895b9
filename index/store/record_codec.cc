#include "index/store/record_codec.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "index/store/byte_codec.h"

namespace foraker::index {
namespace {

constexpr uint32_t kVersion = 1;

// Behind a length of 32 bits.
void PutString(std::string_view value, ByteWriter& out) {
  out.Fixed(static_cast<uint32_t>(value.size()));
  out.Raw(value);
}
std::string_view GetString(ByteReader& in) { return in.Raw(in.Fixed<uint32_t>()); }

SegmentRecord DecodeSegment(ByteReader& in) {
  SegmentRecord segment;
  segment.file = GetString(in);
  const std::string_view deleted = GetString(in);
  segment.deleted_documents.assign(deleted.begin(), deleted.end());
  segment.live_documents = in.Fixed<uint64_t>();
  segment.live_passages = in.Fixed<uint64_t>();
  return segment;
}

}  // namespace

std::string EncodeRecord(const CollectionRecord& record) {
  ByteWriter out;
  out.Fixed(kVersion);
  PutString(record.name, out);
  out.Fixed(record.generation);
  out.Fixed(record.sequence);
  out.Fixed(record.next_file);
  PutString(record.settings, out);
  PutString(record.statistics_file, out);
  out.Fixed(record.idf_version);
  out.Fixed(static_cast<uint32_t>(record.segments.size()));
  for (const SegmentRecord& segment : record.segments) {
    PutString(segment.file, out);
    PutString({reinterpret_cast<const char*>(segment.deleted_documents.data()),
               segment.deleted_documents.size()},
              out);
    out.Fixed(segment.live_documents);
    out.Fixed(segment.live_passages);
  }
  return out.TakeWithChecksum();
}

absl::StatusOr<CollectionRecord> DecodeRecord(std::string_view bytes) {
  ASSIGN_OR_RETURN(const std::string_view body, CheckedBody(bytes));
  ByteReader in(body);
  if (const auto version = in.Fixed<uint32_t>(); in.ok() && version != kVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat("record has version ", version, ", this build reads version ", kVersion));
  }
  CollectionRecord record;
  record.name = GetString(in);
  record.generation = in.Fixed<uint64_t>();
  record.sequence = in.Fixed<uint64_t>();
  record.next_file = in.Fixed<uint64_t>();
  record.settings = GetString(in);
  record.statistics_file = GetString(in);
  record.idf_version = in.Fixed<uint64_t>();
  const auto segments = in.Fixed<uint32_t>();
  for (uint32_t i = 0; i < segments && in.ok(); ++i) record.segments.push_back(DecodeSegment(in));
  if (!in.ok() || !in.at_end()) return absl::DataLossError("record has a wrong length");
  return record;
}

}  // namespace foraker::index
