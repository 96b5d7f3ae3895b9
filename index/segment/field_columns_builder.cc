#include "index/segment/field_columns_builder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"

namespace foraker::index {
namespace {

absl::Status Refuse(const Document& document, const Field& field, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrFormat("document '%s': field '%s': %s", document.id, field.name, what));
}

absl::Status CheckValue(const Document& document, const Field& field, const FieldValue& value,
                        FieldType type) {
  if (TypeOf(value) != type) {
    return Refuse(document, field,
                  absl::StrFormat("is a column of type %s, got a value of type %s",
                                  FieldTypeName(type), FieldTypeName(TypeOf(value))));
  }
  if (const auto* keyword = std::get_if<std::string>(&value);
      keyword != nullptr && keyword->size() > kMaxKeywordBytes) {
    return Refuse(
        document, field,
        absl::StrFormat("a keyword of %d bytes, more than %d", keyword->size(), kMaxKeywordBytes));
  }
  if (const auto* real = std::get_if<double>(&value); real != nullptr && std::isnan(*real)) {
    return Refuse(document, field, "a real that is not a number");
  }
  return absl::OkStatus();
}

template <typename Code>
absl::Status AppendCodes(std::span<const uint32_t> codes, SectionFileWriter& out) {
  const std::vector<Code> narrow(codes.begin(), codes.end());
  return out.AppendArray(std::span<const Code>(narrow));
}

}  // namespace

// Distinct values, ascending, and where each provisional one went.
struct FieldColumnsBuilder::Dictionary {
  std::vector<uint64_t> values;    // [V] all types but keyword
  std::vector<uint32_t> keywords;  // [V] numbers in the pool, by ascending string
  std::vector<uint32_t> rank;      // [V] number in the pool -> place above
  std::vector<uint32_t> ends;      // [V] of each string

  uint32_t size() const { return static_cast<uint32_t>(values.size() + keywords.size()); }
  uint32_t CodeOf(uint64_t value) const {
    if (!rank.empty()) return rank[value] + 1;
    const auto place = std::lower_bound(values.begin(), values.end(), value);
    return static_cast<uint32_t>(place - values.begin()) + 1;
  }
};

absl::Status FieldColumnsBuilder::Check(const Document& document) const {
  std::set<std::string_view> names;
  for (const Field& field : document.fields) {
    if (field.name.empty() || field.name.size() > kMaxFieldNameBytes) {
      return Refuse(
          document, field,
          absl::StrFormat("name of %d bytes, not 1 to %d", field.name.size(), kMaxFieldNameBytes));
    }
    if (!names.insert(field.name).second) return Refuse(document, field, "given twice");
    if (field.values.empty()) continue;
    const auto column = columns_.find(field.name);
    const FieldType type =
        column == columns_.end() ? TypeOf(field.values.front()) : column->second.type;
    for (const FieldValue& value : field.values) {
      RETURN_IF_ERROR(CheckValue(document, field, value, type));
    }
  }
  return absl::OkStatus();
}

void FieldColumnsBuilder::Add(const Document& document) {
  for (const Field& field : document.fields) {
    if (field.values.empty()) continue;
    Column& column = columns_.try_emplace(field.name, TypeOf(field.values.front())).first->second;
    column.repeated |= field.values.size() > 1;
    for (const FieldValue& value : field.values) {
      const auto* keyword = std::get_if<std::string>(&value);
      column.documents.push_back(num_documents_);
      column.values.push_back(keyword != nullptr
                                  ? column.keywords->Intern(*keyword)
                                  : std::visit(
                                        []<typename T>(const T& v) -> uint64_t {
                                          if constexpr (std::is_same_v<T, std::string>)
                                            return 0;
                                          else
                                            return ToOrdered(v);
                                        },
                                        value));
    }
  }
  ++num_documents_;
}

size_t FieldColumnsBuilder::memory_bytes() const {
  constexpr size_t kEntryBytes = sizeof(uint32_t) + sizeof(uint64_t);
  size_t held = 0;
  size_t writing = 0;  // columns are written one at a time
  for (const auto& [name, column] : columns_) {
    held += name.capacity() + sizeof(Column) + column.documents.capacity() * sizeof(uint32_t) +
            column.values.capacity() * sizeof(uint64_t) + column.keywords->memory_bytes();
    writing = std::max<size_t>(writing, column.values.size() * (kEntryBytes + sizeof(uint32_t)) +
                                            column.keywords->total_bytes() +
                                            column.keywords->size() * 3 * sizeof(uint32_t));
  }
  return held + writing + (columns_.empty() ? 0 : num_documents_ * 3 * sizeof(uint32_t));
}

FieldColumnsBuilder::Dictionary FieldColumnsBuilder::MakeDictionary(const Column& column) {
  Dictionary dictionary;
  if (column.type != FieldType::kKeyword) {
    dictionary.values = column.values;
    std::sort(dictionary.values.begin(), dictionary.values.end());
    dictionary.values.erase(std::unique(dictionary.values.begin(), dictionary.values.end()),
                            dictionary.values.end());
    return dictionary;
  }
  const StringPool& pool = *column.keywords;
  dictionary.keywords.resize(pool.size());
  std::iota(dictionary.keywords.begin(), dictionary.keywords.end(), 0u);
  std::sort(dictionary.keywords.begin(), dictionary.keywords.end(),
            [&](uint32_t a, uint32_t b) { return pool.Get(a) < pool.Get(b); });
  dictionary.rank.resize(pool.size());
  size_t end = 0;
  for (uint32_t place = 0; place < pool.size(); ++place) {
    dictionary.rank[dictionary.keywords[place]] = place;
    end += pool.Get(dictionary.keywords[place]).size();
    dictionary.ends.push_back(static_cast<uint32_t>(end));
  }
  return dictionary;
}

absl::Status FieldColumnsBuilder::WriteColumn(const Column& column, std::span<const uint32_t> rank,
                                              FieldRecord& record, SectionFileWriter& out) {
  if (column.keywords->total_bytes() > UINT32_MAX || column.values.size() > UINT32_MAX) {
    return absl::ResourceExhaustedError("a field column of one segment takes more than 4 GiB");
  }
  const Dictionary dictionary = MakeDictionary(column);
  // Codes of a document stand together, in their own order.
  std::vector<uint32_t> ends(rank.size());
  for (const uint32_t arrival : column.documents) ++ends[rank[arrival]];
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  std::vector<uint32_t> codes(column.repeated ? column.values.size() : rank.size());
  std::vector<uint32_t> next(ends);
  for (size_t i = column.values.size(); i-- > 0;) {
    const uint32_t document = rank[column.documents[i]];
    codes[column.repeated ? --next[document] : document] = dictionary.CodeOf(column.values[i]);
  }

  record.type = static_cast<uint8_t>(column.type);
  record.repeated = column.repeated ? 1 : 0;
  record.num_codes = codes.size();
  record.num_values = dictionary.size();
  record.string_bytes = static_cast<uint32_t>(column.keywords->total_bytes());
  record.column_bytes = dictionary.values.size() * sizeof(uint64_t) +
                        dictionary.ends.size() * sizeof(uint32_t) +
                        (column.repeated ? ends.size() * sizeof(uint32_t) : 0) +
                        codes.size() * CodeBytes(dictionary.size()) + record.string_bytes;

  RETURN_IF_ERROR(out.AppendArray(std::span<const uint64_t>(dictionary.values)));
  RETURN_IF_ERROR(out.AppendArray(std::span<const uint32_t>(dictionary.ends)));
  if (column.repeated) RETURN_IF_ERROR(out.AppendArray(std::span<const uint32_t>(ends)));
  const size_t code_bytes = CodeBytes(dictionary.size());
  RETURN_IF_ERROR(code_bytes == 1   ? AppendCodes<uint8_t>(codes, out)
                  : code_bytes == 2 ? AppendCodes<uint16_t>(codes, out)
                                    : AppendCodes<uint32_t>(codes, out));
  std::string strings;
  strings.reserve(record.string_bytes);
  for (const uint32_t number : dictionary.keywords) strings.append(column.keywords->Get(number));
  return out.AppendArray(std::span<const char>(strings));
}

absl::Status FieldColumnsBuilder::Write(std::span<const uint32_t> order,
                                        SectionFileWriter& out) const {
  if (columns_.empty()) return absl::OkStatus();
  std::vector<uint32_t> rank(order.size());  // order of arrival -> new ordinal
  for (uint32_t document = 0; document < order.size(); ++document) rank[order[document]] = document;

  RETURN_IF_ERROR(out.Begin(SectionId::kFieldData));
  std::vector<FieldRecord> records;
  std::string names;
  uint64_t begin = 0;
  for (const auto& [name, column] : columns_) {
    FieldRecord& record = records.emplace_back();
    names += name;
    record.name_end = static_cast<uint32_t>(names.size());
    record.column_begin = begin;
    RETURN_IF_ERROR(WriteColumn(column, rank, record, out));
    static constexpr std::array<std::byte, kColumnAlignment> kZeros{};
    const size_t padding =
        (kColumnAlignment - record.column_bytes % kColumnAlignment) % kColumnAlignment;
    RETURN_IF_ERROR(out.Append(std::span(kZeros).first(padding)));
    begin += record.column_bytes + padding;
  }
  const uint32_t head[2] = {static_cast<uint32_t>(records.size()), 0};
  RETURN_IF_ERROR(out.AddArray(SectionId::kFieldSchema, std::span<const uint32_t>(head)));
  RETURN_IF_ERROR(out.AppendArray(std::span<const FieldRecord>(records)));
  return out.AppendArray(std::span<const char>(names));
}

}  // namespace foraker::index
