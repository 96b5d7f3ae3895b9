#include "index/segment/field_columns.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "index/segment/field_column.h"
#include "index/segment/field_layout.h"
#include "index/segment/section_array.h"

namespace foraker::index {
namespace {

class Columns final : public FieldColumns {
 public:
  explicit Columns(const SectionFile& file, uint32_t num_documents)
      : file_(file), num_documents_(num_documents) {}

  absl::Status Init() {
    if (!file_.Has(SectionId::kFieldSchema) && !file_.Has(SectionId::kFieldData)) {
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(SectionCursor section, SectionCursor::Open(file_, SectionId::kFieldSchema));
    ASSIGN_OR_RETURN(const uint32_t num_fields, section.TakeOne<uint32_t>());
    RETURN_IF_ERROR(section.Take<uint32_t>(1).status());
    ASSIGN_OR_RETURN(const auto records, section.Take<FieldRecord>(num_fields));
    ASSIGN_OR_RETURN(const auto names, section.Take<char>(section.remaining()));
    uint32_t begin = 0;
    for (uint32_t i = 0; i < num_fields; ++i) {
      ASSIGN_OR_RETURN(const FieldRecord record, records.At(i));
      if (record.name_end < begin) return names.Corrupt("names do not follow each other");
      ASSIGN_OR_RETURN(const auto bytes, names.Range(begin, record.name_end - begin));
      begin = record.name_end;
      std::string name(bytes.data(), bytes.size());
      if (i > 0 && name <= schema_.back().name) return names.Corrupt("names do not ascend");
      ASSIGN_OR_RETURN(FieldColumn column,
                       FieldColumn::Open(file_, std::move(name), record, num_documents_));
      schema_.push_back(column.info());
      columns_.push_back(std::move(column));
    }
    return absl::OkStatus();
  }

  std::span<const FieldInfo> schema() const override { return schema_; }

  absl::StatusOr<std::vector<Field>> Get(DocId document) const override {
    if (document >= num_documents_) {
      return absl::OutOfRangeError(
          absl::StrFormat("%s: document %d of %d", file_.path(), document, num_documents_));
    }
    std::vector<Field> fields;
    std::vector<uint32_t> places;
    for (const FieldColumn& column : columns_) {
      RETURN_IF_ERROR(column.Places(document, places));
      if (places.empty()) continue;
      Field& field = fields.emplace_back();
      field.name = column.info().name;
      for (const uint32_t place : places) {
        ASSIGN_OR_RETURN(field.values.emplace_back(), column.Value(place));
      }
    }
    return fields;
  }

  absl::StatusOr<DocumentSet> In(std::string_view field,
                                 std::span<const FieldValue> values) const override {
    const FieldColumn* column = Find(field);
    if (column == nullptr) return DocumentSet();
    std::vector<uint32_t> found;
    for (const FieldValue& value : values) {
      RETURN_IF_ERROR(CheckType(*column, value));
      ASSIGN_OR_RETURN(const uint32_t begin, column->LowerBound(value));
      ASSIGN_OR_RETURN(const uint32_t end, column->UpperBound(value));
      if (begin < end) found.push_back(begin);
    }
    if (found.empty()) return DocumentSet();
    if (found.size() == 1) return column->WithPlaces(found[0], found[0] + 1);
    std::vector<uint8_t> wanted(size_t{column->num_values()} + 1);
    for (const uint32_t place : found) wanted[place + 1] = 1;
    return column->WithWanted(wanted);
  }

  absl::StatusOr<DocumentSet> InRange(std::string_view field,
                                      const FieldRange& range) const override {
    const FieldColumn* column = Find(field);
    if (column == nullptr) return DocumentSet();
    uint32_t begin = 0;
    uint32_t end = column->num_values();
    if (range.low) {
      RETURN_IF_ERROR(CheckType(*column, *range.low));
      ASSIGN_OR_RETURN(begin, range.low_inclusive ? column->LowerBound(*range.low)
                                                  : column->UpperBound(*range.low));
    }
    if (range.high) {
      RETURN_IF_ERROR(CheckType(*column, *range.high));
      ASSIGN_OR_RETURN(end, range.high_inclusive ? column->UpperBound(*range.high)
                                                 : column->LowerBound(*range.high));
    }
    return column->WithPlaces(begin, end);
  }

  absl::StatusOr<DocumentSet> Exists(std::string_view field) const override {
    const FieldColumn* column = Find(field);
    if (column == nullptr) return DocumentSet();
    return column->WithPlaces(0, column->num_values());
  }

  absl::Status CountValues(
      std::string_view field, const DocumentSet& among,
      const std::function<void(const FieldValue&, uint64_t)>& visit) const override {
    const FieldColumn* column = Find(field);
    if (column == nullptr) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::vector<uint64_t> counts, column->Count(among));
    for (uint32_t place = 0; place < counts.size(); ++place) {
      if (counts[place] == 0) continue;
      ASSIGN_OR_RETURN(const FieldValue value, column->Value(place));
      visit(value, counts[place]);
    }
    return absl::OkStatus();
  }

  absl::Status Verify() const override {
    for (const FieldColumn& column : columns_) RETURN_IF_ERROR(column.Verify());
    return absl::OkStatus();
  }

 private:
  const FieldColumn* Find(std::string_view field) const {
    const auto column = std::lower_bound(
        columns_.begin(), columns_.end(), field,
        [](const FieldColumn& c, std::string_view f) { return c.info().name < f; });
    if (column == columns_.end() || column->info().name != field) return nullptr;
    return &*column;
  }

  static absl::Status CheckType(const FieldColumn& column, const FieldValue& value) {
    if (TypeOf(value) == column.info().type) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrFormat(
        "field '%s' is of type %s, the condition gives a value of type %s", column.info().name,
        FieldTypeName(column.info().type), FieldTypeName(TypeOf(value))));
  }

  const SectionFile& file_;
  const uint32_t num_documents_;
  std::vector<FieldInfo> schema_;     // parallel to columns_
  std::vector<FieldColumn> columns_;  // ascending by name
};

}  // namespace

absl::StatusOr<std::unique_ptr<const FieldColumns>> FieldColumns::Open(const SectionFile& file,
                                                                       uint32_t num_documents) {
  auto columns = std::make_unique<Columns>(file, num_documents);
  RETURN_IF_ERROR(columns->Init());
  return columns;
}

}  // namespace foraker::index
