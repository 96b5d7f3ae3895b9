// An open segment: immutable, memory-mapped, self-contained. Vectors and postings are in `terms()`;
// here are documents, passages, fields and texts.
//
// Safe for concurrent use. Segments are held by shared_ptr from snapshots; the file may be unlinked
// while it is open. Errors: kDataLoss for corruption (file, section and block named), kOutOfRange
// for an ordinal beyond the segment.

#ifndef FORAKER_INDEX_SEGMENT_SEGMENT_H_
#define FORAKER_INDEX_SEGMENT_SEGMENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/postings/term_index.h"
#include "index/segment/counted_terms.h"
#include "index/segment/document.h"
#include "index/segment/field_columns.h"
#include "index/segment/section_file.h"

namespace foraker::index {

struct PassageRange {
  PassageId begin;
  PassageId end;
};

struct PassageText {
  uint32_t begin;  // bytes into the document's text
  uint32_t end;
};

struct TitleAndText {
  std::string title;
  std::string text;
};

class TextStore;

class Segment {
 public:
  static absl::StatusOr<std::shared_ptr<const Segment>> Open(std::string path);
  // Of sections that are open already, wherever they come from.
  static absl::StatusOr<std::shared_ptr<const Segment>> Open(
      std::shared_ptr<const SectionFile> file);
  virtual ~Segment() = default;

  virtual const SectionFile& file() const = 0;
  virtual const TermIndex& terms() const = 0;
  virtual const FieldColumns& fields() const = 0;
  // Null when the vectors alone count.
  virtual const CountedTerms* counted_terms() const = 0;

  virtual uint32_t num_documents() const = 0;
  virtual uint32_t num_passages() const = 0;

  virtual absl::StatusOr<DocId> DocumentOf(PassageId passage) const = 0;
  virtual absl::StatusOr<PassageRange> PassagesOf(DocId document) const = 0;
  virtual absl::StatusOr<PassageText> TextRange(PassageId passage) const = 0;

  // Borrowed from the mapping.
  virtual absl::StatusOr<std::string_view> Id(DocId document) const = 0;
  virtual absl::StatusOr<uint64_t> Version(DocId document) const = 0;
  virtual absl::StatusOr<std::optional<DocId>> FindId(std::string_view id) const = 0;

  virtual absl::StatusOr<TitleAndText> LoadText(DocId document) const = 0;
  virtual const TextStore& texts() const = 0;

  // The term's string; empty when it was never named.
  virtual absl::StatusOr<std::string_view> TermName(TermOrdinal term) const = 0;

  // Every byte against its checksum, and the structure (ordinals in range, offsets ascending).
  virtual absl::Status Verify() const = 0;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_SEGMENT_H_
