// Collects the fields of a segment's documents and writes its field columns (field_layout.h).
// One thread.

#ifndef FORAKER_INDEX_SEGMENT_FIELD_COLUMNS_BUILDER_H_
#define FORAKER_INDEX_SEGMENT_FIELD_COLUMNS_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "index/segment/document.h"
#include "index/segment/field_layout.h"
#include "index/segment/section_file.h"
#include "index/segment/string_pool.h"

namespace foraker::index {

inline constexpr size_t kMaxFieldNameBytes = 255;
inline constexpr size_t kMaxKeywordBytes = 65535;

class FieldColumnsBuilder {
 public:
  // kInvalidArgument, naming document and field, for a name that is empty, too long or there twice,
  // a type other than the column's, mixed types, a keyword that is too long, a real that is no
  // number.
  absl::Status Check(const Document& document) const;
  // Adds the fields of a document that has passed Check. A field without values is no field.
  void Add(const Document& document);

  size_t memory_bytes() const;  // held now, plus what Write needs

  // `order`: new ordinal -> order of arrival.
  absl::Status Write(std::span<const uint32_t> order, SectionFileWriter& out) const;

 private:
  // Values in order of arrival.
  struct Column {
    explicit Column(FieldType t) : type(t) {}

    FieldType type;
    bool repeated = false;
    std::vector<uint32_t> documents;  // [N] by order of arrival
    std::vector<uint64_t> values;     // [N] ToOrdered, or the keyword's number in `keywords`
    std::unique_ptr<StringPool> keywords = std::make_unique<StringPool>();
  };
  struct Dictionary;

  static Dictionary MakeDictionary(const Column& column);
  static absl::Status WriteColumn(const Column& column, std::span<const uint32_t> rank,
                                  FieldRecord& record, SectionFileWriter& out);

  std::map<std::string, Column, std::less<>> columns_;
  uint32_t num_documents_ = 0;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_FIELD_COLUMNS_BUILDER_H_
