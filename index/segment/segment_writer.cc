#include "index/segment/segment_writer.h"

#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/directory.h"
#include "base/status.h"
#include "index/postings/term_index_builder.h"
#include "index/segment/counted_terms.h"
#include "index/segment/document_table.h"
#include "index/segment/field_columns_builder.h"
#include "index/segment/memory_sections.h"
#include "index/segment/section_file.h"
#include "index/segment/segment_layout.h"
#include "index/segment/term_names.h"
#include "index/segment/text_store.h"

namespace foraker::index {
namespace {

class Writer final : public SegmentWriter {
 public:
  // Without a path in memory.
  Writer(std::optional<std::string> path, std::unique_ptr<TextStoreBuilder> texts)
      : path_(std::move(path)), texts_(std::move(texts)) {}

  absl::Status Check(const Document& document) const override {
    RETURN_IF_ERROR(documents_.Check(document));
    RETURN_IF_ERROR(fields_.Check(document));
    RETURN_IF_ERROR(texts_->Check(document));
    RETURN_IF_ERROR(counted_.Check(document));
    for (size_t i = 0; i < document.passages.size(); ++i) {
      const absl::Status valid = Validate(document.passages[i].vector.view());
      if (valid.ok()) continue;
      return base::Annotate(valid, absl::StrFormat("document '%s': passage %d", document.id, i));
    }
    return absl::OkStatus();
  }

  absl::Status Add(const Document& document) override {
    // A document that is refused leaves no trace.
    RETURN_IF_ERROR(Check(document));
    std::vector<SparseVectorView> vectors;
    vectors.reserve(document.passages.size());
    for (const Passage& passage : document.passages) vectors.push_back(passage.vector.view());
    RETURN_IF_ERROR(texts_->Add(document));
    documents_.Add(document);
    fields_.Add(document);
    counted_.Add(document);
    terms_.AddDocument(vectors);
    return absl::OkStatus();
  }

  bool HasName(TermKey key) const override { return names_.Has(key); }
  void Name(TermKey key, std::string_view utf8) override { names_.Add(key, utf8); }

  uint32_t num_documents() const override { return documents_.num_documents(); }
  uint32_t num_passages() const override { return documents_.num_passages(); }

  size_t memory_bytes() const override {
    const size_t order = num_documents() * sizeof(uint32_t);
    return terms_.memory_bytes() + documents_.memory_bytes() + fields_.memory_bytes() +
           names_.memory_bytes() + texts_->memory_bytes() + counted_.memory_bytes() + order;
  }

  absl::Status Finish() override {
    if (!path_) return absl::FailedPreconditionError("a segment in memory has no file to finish");
    ASSIGN_OR_RETURN(std::unique_ptr<SectionFileWriter> out,
                     SectionFileWriter::Create(*path_, FileKind::kSegment, kSegmentVersion));
    RETURN_IF_ERROR(WriteSections(terms_.DocumentOrder(), *out));
    return out->Finish();
  }

  absl::StatusOr<std::shared_ptr<const Segment>> FinishInMemory(std::string label) override {
    if (path_) {
      return absl::FailedPreconditionError(absl::StrFormat("%s: to be finished as a file", *path_));
    }
    // Clustering would cost a commit more than the few blocks of a small segment can give back.
    std::vector<uint32_t> order(num_documents());
    std::iota(order.begin(), order.end(), 0u);
    MemorySectionWriter out;
    RETURN_IF_ERROR(WriteSections(order, out));
    return Segment::Open(OpenSections(out.Take(), std::move(label)));
  }

 private:
  absl::Status WriteSections(std::span<const uint32_t> order, SectionFileWriter& out) {
    const SegmentMeta meta = {num_documents(), num_passages()};
    RETURN_IF_ERROR(out.AddArray(SectionId::kMeta, std::span<const SegmentMeta>(&meta, 1)));
    RETURN_IF_ERROR(documents_.Write(order, out));
    RETURN_IF_ERROR(names_.Write(terms_.Keys(), out));
    RETURN_IF_ERROR(terms_.Write(order, out));
    RETURN_IF_ERROR(fields_.Write(order, out));
    RETURN_IF_ERROR(texts_->Write(order, out));
    return counted_.Write(order, out);
  }

  const std::optional<std::string> path_;
  DocumentTableBuilder documents_;
  FieldColumnsBuilder fields_;
  TermNamesBuilder names_;
  TermIndexBuilder terms_;
  std::unique_ptr<TextStoreBuilder> texts_;
  CountedTermsBuilder counted_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SegmentWriter>> SegmentWriter::Create(std::string path) {
  ASSIGN_OR_RETURN(std::unique_ptr<TextStoreBuilder> texts,
                   TextStoreBuilder::Create(base::DirectoryOf(path)));
  return std::make_unique<Writer>(std::move(path), std::move(texts));
}

absl::StatusOr<std::unique_ptr<SegmentWriter>> SegmentWriter::CreateInMemory() {
  return std::make_unique<Writer>(std::nullopt, TextStoreBuilder::CreateInMemory());
}

}  // namespace foraker::index
