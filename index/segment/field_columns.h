// The typed field columns of a segment: values of a document, and sets of documents by condition.
//
// Immutable, safe for concurrent use. Every column is a sorted dictionary of its distinct values
// and a code a document (field_layout.h draws it); it may be repeated or absent in a document. A
// condition becomes a range or a set of codes and is found by one scan of them: that takes .2 to
// .5 ms for a million documents (1.2 ms of a repeated field) and no further structure on disk.
// Errors: kInvalidArgument when a condition does not fit the column's type (names field, type, and
// what was given); kDataLoss for corruption; kOutOfRange for a document beyond the segment. A field
// that this segment does not have matches nothing.

#ifndef FORAKER_INDEX_SEGMENT_FIELD_COLUMNS_H_
#define FORAKER_INDEX_SEGMENT_FIELD_COLUMNS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/segment/document.h"
#include "index/segment/document_set.h"
#include "index/segment/section_file.h"

namespace foraker::index {

struct FieldRange {  // empty bounds are open; for keywords the order is that of bytes
  std::optional<FieldValue> low = std::nullopt;
  std::optional<FieldValue> high = std::nullopt;
  bool low_inclusive = true;
  bool high_inclusive = true;
};

struct FieldInfo {
  std::string name;
  FieldType type;
  bool repeated;  // some document has more than one value
};

class FieldColumns {
 public:
  // A segment whose documents have no fields has no field sections. Borrows the file.
  static absl::StatusOr<std::unique_ptr<const FieldColumns>> Open(const SectionFile& file,
                                                                  uint32_t num_documents);
  virtual ~FieldColumns() = default;

  virtual std::span<const FieldInfo> schema() const = 0;

  // All fields of a document, in the order of the schema; absent ones left out.
  virtual absl::StatusOr<std::vector<Field>> Get(DocId document) const = 0;

  virtual absl::StatusOr<DocumentSet> In(std::string_view field,
                                         std::span<const FieldValue> values) const = 0;
  virtual absl::StatusOr<DocumentSet> InRange(std::string_view field,
                                              const FieldRange& range) const = 0;
  virtual absl::StatusOr<DocumentSet> Exists(std::string_view field) const = 0;

  // Calls `visit(value, count)` for each distinct value that documents of `among` hold (each
  // document counted once a value).
  virtual absl::Status CountValues(
      std::string_view field, const DocumentSet& among,
      const std::function<void(const FieldValue&, uint64_t)>& visit) const = 0;

  // That dictionaries ascend and every code has a value.
  virtual absl::Status Verify() const = 0;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_FIELD_COLUMNS_H_
