#include "model/weights/tensor.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace foraker::model {
namespace {

struct TypeRow {
  DataType type;
  std::string_view name;
  size_t bytes;
};

constexpr TypeRow kTypes[] = {
    {DataType::kF32, "F32", 4}, {DataType::kF16, "F16", 2}, {DataType::kBF16, "BF16", 2},
    {DataType::kI8, "I8", 1},   {DataType::kU8, "U8", 1},   {DataType::kI32, "I32", 4},
    {DataType::kI64, "I64", 8}, {DataType::kF64, "F64", 8}, {DataType::kBool, "BOOL", 1},
};

const TypeRow& RowOf(DataType type) {
  return *std::find_if(std::begin(kTypes), std::end(kTypes),
                       [&](const TypeRow& row) { return row.type == type; });
}

}  // namespace

std::string_view DataTypeName(DataType type) { return RowOf(type).name; }

size_t BytesOf(DataType type) { return RowOf(type).bytes; }

std::optional<DataType> ParseDataType(std::string_view name) {
  const auto row = std::find_if(std::begin(kTypes), std::end(kTypes),
                                [&](const TypeRow& candidate) { return candidate.name == name; });
  if (row == std::end(kTypes)) return std::nullopt;
  return row->type;
}

std::string ShapeText(std::span<const uint64_t> shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ", "), "]");
}

uint64_t TensorView::elements() const { return bytes.size() / BytesOf(type); }

std::string TensorView::ShapeText() const { return model::ShapeText(shape); }

}  // namespace foraker::model
