#include <algorithm>
#include <optional>
#include <utility>

#include "base/crc32c.h"
#include "base/file.h"
#include "base/status.h"
#include "index/segment/section_file.h"
#include "index/segment/section_layout.h"

namespace foraker::index {
namespace {

using section_layout::AlignUp;
using section_layout::BlocksOf;
using section_layout::Header;
using section_layout::kBlockBytes;
using section_layout::Record;

class Writer final : public SectionFileWriter {
 public:
  Writer(std::unique_ptr<base::AtomicFile> file, FileKind kind, uint32_t version)
      : file_(std::move(file)), kind_(kind), version_(version) {}

  // The header's place is taken first and filled last.
  absl::Status Start() { return file_->Append(std::as_bytes(std::span(&kNoHeader, 1))); }

  absl::Status Begin(SectionId id) override {
    RETURN_IF_ERROR(EndSection());
    const auto number = static_cast<uint32_t>(id);
    if (std::any_of(table_.begin(), table_.end(), [&](auto& r) { return r.id == number; })) {
      return absl::InternalError(absl::StrCat(file_->path(), ": section ",
                                              base::ToAbsl(SectionName(id)), " is written twice"));
    }
    open_section_ = Record{.id = number,
                           .flags = section_layout::kRequired,
                           .offset = file_->size(),
                           .length = 0,
                           .first_block = static_cast<uint32_t>(checksums_.size()),
                           .crc = 0};
    return absl::OkStatus();
  }

  absl::Status Append(std::span<const std::byte> bytes) override {
    if (!open_section_) {
      return absl::InternalError(absl::StrCat(file_->path(), ": Append before Begin"));
    }
    RETURN_IF_ERROR(file_->Append(bytes));
    while (!bytes.empty()) {
      const uint64_t in_block = open_section_->length % kBlockBytes;
      if (in_block == 0) section_crcs_.push_back(0);
      const auto piece = bytes.first(std::min<uint64_t>(bytes.size(), kBlockBytes - in_block));
      section_crcs_.back() = base::Crc32c(piece, section_crcs_.back());
      open_section_->length += piece.size();
      bytes = bytes.subspan(piece.size());
    }
    return absl::OkStatus();
  }

  absl::Status Finish() override {
    RETURN_IF_ERROR(EndSection());
    Header header = kNoHeader;
    header.magic = section_layout::kMagic;
    header.kind = static_cast<uint32_t>(kind_);
    header.version = version_;
    header.checksums_offset = file_->size();
    RETURN_IF_ERROR(file_->Append(std::as_bytes(std::span(checksums_))));
    RETURN_IF_ERROR(Pad());
    header.table_offset = file_->size();
    header.section_count = static_cast<uint32_t>(table_.size());
    const auto table = std::as_bytes(std::span(std::as_const(table_)));
    header.table_crc = base::Crc32c(table);
    RETURN_IF_ERROR(file_->Append(table));
    header.file_length = file_->size();
    header.header_crc = HeaderCrc(header);
    RETURN_IF_ERROR(file_->Overwrite(0, std::as_bytes(std::span(&header, 1))));
    return file_->Commit();
  }

 private:
  static constexpr Header kNoHeader{};

  absl::Status Pad() {
    static constexpr std::array<std::byte, section_layout::kAlignment> kZeros{};
    return file_->Append(std::span(kZeros).first(AlignUp(file_->size()) - file_->size()));
  }

  absl::Status EndSection() {
    if (!open_section_) return absl::OkStatus();
    if (section_layout::IsLarge(open_section_->length)) {
      open_section_->crc = base::Crc32c(std::as_bytes(std::span(section_crcs_)));
      checksums_.insert(checksums_.end(), section_crcs_.begin(), section_crcs_.end());
    } else {
      open_section_->crc = section_crcs_.empty() ? 0 : section_crcs_.front();
    }
    table_.push_back(*open_section_);
    open_section_.reset();
    section_crcs_.clear();
    return Pad();
  }

  std::unique_ptr<base::AtomicFile> file_;
  const FileKind kind_;
  const uint32_t version_;
  std::vector<Record> table_;
  std::vector<uint32_t> checksums_;  // of the large sections that are finished
  std::optional<Record> open_section_;
  std::vector<uint32_t> section_crcs_;  // of the open section, a block each
};

}  // namespace

absl::StatusOr<std::unique_ptr<SectionFileWriter>> SectionFileWriter::Create(std::string path,
                                                                             FileKind kind,
                                                                             uint32_t version) {
  ASSIGN_OR_RETURN(std::unique_ptr<base::AtomicFile> file,
                   base::AtomicFile::Create(std::move(path)));
  auto writer = std::make_unique<Writer>(std::move(file), kind, version);
  RETURN_IF_ERROR(writer->Start());
  return writer;
}

absl::Status SectionFileWriter::AddSection(SectionId id, std::span<const std::byte> bytes) {
  RETURN_IF_ERROR(Begin(id));
  return Append(bytes);
}

}  // namespace foraker::index
