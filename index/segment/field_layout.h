// Bytes of the field columns: written by field_columns_builder.cc, read by field_column.cc.
// D = documents, F = fields, V = distinct values of a column, N = values of all documents.
// Integers are little-endian.
//
//   kFieldSchema   u32  F
//                  u32  0
//                  FieldRecord[F], 40 bytes each, in ascending order of the names
//                  u8[] names, one after the other
//   kFieldData     a column a field, each at a multiple of 8:
//                    u64[V]  dictionary, ascending (not keywords): ToOrdered of the value
//                    u32[V]  dictionary (keywords): end of each string in the bytes below
//                    u32[D]  end of each document's codes (repeated fields only)
//                    code[]  D codes, 0 for a document without the field; of a repeated field N
//                    u8[]    strings, in ascending order of their bytes (keywords)
//                    zeros up to a multiple of 8
//
// A code is the place of a value in the dictionary, plus one, in CodeBytes(V) bytes.

#ifndef FORAKER_INDEX_SEGMENT_FIELD_LAYOUT_H_
#define FORAKER_INDEX_SEGMENT_FIELD_LAYOUT_H_

#include <bit>
#include <cstddef>
#include <cstdint>

#include "index/segment/document.h"

namespace foraker::index {

struct FieldRecord {
  uint32_t name_end;  // in the names
  uint8_t type;       // FieldType
  uint8_t repeated;   // 0 or 1
  uint16_t zero;
  uint64_t column_begin;  // in kFieldData
  uint64_t column_bytes;  // padding not counted
  uint64_t num_codes;     // D, or N when repeated
  uint32_t num_values;    // V
  uint32_t string_bytes;  // keywords; else 0
};
static_assert(sizeof(FieldRecord) == 40);

inline constexpr size_t kColumnAlignment = 8;

inline constexpr size_t CodeBytes(uint32_t num_values) {
  return num_values <= UINT8_MAX ? 1 : num_values <= UINT16_MAX ? 2 : 4;
}

// Numbers whose unsigned order is that of the values. A double's bits ascend with its magnitude, so
// negative ones are inverted and positive ones put above them; -0 is stored as 0, NaN never.
inline constexpr uint64_t kSignBit = uint64_t{1} << 63;

inline uint64_t ToOrdered(int64_t value) { return static_cast<uint64_t>(value) ^ kSignBit; }
inline uint64_t ToOrdered(bool value) { return value ? 1 : 0; }
inline uint64_t ToOrdered(Timestamp value) { return ToOrdered(value.micros); }
inline uint64_t ToOrdered(double value) {
  const auto bits = std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);
  return (bits & kSignBit) != 0 ? ~bits : bits | kSignBit;
}

// The value of a type other than kKeyword.
inline FieldValue FromOrdered(FieldType type, uint64_t ordered) {
  switch (type) {
    case FieldType::kReal:
      return std::bit_cast<double>((ordered & kSignBit) != 0 ? ordered & ~kSignBit : ~ordered);
    case FieldType::kBoolean:
      return ordered != 0;
    case FieldType::kTimestamp:
      return Timestamp{static_cast<int64_t>(ordered ^ kSignBit)};
    default:
      return static_cast<int64_t>(ordered ^ kSignBit);
  }
}

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_FIELD_LAYOUT_H_
