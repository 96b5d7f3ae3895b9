#include "index/segment/section_file.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/crc32c.h"
#include "base/mapped_file.h"
#include "base/status.h"
#include "index/segment/section_layout.h"

namespace foraker::index {
namespace {

using section_layout::AlignUp;
using section_layout::BlocksOf;
using section_layout::Header;
using section_layout::kBlockBytes;
using section_layout::Record;

// Fuzzing builds read past wrong checksums, to reach the decoders behind them.
bool SameChecksum([[maybe_unused]] uint32_t stored, [[maybe_unused]] uint32_t computed) {
#ifdef FORAKER_FUZZING
  return true;
#else
  return stored == computed;
#endif
}

class File final : public SectionFile {
 public:
  File(std::string path, base::MappedFile mapping)
      : path_(std::move(path)), mapping_(std::move(mapping)) {
    index_of_.fill(-1);
  }

  absl::Status Init(FileKind kind, uint32_t version) {
    RETURN_IF_ERROR(ReadHeader(kind, version));
    RETURN_IF_ERROR(ReadTable());
    verified_ = std::vector<std::atomic<uint64_t>>((checksums_.size() + 63) / 64);
    return absl::OkStatus();
  }

  const std::string& path() const override { return path_; }
  uint64_t file_bytes() const override { return mapping_.bytes().size(); }
  std::span<const Info> sections() const override { return sections_; }
  bool Has(SectionId id) const override { return Find(id) != nullptr; }

  absl::StatusOr<std::span<const std::byte>> Get(SectionId id) const override {
    const Record* record = Find(id);
    if (record == nullptr) return Corrupt(id, "missing");
    return Bytes(*record);
  }

  absl::Status Touch(SectionId id, uint64_t offset, uint64_t length) const override {
    const Record* record = Find(id);
    if (record == nullptr) return Corrupt(id, "missing");
    if (offset > record->length || length > record->length - offset) {
      return Corrupt(id, absl::StrFormat("%d bytes at %d leave the section's %d", length, offset,
                                         record->length));
    }
    if (length == 0 || !section_layout::IsLarge(record->length)) return absl::OkStatus();
    const uint64_t last = (offset + length - 1) / kBlockBytes;
    for (uint64_t block = offset / kBlockBytes; block <= last; ++block) {
      const uint64_t bit = record->first_block + block;
      std::atomic<uint64_t>& word = verified_[bit / 64];
      const uint64_t mask = uint64_t{1} << (bit % 64);
      // Relaxed: the bit publishes nothing but itself, the bytes never change.
      if ((word.load(std::memory_order_relaxed) & mask) != 0) continue;
      RETURN_IF_ERROR(VerifyBlock(*record, block));
      word.fetch_or(mask, std::memory_order_relaxed);
    }
    return absl::OkStatus();
  }

  absl::Status VerifyAll() const override {
    mapping_.Advise(base::MappedFile::Access::kSequential, 0, file_bytes());
    const absl::Status status = VerifyEveryByte();
    mapping_.Advise(base::MappedFile::Access::kNormal, 0, file_bytes());
    return status;
  }

 private:
  absl::Status Corrupt(SectionId id, std::string_view what) const {
    return absl::DataLossError(
        absl::StrFormat("%s: section %s: %s", path_, SectionNameOrNumber(id), what));
  }
  absl::Status Corrupt(std::string_view what) const {
    return absl::DataLossError(absl::StrFormat("%s: %s", path_, what));
  }

  static std::string SectionNameOrNumber(SectionId id) {
    const std::string_view name = SectionName(id);
    return name.empty() ? absl::StrCat(static_cast<uint32_t>(id)) : std::string(name);
  }

  const Record* Find(SectionId id) const {
    const auto number = static_cast<uint32_t>(id);
    if (number >= kSectionIdLimit || index_of_[number] < 0) return nullptr;
    return &table_[static_cast<size_t>(index_of_[number])];
  }

  std::span<const std::byte> Bytes(const Record& record) const {
    return mapping_.bytes().subspan(record.offset, record.length);
  }

  absl::Status ReadHeader(FileKind kind, uint32_t version) {
    const std::span<const std::byte> bytes = mapping_.bytes();
    if (bytes.size() < sizeof(Header)) return Corrupt("shorter than a header, truncated");
    std::memcpy(&header_, bytes.data(), sizeof(Header));
    if (header_.magic != section_layout::kMagic) return Corrupt("no index file of foraker");
    if (!SameChecksum(header_.header_crc, HeaderCrc(header_))) {
      return Corrupt("header: checksum does not match");
    }
    if (header_.kind != static_cast<uint32_t>(kind) || header_.version != version) {
      return absl::FailedPreconditionError(absl::StrFormat(
          "%s: kind %d of version %d, this build reads kind %d of version %d here", path_,
          header_.kind, header_.version, static_cast<uint32_t>(kind), version));
    }
    if (header_.file_length != bytes.size()) {
      return Corrupt(absl::StrFormat("%d bytes, %d were written: truncated or extended",
                                     bytes.size(), header_.file_length));
    }
    return absl::OkStatus();
  }

  // Recomputes the layout from the lengths and compares: after this every offset is in the file.
  absl::Status ReadTable() {
    const uint64_t file_length = header_.file_length;
    if (header_.section_count > section_layout::kMaxSections ||
        header_.table_offset < sizeof(Header) || header_.table_offset > file_length ||
        header_.table_offset % section_layout::kAlignment != 0 ||
        file_length - header_.table_offset != header_.section_count * sizeof(Record)) {
      return Corrupt("section table: not at the end of the file");
    }
    const auto table = mapping_.bytes().subspan(header_.table_offset);
    if (!SameChecksum(header_.table_crc, base::Crc32c(table))) {
      return Corrupt("section table: checksum does not match");
    }
    table_ = {reinterpret_cast<const Record*>(table.data()), header_.section_count};
    uint64_t offset = sizeof(Header);
    uint64_t blocks = 0;
    for (const Record& record : table_) {
      RETURN_IF_ERROR(PlaceSection(record, offset, blocks));
      offset = AlignUp(offset + record.length);
      blocks += BlocksOf(record.length);
    }
    if (header_.checksums_offset != offset ||
        AlignUp(offset + blocks * sizeof(uint32_t)) != header_.table_offset) {
      return Corrupt("block checksums: not between the sections and the table");
    }
    checksums_ = {reinterpret_cast<const uint32_t*>(mapping_.bytes().data() + offset), blocks};
    for (const Record& record : table_) RETURN_IF_ERROR(VerifyRecord(record));
    return absl::OkStatus();
  }

  absl::Status PlaceSection(const Record& record, uint64_t offset, uint64_t blocks) {
    const auto id = static_cast<SectionId>(record.id);
    // offset <= table_offset holds by induction, so that nothing here overflows.
    if (record.offset != offset || record.first_block != blocks ||
        record.length > header_.table_offset - offset ||
        AlignUp(offset + record.length) > header_.table_offset) {
      return Corrupt(id, "does not follow the section before, or leaves the file");
    }
    if ((record.flags & ~section_layout::kRequired) != 0) {
      return absl::FailedPreconditionError(
          absl::StrFormat("%s: section %s: flags %#x are of a later version", path_,
                          SectionNameOrNumber(id), record.flags));
    }
    sections_.push_back({id, record.offset, record.length});
    if (record.id >= kSectionIdLimit || SectionName(id).empty()) {
      if ((record.flags & section_layout::kRequired) == 0) return absl::OkStatus();
      return absl::FailedPreconditionError(
          absl::StrFormat("%s: section %d is required to read the file and unknown to this build",
                          path_, record.id));
    }
    if (index_of_[record.id] >= 0) return Corrupt(id, "is there twice");
    index_of_[record.id] = static_cast<int>(sections_.size()) - 1;
    return absl::OkStatus();
  }

  // A small section's bytes, a large one's block checksums.
  absl::Status VerifyRecord(const Record& record) const {
    const bool large = section_layout::IsLarge(record.length);
    const auto covered =
        large ? std::as_bytes(checksums_.subspan(record.first_block, BlocksOf(record.length)))
              : Bytes(record);
    if (SameChecksum(record.crc, base::Crc32c(covered))) return absl::OkStatus();
    return Corrupt(
        static_cast<SectionId>(record.id),
        large ? "checksum of its block checksums does not match" : "checksum does not match");
  }

  absl::Status VerifyBlock(const Record& record, uint64_t block) const {
    const uint64_t begin = block * kBlockBytes;
    const auto bytes =
        Bytes(record).subspan(begin, std::min<uint64_t>(kBlockBytes, record.length - begin));
    const uint32_t computed = base::Crc32c(bytes);
    const uint32_t stored = checksums_[record.first_block + block];
    if (SameChecksum(stored, computed)) return absl::OkStatus();
    return Corrupt(
        static_cast<SectionId>(record.id),
        absl::StrFormat("block %d: checksum %08x, %08x was written", block, computed, stored));
  }

  absl::Status VerifyEveryByte() const {
    Header header;
    std::memcpy(&header, mapping_.bytes().data(), sizeof(Header));
    if (!SameChecksum(header.header_crc, HeaderCrc(header))) {
      return Corrupt("header: checksum does not match");
    }
    if (!SameChecksum(header.table_crc, base::Crc32c(std::as_bytes(table_)))) {
      return Corrupt("section table: checksum does not match");
    }
    for (const Record& record : table_) {
      RETURN_IF_ERROR(VerifyRecord(record));
      for (uint64_t block = 0; block < BlocksOf(record.length); ++block) {
        RETURN_IF_ERROR(VerifyBlock(record, block));
      }
      RETURN_IF_ERROR(VerifyPadding(record.offset + record.length));
    }
    return VerifyPadding(header.checksums_offset + checksums_.size_bytes());
  }

  absl::Status VerifyPadding(uint64_t offset) const {
    const auto padding = mapping_.bytes().subspan(offset, AlignUp(offset) - offset);
    for (const std::byte byte : padding) {
      if (byte != std::byte{0}) return Corrupt(absl::StrFormat("padding at %d: not zero", offset));
    }
    return absl::OkStatus();
  }

  const std::string path_;
  const base::MappedFile mapping_;
  Header header_;
  std::span<const Record> table_;              // in the mapping
  std::span<const uint32_t> checksums_;        // in the mapping
  std::vector<Info> sections_;                 // parallel to table_
  std::array<int, kSectionIdLimit> index_of_;  // SectionId -> index into table_, -1: absent
  // Bit i: block i of checksums_ was found intact.
  mutable std::vector<std::atomic<uint64_t>> verified_;
};

}  // namespace

std::string_view SectionName(SectionId id) {
  switch (id) {
    case SectionId::kMeta:
      return "meta";
    case SectionId::kTermKeys:
      return "term_keys";
    case SectionId::kTermInfo:
      return "term_info";
    case SectionId::kPostings:
      return "postings";
    case SectionId::kBlockMaxima:
      return "block_maxima";
    case SectionId::kForwardOffsets:
      return "forward_offsets";
    case SectionId::kForward:
      return "forward";
    case SectionId::kPositions:
      return "positions";
    case SectionId::kTermStrings:
      return "term_strings";
    case SectionId::kPassages:
      return "passages";
    case SectionId::kDocuments:
      return "documents";
    case SectionId::kFieldSchema:
      return "field_schema";
    case SectionId::kFieldData:
      return "field_data";
    case SectionId::kTextIndex:
      return "text_index";
    case SectionId::kText:
      return "text";
    case SectionId::kTermDf:
      return "term_df";
    case SectionId::kCountedTerms:
      return "counted_terms";
  }
  return "";
}

absl::StatusOr<std::shared_ptr<const SectionFile>> SectionFile::Open(std::string path,
                                                                     FileKind kind,
                                                                     uint32_t version) {
  absl::StatusOr<base::MappedFile> mapping = base::MappedFile::Open(path);
  // A missing file of a collection is our loss, not an answer to the caller's question.
  if (!mapping.ok()) return absl::InternalError(mapping.status().message());
  auto file = std::make_shared<File>(std::move(path), *std::move(mapping));
  RETURN_IF_ERROR(file->Init(kind, version));
  return file;
}

absl::Status SectionFile::OddLength(SectionId id, size_t element_bytes) const {
  return absl::DataLossError(absl::StrFormat("%s: section %s: length is no multiple of %d", path(),
                                             SectionName(id), element_bytes));
}

}  // namespace foraker::index
