#include "memory_segment.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <utility>

#include "base/status.h"
#include "index/postings/term_index_builder.h"

namespace foraker::index {
namespace {

class MemorySections final : public SectionFile {
 public:
  explicit MemorySections(SectionBytes sections) : sections_(std::move(sections)) {}

  const std::string& path() const override { return path_; }
  uint64_t file_bytes() const override { return 0; }
  std::span<const Info> sections() const override { return {}; }
  bool Has(SectionId id) const override { return sections_.contains(id); }

  absl::StatusOr<std::span<const std::byte>> Get(SectionId id) const override {
    const auto found = sections_.find(id);
    if (found == sections_.end()) return absl::DataLossError("missing section");
    return std::span<const std::byte>(found->second);
  }
  absl::Status Touch(SectionId id, uint64_t offset, uint64_t length) const override {
    const size_t size = sections_.at(id).size();
    return offset <= size && length <= size - offset ? absl::OkStatus()
                                                     : absl::DataLossError("beyond the section");
  }
  absl::Status VerifyAll() const override { return absl::OkStatus(); }

 private:
  std::string path_ = "memory";
  SectionBytes sections_;
};

class MemorySegment final : public Segment {
 public:
  MemorySegment(std::shared_ptr<const SectionFile> file, std::unique_ptr<const TermIndex> terms,
                std::vector<std::string> ids, std::vector<uint32_t> first)
      : file_(std::move(file)),
        terms_(std::move(terms)),
        ids_(std::move(ids)),
        first_(std::move(first)) {}

  const SectionFile& file() const override { return *file_; }
  const TermIndex& terms() const override { return *terms_; }
  const FieldColumns& fields() const override { std::abort(); }
  const CountedTerms* counted_terms() const override { return nullptr; }
  uint32_t num_documents() const override { return static_cast<uint32_t>(ids_.size()); }
  uint32_t num_passages() const override { return first_.back(); }

  absl::StatusOr<DocId> DocumentOf(PassageId passage) const override {
    if (passage >= num_passages()) return absl::OutOfRangeError("no such passage");
    const auto after = std::upper_bound(first_.begin(), first_.end(), passage);
    return static_cast<DocId>(after - first_.begin() - 1);
  }
  absl::StatusOr<PassageRange> PassagesOf(DocId document) const override {
    if (document >= num_documents()) return absl::OutOfRangeError("no such document");
    return PassageRange{first_[document], first_[document + 1]};
  }
  absl::StatusOr<PassageText> TextRange(PassageId) const override { return PassageText{0, 0}; }
  absl::StatusOr<std::string_view> Id(DocId document) const override { return ids_[document]; }
  absl::StatusOr<uint64_t> Version(DocId) const override { return 1; }
  absl::StatusOr<std::optional<DocId>> FindId(std::string_view id) const override {
    const auto found = std::find(ids_.begin(), ids_.end(), id);
    if (found == ids_.end()) return std::nullopt;
    return static_cast<DocId>(found - ids_.begin());
  }
  absl::StatusOr<TitleAndText> LoadText(DocId) const override { return TitleAndText{}; }
  absl::StatusOr<std::string_view> TermName(TermOrdinal) const override { return ""; }
  absl::Status Verify() const override { return absl::OkStatus(); }

 private:
  std::shared_ptr<const SectionFile> file_;
  std::unique_ptr<const TermIndex> terms_;
  std::vector<std::string> ids_;  // [documents]
  std::vector<uint32_t> first_;   // [documents + 1] first passage
};

}  // namespace

absl::Status MemorySectionWriter::Begin(SectionId id) {
  current_ = id;
  sections_[id];
  return absl::OkStatus();
}

absl::Status MemorySectionWriter::Append(std::span<const std::byte> bytes) {
  std::vector<std::byte>& section = sections_[current_];
  section.insert(section.end(), bytes.begin(), bytes.end());
  return absl::OkStatus();
}

std::shared_ptr<const SectionFile> OpenSections(SectionBytes sections) {
  return std::make_shared<MemorySections>(std::move(sections));
}

std::shared_ptr<const Segment> MakeSegment(std::span<const TestDocument> documents,
                                           bool clustered) {
  TermIndexBuilder builder;
  for (const TestDocument& document : documents) {
    std::vector<SparseVectorView> views;
    for (const SparseVector& passage : document.passages) views.push_back(passage.view());
    builder.AddDocument(views);
  }
  std::vector<uint32_t> order(documents.size());
  std::iota(order.begin(), order.end(), 0u);
  if (clustered) order = builder.DocumentOrder();

  MemorySectionWriter writer;
  if (!builder.Write(order, writer).ok()) std::abort();
  std::shared_ptr<const SectionFile> file = OpenSections(writer.Take());
  absl::StatusOr<std::unique_ptr<const TermIndex>> terms = TermIndex::Open(file);
  if (!terms.ok()) std::abort();

  std::vector<std::string> ids;
  std::vector<uint32_t> first = {0};
  for (const uint32_t d : order) {
    ids.push_back(documents[d].id);
    first.push_back(first.back() + static_cast<uint32_t>(documents[d].passages.size()));
  }
  return std::make_shared<MemorySegment>(std::move(file), *std::move(terms), std::move(ids),
                                         std::move(first));
}

}  // namespace foraker::index
