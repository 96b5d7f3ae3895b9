#include "index/segment/memory_sections.h"

#include <array>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "index/segment/section_array.h"

namespace foraker::index {
namespace {

class MemorySections final : public SectionFile {
 public:
  MemorySections(SectionBytes sections, std::string label)
      : label_(std::move(label)), sections_(std::move(sections)) {
    for (auto& [id, bytes] : sections_) {
      bytes.shrink_to_fit();
      by_id_[static_cast<size_t>(id)] = std::span<const std::byte>(bytes);
      infos_.push_back({id, bytes_, bytes.size()});
      bytes_ += bytes.size();
    }
  }

  const std::string& path() const override { return label_; }
  uint64_t file_bytes() const override { return bytes_; }
  std::span<const Info> sections() const override { return infos_; }
  bool Has(SectionId id) const override { return Find(id).has_value(); }

  absl::StatusOr<std::span<const std::byte>> Get(SectionId id) const override {
    if (!Has(id)) return CorruptSection(*this, id, "missing");
    return *Find(id);
  }

  absl::Status Touch(SectionId id, uint64_t offset, uint64_t length) const override {
    if (!Has(id)) return CorruptSection(*this, id, "missing");
    const uint64_t size = Find(id)->size();
    if (offset <= size && length <= size - offset) return absl::OkStatus();
    return CorruptSection(
        *this, id, absl::StrFormat("%d bytes at %d leave the section's %d", length, offset, size));
  }

  absl::Status VerifyAll() const override { return absl::OkStatus(); }

 private:
  const std::optional<std::span<const std::byte>>& Find(SectionId id) const {
    return by_id_[static_cast<size_t>(id)];
  }

  const std::string label_;
  SectionBytes sections_;
  std::array<std::optional<std::span<const std::byte>>, kSectionIdLimit> by_id_;
  std::vector<Info> infos_;
  uint64_t bytes_ = 0;
};

}  // namespace

absl::Status MemorySectionWriter::Begin(SectionId id) {
  const auto [section, fresh] = sections_.try_emplace(id);
  if (!fresh) {
    return absl::InternalError(
        absl::StrCat("section ", base::ToAbsl(SectionName(id)), " is written twice"));
  }
  current_ = &section->second;
  return absl::OkStatus();
}

absl::Status MemorySectionWriter::Append(std::span<const std::byte> bytes) {
  if (current_ == nullptr) return absl::InternalError("Append before Begin");
  current_->insert(current_->end(), bytes.begin(), bytes.end());
  return absl::OkStatus();
}

absl::Status MemorySectionWriter::Finish() { return absl::OkStatus(); }

std::shared_ptr<const SectionFile> OpenSections(SectionBytes sections, std::string label) {
  return std::make_shared<MemorySections>(std::move(sections), std::move(label));
}

}  // namespace foraker::index
