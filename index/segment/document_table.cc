#include "index/segment/document_table.h"

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "index/segment/id_bucket.h"

namespace foraker::index {

absl::StatusOr<DocumentTable> DocumentTable::Open(const SectionFile& file, uint32_t num_documents,
                                                  uint32_t num_passages) {
  DocumentTable table;
  table.file_ = &file;
  ASSIGN_OR_RETURN(SectionCursor documents, SectionCursor::Open(file, SectionId::kDocuments));
  ASSIGN_OR_RETURN(table.versions_, documents.Take<uint64_t>(num_documents));
  ASSIGN_OR_RETURN(table.id_ends_, documents.Take<uint32_t>(num_documents));
  ASSIGN_OR_RETURN(table.bucket_ends_, documents.Take<uint32_t>(BucketsOf(num_documents)));
  ASSIGN_OR_RETURN(table.by_bucket_, documents.Take<uint32_t>(num_documents));
  ASSIGN_OR_RETURN(table.ids_, documents.Take<char>(documents.remaining()));
  ASSIGN_OR_RETURN(SectionCursor passages, SectionCursor::Open(file, SectionId::kPassages));
  ASSIGN_OR_RETURN(table.passage_ends_, passages.Take<uint32_t>(num_documents));
  ASSIGN_OR_RETURN(table.document_of_, passages.Take<uint32_t>(num_passages));
  ASSIGN_OR_RETURN(table.text_begins_, passages.Take<uint32_t>(num_passages));
  ASSIGN_OR_RETURN(table.text_ends_, passages.Take<uint32_t>(num_passages));
  RETURN_IF_ERROR(passages.Finish());
  return table;
}

absl::Status DocumentTable::InRange(std::string_view kind, uint64_t ordinal, uint64_t count) const {
  if (ordinal < count) return absl::OkStatus();
  return absl::OutOfRangeError(
      absl::StrFormat("%s: %s %d of %d", file_->path(), kind, ordinal, count));
}

absl::StatusOr<std::string_view> DocumentTable::Id(DocId document) const {
  RETURN_IF_ERROR(InRange("document", document, id_ends_.size()));
  ASSIGN_OR_RETURN(const auto bounds, id_ends_.BoundsOf(document, ids_.size()));
  if (bounds.begin == bounds.end || bounds.end - bounds.begin > kMaxIdBytes) {
    return id_ends_.Corrupt(
        absl::StrFormat("document %d: id of %d bytes", document, bounds.end - bounds.begin));
  }
  ASSIGN_OR_RETURN(const auto bytes, ids_.Range(bounds.begin, bounds.end - bounds.begin));
  return std::string_view(bytes.data(), bytes.size());
}

absl::StatusOr<uint64_t> DocumentTable::Version(DocId document) const {
  RETURN_IF_ERROR(InRange("document", document, versions_.size()));
  return versions_.At(document);
}

absl::StatusOr<std::optional<DocId>> DocumentTable::FindId(std::string_view id) const {
  const auto num_documents = static_cast<uint32_t>(id_ends_.size());
  ASSIGN_OR_RETURN(const auto bucket,
                   bucket_ends_.BoundsOf(IdBucket(id, num_documents), by_bucket_.size()));
  ASSIGN_OR_RETURN(const std::span<const uint32_t> documents,
                   by_bucket_.Range(bucket.begin, bucket.end - bucket.begin));
  for (const uint32_t document : documents) {
    if (document >= num_documents) return by_bucket_.Corrupt("a bucket names no document");
    ASSIGN_OR_RETURN(const std::string_view stored, Id(document));
    if (stored == id) return document;
  }
  return std::nullopt;
}

absl::StatusOr<DocId> DocumentTable::DocumentOf(PassageId passage) const {
  RETURN_IF_ERROR(InRange("passage", passage, document_of_.size()));
  ASSIGN_OR_RETURN(const uint32_t document, document_of_.At(passage));
  if (document >= id_ends_.size()) {
    return document_of_.Corrupt(absl::StrFormat("passage %d is of no document", passage));
  }
  return document;
}

absl::StatusOr<PassageRange> DocumentTable::PassagesOf(DocId document) const {
  RETURN_IF_ERROR(InRange("document", document, passage_ends_.size()));
  ASSIGN_OR_RETURN(const auto bounds, passage_ends_.BoundsOf(document, document_of_.size()));
  return PassageRange{static_cast<PassageId>(bounds.begin), static_cast<PassageId>(bounds.end)};
}

absl::StatusOr<PassageText> DocumentTable::TextRange(PassageId passage) const {
  RETURN_IF_ERROR(InRange("passage", passage, text_begins_.size()));
  ASSIGN_OR_RETURN(const uint32_t begin, text_begins_.At(passage));
  ASSIGN_OR_RETURN(const uint32_t end, text_ends_.At(passage));
  if (begin > end) {
    return text_begins_.Corrupt(absl::StrFormat("passage %d: text [%d, %d)", passage, begin, end));
  }
  return PassageText{begin, end};
}

absl::Status DocumentTable::Verify() const {
  uint32_t next_passage = 0;
  for (uint32_t document = 0; document < id_ends_.size(); ++document) {
    ASSIGN_OR_RETURN(const std::string_view id, Id(document));
    ASSIGN_OR_RETURN(const std::optional<DocId> found, FindId(id));
    if (found != document) {
      return by_bucket_.Corrupt(absl::StrFormat("document '%s' is not found by its id", id));
    }
    ASSIGN_OR_RETURN(const PassageRange passages, PassagesOf(document));
    for (; next_passage < passages.end; ++next_passage) {
      ASSIGN_OR_RETURN(const DocId owner, DocumentOf(next_passage));
      if (owner != document) {
        return document_of_.Corrupt(
            absl::StrFormat("passage %d is of two documents", next_passage));
      }
    }
  }
  if (next_passage != document_of_.size()) return document_of_.Corrupt("passages of no document");
  ASSIGN_OR_RETURN(const auto last, bucket_ends_.At(bucket_ends_.size() - 1));
  if (last != by_bucket_.size()) return bucket_ends_.Corrupt("buckets do not hold all documents");
  return absl::OkStatus();
}

}  // namespace foraker::index
