#include "index/segment/field_column.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "index/segment/field_scan.h"

namespace foraker::index {
namespace {

// The number that stands for a value other than a keyword.
uint64_t Ordered(const FieldValue& value) {
  struct Visitor {
    uint64_t operator()(const std::string&) const { return 0; }
    uint64_t operator()(int64_t v) const { return ToOrdered(v); }
    uint64_t operator()(double v) const { return ToOrdered(v); }
    uint64_t operator()(bool v) const { return ToOrdered(v); }
    uint64_t operator()(Timestamp v) const { return ToOrdered(v); }
  };
  return std::visit(Visitor(), value);
}

// The first set bit at `from` or beyond; `count` when there is none.
uint64_t NextBit(const DocumentBits& bits, uint64_t from, uint64_t count) {
  for (uint64_t word = from / 64; word < bits.size(); ++word) {
    const uint64_t rest = word == from / 64 ? bits[word] >> (from % 64) << (from % 64) : bits[word];
    if (rest != 0) return word * 64 + static_cast<uint64_t>(std::countr_zero(rest));
  }
  return count;
}

}  // namespace

absl::StatusOr<FieldColumn> FieldColumn::Open(const SectionFile& file, std::string name,
                                              const FieldRecord& record, uint32_t num_documents) {
  FieldColumn column;
  column.info_ = {std::move(name), static_cast<FieldType>(record.type), record.repeated != 0};
  column.num_documents_ = num_documents;
  column.num_values_ = record.num_values;
  if (record.type < static_cast<uint8_t>(FieldType::kKeyword) ||
      record.type > static_cast<uint8_t>(FieldType::kTimestamp) || record.repeated > 1) {
    return CorruptSection(file, SectionId::kFieldSchema,
                          absl::StrFormat("field '%s': unknown type", column.info_.name));
  }
  if (record.num_values == std::numeric_limits<uint32_t>::max() ||
      (!column.info_.repeated && record.num_codes != num_documents)) {
    return CorruptSection(file, SectionId::kFieldSchema,
                          absl::StrFormat("field '%s': impossible counts", column.info_.name));
  }
  ASSIGN_OR_RETURN(
      SectionCursor part,
      SectionCursor::Open(file, SectionId::kFieldData, record.column_begin, record.column_bytes));
  RETURN_IF_ERROR(column.TakeParts(std::move(part), record));
  return column;
}

absl::Status FieldColumn::TakeParts(SectionCursor column, const FieldRecord& record) {
  if (info_.type == FieldType::kKeyword) {
    ASSIGN_OR_RETURN(string_ends_, column.Take<uint32_t>(record.num_values));
  } else {
    ASSIGN_OR_RETURN(numbers_, column.Take<uint64_t>(record.num_values));
  }
  if (info_.repeated) {
    ASSIGN_OR_RETURN(code_ends_, column.Take<uint32_t>(num_documents_));
  }
  switch (CodeBytes(record.num_values)) {
    case 1: {
      ASSIGN_OR_RETURN(codes_, column.Take<uint8_t>(record.num_codes));
      break;
    }
    case 2: {
      ASSIGN_OR_RETURN(codes_, column.Take<uint16_t>(record.num_codes));
      break;
    }
    default: {
      ASSIGN_OR_RETURN(codes_, column.Take<uint32_t>(record.num_codes));
      break;
    }
  }
  ASSIGN_OR_RETURN(strings_, column.Take<char>(record.string_bytes));
  return column.Finish();
}

absl::Status FieldColumn::Corrupt(std::string_view what) const {
  const std::string message = absl::StrFormat("field '%s': %s", info_.name, what);
  return std::visit([&](const auto& codes) { return codes.Corrupt(message); }, codes_);
}

absl::StatusOr<std::string_view> FieldColumn::Keyword(uint32_t place) const {
  ASSIGN_OR_RETURN(const auto bounds, string_ends_.BoundsOf(place, strings_.size()));
  ASSIGN_OR_RETURN(const auto bytes, strings_.Range(bounds.begin, bounds.end - bounds.begin));
  return std::string_view(bytes.data(), bytes.size());
}

absl::StatusOr<FieldValue> FieldColumn::Value(uint32_t place) const {
  if (info_.type == FieldType::kKeyword) {
    ASSIGN_OR_RETURN(const std::string_view keyword, Keyword(place));
    return FieldValue(std::string(keyword));
  }
  ASSIGN_OR_RETURN(const uint64_t number, numbers_.At(place));
  return FromOrdered(info_.type, number);
}

// The first place of which `below(place)` is false, by bisection.
template <typename Below>
absl::StatusOr<uint32_t> FieldColumn::Partition(Below below) const {
  uint32_t begin = 0;
  uint32_t end = num_values_;
  while (begin < end) {
    const uint32_t middle = begin + (end - begin) / 2;
    ASSIGN_OR_RETURN(const bool is_below, below(middle));
    if (is_below) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

absl::StatusOr<uint32_t> FieldColumn::LowerBound(const FieldValue& value) const {
  return Partition([&](uint32_t place) -> absl::StatusOr<bool> {
    if (const auto* keyword = std::get_if<std::string>(&value)) {
      ASSIGN_OR_RETURN(const std::string_view stored, Keyword(place));
      return stored < *keyword;
    }
    ASSIGN_OR_RETURN(const uint64_t stored, numbers_.At(place));
    return stored < Ordered(value);
  });
}

absl::StatusOr<uint32_t> FieldColumn::UpperBound(const FieldValue& value) const {
  return Partition([&](uint32_t place) -> absl::StatusOr<bool> {
    if (const auto* keyword = std::get_if<std::string>(&value)) {
      ASSIGN_OR_RETURN(const std::string_view stored, Keyword(place));
      return stored <= *keyword;
    }
    ASSIGN_OR_RETURN(const uint64_t stored, numbers_.At(place));
    return stored <= Ordered(value);
  });
}

absl::Status FieldColumn::Places(DocId document, std::vector<uint32_t>& places) const {
  places.clear();
  uint64_t begin = document;
  uint64_t end = uint64_t{document} + 1;
  return std::visit(
      [&](const auto& codes) -> absl::Status {
        if (info_.repeated) {
          ASSIGN_OR_RETURN(const auto bounds, code_ends_.BoundsOf(document, codes.size()));
          begin = bounds.begin;
          end = bounds.end;
        }
        ASSIGN_OR_RETURN(const auto stored, codes.Range(begin, end - begin));
        for (const uint32_t code : stored) {
          if (code > num_values_) return Corrupt(absl::StrFormat("code %d has no value", code));
          if (code == 0 && info_.repeated) return Corrupt("code 0 in a repeated field");
          if (code != 0) places.push_back(code - 1);
        }
        return absl::OkStatus();
      },
      codes_);
}

// `scan(codes, bits)` sets the bits of the entries that match.
template <typename Scan>
absl::StatusOr<DocumentSet> FieldColumn::Find(Scan scan) const {
  return std::visit(
      [&](const auto& array) -> absl::StatusOr<DocumentSet> {
        ASSIGN_OR_RETURN(const auto codes, array.All());
        DocumentBits entries((codes.size() + 63) / 64);
        scan(codes, std::span<uint64_t>(entries));
        if (!info_.repeated) return ToDocumentSet(entries);
        ASSIGN_OR_RETURN(const DocumentBits documents, DocumentsOfEntries(entries));
        return ToDocumentSet(documents);
      },
      codes_);
}

absl::StatusOr<DocumentBits> FieldColumn::DocumentsOfEntries(const DocumentBits& entries) const {
  ASSIGN_OR_RETURN(const std::span<const uint32_t> ends, code_ends_.All());
  const uint64_t num_entries = std::visit([](const auto& codes) { return codes.size(); }, codes_);
  DocumentBits documents((ends.size() + 63) / 64);
  size_t document = 0;
  for (uint64_t entry = NextBit(entries, 0, num_entries); entry < num_entries;) {
    while (document < ends.size() && ends[document] <= entry) ++document;
    if (document == ends.size()) return Corrupt("codes of no document");
    documents[document / 64] |= uint64_t{1} << (document % 64);
    entry = NextBit(entries, ends[document], num_entries);
  }
  return documents;
}

absl::StatusOr<DocumentSet> FieldColumn::WithPlaces(uint32_t begin, uint32_t end) const {
  end = std::min(end, num_values_);
  if (begin >= end) return DocumentSet();
  return Find([&]<typename Code>(std::span<const Code> codes, std::span<uint64_t> bits) {
    // Codes are places plus one, so that `end` is the last one's.
    ScanRange(codes, static_cast<Code>(begin + 1), static_cast<Code>(end), bits);
  });
}

absl::StatusOr<DocumentSet> FieldColumn::WithWanted(std::span<const uint8_t> wanted) const {
  return Find([&]<typename Code>(std::span<const Code> codes, std::span<uint64_t> bits) {
    ScanTable(codes, wanted, bits);
  });
}

template <typename Code>
absl::Status FieldColumn::CountSingle(std::span<const Code> codes, const DocumentSet& among,
                                      std::vector<uint64_t>& counts) const {
  for (const uint32_t document : among) {
    if (document >= codes.size()) break;  // ascending
    const Code code = codes[document];
    if (code > num_values_) return Corrupt(absl::StrFormat("code %d has no value", code));
    ++counts[code];
  }
  return absl::OkStatus();
}

template <typename Code>
absl::Status FieldColumn::CountRepeated(std::span<const Code> codes, const DocumentSet& among,
                                        std::vector<uint64_t>& counts) const {
  ASSIGN_OR_RETURN(const std::span<const uint32_t> ends, code_ends_.All());
  std::vector<uint64_t> counted_for(counts.size());  // by code: the last document, plus one
  for (const uint32_t document : among) {
    if (document >= ends.size()) break;  // ascending
    const uint32_t begin = document == 0 ? 0 : ends[document - 1];
    const uint32_t end = ends[document];
    if (begin > end || end > codes.size()) return Corrupt("codes of a document leave the column");
    for (uint32_t i = begin; i < end; ++i) {
      const Code code = codes[i];
      if (code > num_values_) return Corrupt(absl::StrFormat("code %d has no value", code));
      counts[code] += counted_for[code] != uint64_t{document} + 1 ? 1 : 0;
      counted_for[code] = uint64_t{document} + 1;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<uint64_t>> FieldColumn::Count(const DocumentSet& among) const {
  std::vector<uint64_t> counts(size_t{num_values_} + 1);  // by code
  const absl::Status counted = std::visit(
      [&](const auto& array) -> absl::Status {
        ASSIGN_OR_RETURN(const auto codes, array.All());
        return info_.repeated ? CountRepeated(codes, among, counts)
                              : CountSingle(codes, among, counts);
      },
      codes_);
  RETURN_IF_ERROR(counted);
  counts.erase(counts.begin());  // code 0: no value
  return counts;
}

absl::Status FieldColumn::Verify() const {
  for (uint32_t place = 0; place + 1 < num_values_; ++place) {
    bool ascending = false;
    if (info_.type == FieldType::kKeyword) {
      ASSIGN_OR_RETURN(const std::string_view low, Keyword(place));
      ASSIGN_OR_RETURN(const std::string_view high, Keyword(place + 1));
      ascending = low < high;
    } else {
      ASSIGN_OR_RETURN(const uint64_t low, numbers_.At(place));
      ASSIGN_OR_RETURN(const uint64_t high, numbers_.At(place + 1));
      ascending = low < high;
    }
    if (!ascending) return Corrupt("the dictionary does not ascend");
  }
  std::vector<uint32_t> places;
  for (uint32_t document = 0; document < num_documents_; ++document) {
    RETURN_IF_ERROR(Places(document, places));
  }
  return absl::OkStatus();
}

}  // namespace foraker::index
