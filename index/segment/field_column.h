// One column of an open segment: dictionary and codes (field_layout.h).
//
// Immutable, safe for concurrent use; borrows the file. Places are indexes into the sorted
// dictionary, codes are places plus one. Values given are of the column's type. Errors: kDataLoss.

#ifndef FORAKER_INDEX_SEGMENT_FIELD_COLUMN_H_
#define FORAKER_INDEX_SEGMENT_FIELD_COLUMN_H_

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/segment/document.h"
#include "index/segment/document_bits.h"
#include "index/segment/document_set.h"
#include "index/segment/field_columns.h"
#include "index/segment/field_layout.h"
#include "index/segment/section_array.h"

namespace foraker::index {

class FieldColumn {
 public:
  static absl::StatusOr<FieldColumn> Open(const SectionFile& file, std::string name,
                                          const FieldRecord& record, uint32_t num_documents);

  const FieldInfo& info() const { return info_; }
  uint32_t num_values() const { return num_values_; }

  absl::StatusOr<FieldValue> Value(uint32_t place) const;

  // The first place whose value is not below (LowerBound), or above (UpperBound) the given one.
  absl::StatusOr<uint32_t> LowerBound(const FieldValue& value) const;
  absl::StatusOr<uint32_t> UpperBound(const FieldValue& value) const;

  // Replaces `places` by those of a document's values, in the order in which it holds them.
  absl::Status Places(DocId document, std::vector<uint32_t>& places) const;

  // Documents with a value in places [begin, end).
  absl::StatusOr<DocumentSet> WithPlaces(uint32_t begin, uint32_t end) const;
  // Documents with a value of which wanted[place + 1] is 1. `wanted`: [num_values + 1].
  absl::StatusOr<DocumentSet> WithWanted(std::span<const uint8_t> wanted) const;

  // How many documents of `among` have each value: [num_values].
  absl::StatusOr<std::vector<uint64_t>> Count(const DocumentSet& among) const;

  absl::Status Verify() const;

 private:
  using Codes = std::variant<SectionArray<uint8_t>, SectionArray<uint16_t>, SectionArray<uint32_t>>;

  absl::Status TakeParts(SectionCursor column, const FieldRecord& record);
  absl::StatusOr<std::string_view> Keyword(uint32_t place) const;
  template <typename Below>
  absl::StatusOr<uint32_t> Partition(Below below) const;
  template <typename Scan>
  absl::StatusOr<DocumentSet> Find(Scan scan) const;
  template <typename Code>
  absl::Status CountSingle(std::span<const Code> codes, const DocumentSet& among,
                           std::vector<uint64_t>& counts) const;
  template <typename Code>
  absl::Status CountRepeated(std::span<const Code> codes, const DocumentSet& among,
                             std::vector<uint64_t>& counts) const;
  absl::StatusOr<DocumentBits> DocumentsOfEntries(const DocumentBits& entries) const;
  absl::Status Corrupt(std::string_view what) const;

  FieldInfo info_;
  uint32_t num_documents_ = 0;
  uint32_t num_values_ = 0;
  SectionArray<uint64_t> numbers_;      // [V] ToOrdered of the values; not keywords
  SectionArray<uint32_t> string_ends_;  // [V] keywords
  SectionArray<uint32_t> code_ends_;    // [D] repeated fields
  Codes codes_;                         // [D], or [N] when repeated
  SectionArray<char> strings_;          // keywords
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_FIELD_COLUMN_H_
