#include "index/segment/segment.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "index/segment/document_table.h"
#include "index/segment/section_array.h"
#include "index/segment/segment_layout.h"
#include "index/segment/term_names.h"
#include "index/segment/text_store.h"

namespace foraker::index {
namespace {

class OpenSegment final : public Segment {
 public:
  explicit OpenSegment(std::shared_ptr<const SectionFile> file) : file_(std::move(file)) {}

  absl::Status Init() {
    ASSIGN_OR_RETURN(SectionCursor meta, SectionCursor::Open(*file_, SectionId::kMeta));
    ASSIGN_OR_RETURN(meta_, meta.TakeOne<SegmentMeta>());
    RETURN_IF_ERROR(meta.Finish());
    ASSIGN_OR_RETURN(terms_, TermIndex::Open(file_));
    if (terms_->num_passages() != meta_.num_passages) {
      return CorruptSection(*file_, SectionId::kMeta,
                            absl::StrFormat("%d passages, but vectors of %d", meta_.num_passages,
                                            terms_->num_passages()));
    }
    ASSIGN_OR_RETURN(documents_,
                     DocumentTable::Open(*file_, meta_.num_documents, meta_.num_passages));
    ASSIGN_OR_RETURN(fields_, FieldColumns::Open(*file_, meta_.num_documents));
    ASSIGN_OR_RETURN(texts_, TextStore::Open(*file_, meta_.num_documents));
    ASSIGN_OR_RETURN(counted_, CountedTerms::Open(*file_, meta_.num_passages));
    ASSIGN_OR_RETURN(names_, TermNames::Open(*file_, terms_->num_terms()));
    return absl::OkStatus();
  }

  const SectionFile& file() const override { return *file_; }
  const TermIndex& terms() const override { return *terms_; }
  const FieldColumns& fields() const override { return *fields_; }
  const CountedTerms* counted_terms() const override { return counted_ ? &*counted_ : nullptr; }

  uint32_t num_documents() const override { return meta_.num_documents; }
  uint32_t num_passages() const override { return meta_.num_passages; }

  absl::StatusOr<DocId> DocumentOf(PassageId passage) const override {
    return documents_.DocumentOf(passage);
  }
  absl::StatusOr<PassageRange> PassagesOf(DocId document) const override {
    return documents_.PassagesOf(document);
  }
  absl::StatusOr<PassageText> TextRange(PassageId passage) const override {
    return documents_.TextRange(passage);
  }

  absl::StatusOr<std::string_view> Id(DocId document) const override {
    return documents_.Id(document);
  }
  absl::StatusOr<uint64_t> Version(DocId document) const override {
    return documents_.Version(document);
  }
  absl::StatusOr<std::optional<DocId>> FindId(std::string_view id) const override {
    return documents_.FindId(id);
  }

  absl::StatusOr<TitleAndText> LoadText(DocId document) const override {
    if (document >= num_documents()) return OutOfRange("document", document, num_documents());
    return texts_.Load(document);
  }
  const TextStore& texts() const override { return texts_; }

  absl::StatusOr<std::string_view> TermName(TermOrdinal term) const override {
    if (term >= terms_->num_terms()) return OutOfRange("term", term, terms_->num_terms());
    return names_.Get(term);
  }

  absl::Status Verify() const override {
    RETURN_IF_ERROR(file_->VerifyAll());
    RETURN_IF_ERROR(documents_.Verify());
    RETURN_IF_ERROR(fields_->Verify());
    RETURN_IF_ERROR(texts_.Verify(
        [this](DocId document, uint64_t text_bytes) { return VerifyText(document, text_bytes); }));
    if (counted_) RETURN_IF_ERROR(counted_->Verify());
    for (TermOrdinal term = 0; term < terms_->num_terms(); ++term) {
      RETURN_IF_ERROR(names_.Get(term).status());
    }
    return VerifyTerms();
  }

 private:
  absl::Status OutOfRange(std::string_view kind, uint32_t ordinal, uint32_t count) const {
    return absl::OutOfRangeError(
        absl::StrFormat("%s: %s %d of %d", file_->path(), kind, ordinal, count));
  }

  // That the passages of a document lie in its text.
  absl::Status VerifyText(DocId document, uint64_t text_bytes) const {
    ASSIGN_OR_RETURN(const PassageRange passages, PassagesOf(document));
    for (PassageId passage = passages.begin; passage < passages.end; ++passage) {
      ASSIGN_OR_RETURN(const PassageText range, TextRange(passage));
      if (range.end > text_bytes) {
        return CorruptSection(*file_, SectionId::kPassages,
                              absl::StrFormat("passage %d leaves its text", passage));
      }
    }
    return absl::OkStatus();
  }

  // That every vector is valid, and that the lists have as many postings as the vectors entries.
  absl::Status VerifyTerms() const {
    uint64_t entries = 0;
    SparseVector vector;
    for (PassageId passage = 0; passage < num_passages(); ++passage) {
      RETURN_IF_ERROR(terms_->Forward(passage, vector));
      if (const absl::Status status = Validate(vector.view()); !status.ok()) {
        return CorruptSection(
            *file_, SectionId::kForward,
            absl::StrFormat("passage %d: %s", passage, base::ToStd(status.message())));
      }
      entries += vector.keys.size();
    }
    uint64_t postings = 0;
    for (TermOrdinal term = 0; term < terms_->num_terms(); ++term) {
      ASSIGN_OR_RETURN(const uint32_t frequency, terms_->DocumentFrequency(term));
      postings += frequency;
    }
    if (postings != entries) {
      return CorruptSection(
          *file_, SectionId::kPostings,
          absl::StrFormat("%d postings, but %d entries of vectors", postings, entries));
    }
    return absl::OkStatus();
  }

  const std::shared_ptr<const SectionFile> file_;  // the tables below borrow it
  SegmentMeta meta_{};
  std::unique_ptr<const TermIndex> terms_;
  DocumentTable documents_;
  std::unique_ptr<const FieldColumns> fields_;
  TextStore texts_;
  std::optional<CountedTerms> counted_;
  TermNames names_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const Segment>> Segment::Open(std::string path) {
  ASSIGN_OR_RETURN(std::shared_ptr<const SectionFile> file,
                   SectionFile::Open(std::move(path), FileKind::kSegment, kSegmentVersion));
  return Open(std::move(file));
}

absl::StatusOr<std::shared_ptr<const Segment>> Segment::Open(
    std::shared_ptr<const SectionFile> file) {
  auto segment = std::make_shared<OpenSegment>(std::move(file));
  RETURN_IF_ERROR(segment->Init());
  return segment;
}

}  // namespace foraker::index
