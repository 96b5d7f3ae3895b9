#include "bench/vector_segment.h"

#include <cstdio>
#include <filesystem>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "index/postings/term_index_builder.h"

namespace foraker::bench {
namespace {

using index::DocId;
using index::PassageId;
using index::SectionFile;
using index::SectionId;

constexpr auto kKind = index::FileKind::kSegment;
constexpr uint32_t kVersion = 0xbe7c;  // no segment that anything else would open

class VectorSegment final : public index::Segment {
 public:
  VectorSegment(std::shared_ptr<const SectionFile> file,
                std::unique_ptr<const index::TermIndex> terms, std::span<const uint32_t> rows,
                const std::string& prefix)
      : file_(std::move(file)), terms_(std::move(terms)) {
    for (const uint32_t row : rows) ids_.push_back(absl::StrFormat("%s%08d", prefix, row));
  }

  const SectionFile& file() const override { return *file_; }
  const index::TermIndex& terms() const override { return *terms_; }
  const index::FieldColumns& fields() const override { std::abort(); }
  const index::CountedTerms* counted_terms() const override { return nullptr; }
  const index::TextStore& texts() const override { std::abort(); }
  uint32_t num_documents() const override { return static_cast<uint32_t>(ids_.size()); }
  uint32_t num_passages() const override { return num_documents(); }
  absl::StatusOr<DocId> DocumentOf(PassageId passage) const override { return passage; }
  absl::StatusOr<index::PassageRange> PassagesOf(DocId document) const override {
    return index::PassageRange{document, document + 1};
  }
  absl::StatusOr<index::PassageText> TextRange(PassageId) const override {
    return index::PassageText{0, 0};
  }
  absl::StatusOr<std::string_view> Id(DocId document) const override { return ids_[document]; }
  absl::StatusOr<uint64_t> Version(DocId) const override { return 1; }
  absl::StatusOr<std::optional<DocId>> FindId(std::string_view) const override {
    return std::nullopt;
  }
  absl::StatusOr<index::TitleAndText> LoadText(DocId) const override {
    return index::TitleAndText{};
  }
  absl::StatusOr<std::string_view> TermName(index::TermOrdinal) const override { return ""; }
  absl::Status Verify() const override { return file_->VerifyAll(); }

 private:
  std::shared_ptr<const SectionFile> file_;
  std::unique_ptr<const index::TermIndex> terms_;
  std::vector<std::string> ids_;
};

absl::Status Build(const VectorMatrix& matrix, Order order, const std::string& path) {
  const absl::Time start = absl::Now();
  index::TermIndexBuilder builder;
  for (size_t row = 0; row < matrix.rows(); ++row) {
    const index::SparseVector vector = matrix.Row(row);
    const index::SparseVectorView view = vector.view();
    builder.AddDocument({&view, 1});
  }
  const absl::Time added = absl::Now();
  std::vector<uint32_t> rows(builder.num_documents());
  std::iota(rows.begin(), rows.end(), 0u);
  if (order == Order::kClustered) rows = builder.DocumentOrder();
  const absl::Time ordered = absl::Now();
  ASSIGN_OR_RETURN(auto writer, index::SectionFileWriter::Create(path, kKind, kVersion));
  RETURN_IF_ERROR(builder.Write(rows, *writer));
  RETURN_IF_ERROR(writer->AddArray(SectionId::kDocuments, std::span<const uint32_t>(rows)));
  RETURN_IF_ERROR(writer->Finish());
  std::printf("built %s: add %.1f s, order %.1f s, write %.1f s\n", path.c_str(),
              absl::ToDoubleSeconds(added - start), absl::ToDoubleSeconds(ordered - added),
              absl::ToDoubleSeconds(absl::Now() - ordered));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const index::Segment>> OpenVectorSegment(const VectorMatrix& matrix,
                                                                        Order order,
                                                                        const std::string& path,
                                                                        const std::string& prefix) {
  if (!std::filesystem::exists(path)) RETURN_IF_ERROR(Build(matrix, order, path));
  ASSIGN_OR_RETURN(std::shared_ptr<const SectionFile> file,
                   SectionFile::Open(path, kKind, kVersion));
  ASSIGN_OR_RETURN(std::unique_ptr<const index::TermIndex> terms, index::TermIndex::Open(file));
  ASSIGN_OR_RETURN(const std::span<const uint32_t> rows,
                   file->GetArray<uint32_t>(SectionId::kDocuments));
  return std::make_shared<VectorSegment>(file, std::move(terms), rows, prefix);
}

}  // namespace foraker::bench
