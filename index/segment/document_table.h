// Documents and passages of a segment: ids, versions, the way from an id to its ordinal, which
// passages are whose, and where each passage's text is.
//
// D = documents, P = passages, B = buckets (id_bucket.h). Integers are little-endian.
//
//   kDocuments   u64[D]      versions
//                u32[D]      end of each id in the bytes below
//                u32[B]      end of each bucket in the list below
//                u32[D]      documents by bucket, then by ordinal
//                u8[]        ids, one after the other
//   kPassages    u32[D]      end of each document's passages
//                u32[P]      document of each passage
//                u32[P]      begin of its text, bytes into the document's
//                u32[P]      end of its text
//
// Two documents share a bucket on average: a
// look-up compares that many stored ids, and costs 6 bytes a document.

#ifndef FORAKER_INDEX_SEGMENT_DOCUMENT_TABLE_H_
#define FORAKER_INDEX_SEGMENT_DOCUMENT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/segment/document.h"
#include "index/segment/section_array.h"
#include "index/segment/section_file.h"
#include "index/segment/segment.h"
#include "index/segment/string_pool.h"

namespace foraker::index {

inline constexpr size_t kMaxIdBytes = 512;

// One thread.
class DocumentTableBuilder {
 public:
  // kInvalidArgument: an id's length, a passage outside its text. kAlreadyExists: the id is here.
  absl::Status Check(const Document& document) const;
  // Adds a document that has passed Check.
  void Add(const Document& document);

  uint32_t num_documents() const { return ids_.size(); }
  uint32_t num_passages() const { return passage_ends_.empty() ? 0 : passage_ends_.back(); }
  size_t memory_bytes() const;  // held now, plus what Write needs

  // `order`: new ordinal -> order of arrival.
  absl::Status Write(std::span<const uint32_t> order, SectionFileWriter& out) const;

 private:
  absl::Status WriteDocuments(std::span<const uint32_t> order, SectionFileWriter& out) const;
  absl::Status WritePassages(std::span<const uint32_t> order, SectionFileWriter& out) const;

  // By order of arrival.
  StringPool ids_;
  std::vector<uint64_t> versions_;        // [D]
  std::vector<uint32_t> passage_ends_;    // [D]
  std::vector<PassageText> text_ranges_;  // [P]
};

// Immutable, safe for concurrent use; borrows the file. Errors: kOutOfRange for an ordinal beyond
// the segment, kDataLoss.
class DocumentTable {
 public:
  static absl::StatusOr<DocumentTable> Open(const SectionFile& file, uint32_t num_documents,
                                            uint32_t num_passages);

  absl::StatusOr<std::string_view> Id(DocId document) const;
  absl::StatusOr<uint64_t> Version(DocId document) const;
  absl::StatusOr<std::optional<DocId>> FindId(std::string_view id) const;

  absl::StatusOr<DocId> DocumentOf(PassageId passage) const;
  absl::StatusOr<PassageRange> PassagesOf(DocId document) const;
  absl::StatusOr<PassageText> TextRange(PassageId passage) const;

  // That every id is found, and that passages and documents agree about each other.
  absl::Status Verify() const;

 private:
  absl::Status InRange(std::string_view kind, uint64_t ordinal, uint64_t count) const;

  const SectionFile* file_ = nullptr;
  SectionArray<uint64_t> versions_;      // [D]
  SectionArray<uint32_t> id_ends_;       // [D]
  SectionArray<uint32_t> bucket_ends_;   // [B]
  SectionArray<uint32_t> by_bucket_;     // [D]
  SectionArray<char> ids_;               // bytes
  SectionArray<uint32_t> passage_ends_;  // [D]
  SectionArray<uint32_t> document_of_;   // [P]
  SectionArray<uint32_t> text_begins_;   // [P]
  SectionArray<uint32_t> text_ends_;     // [P]
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_DOCUMENT_TABLE_H_
