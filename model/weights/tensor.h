// A tensor as it lies in a weight file: bytes with a type and a shape, row-major, little-endian.
//
// A view: the file that it came from owns the bytes. Immutable.

#ifndef FORAKER_MODEL_WEIGHTS_TENSOR_H_
#define FORAKER_MODEL_WEIGHTS_TENSOR_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace foraker::model {

enum class DataType { kF32, kF16, kBF16, kI8, kU8, kI32, kI64, kF64, kBool };

std::string_view DataTypeName(DataType type);  // as safetensors writes it: "F32", "BF16", ...
size_t BytesOf(DataType type);
std::optional<DataType> ParseDataType(std::string_view name);
std::string ShapeText(std::span<const uint64_t> shape);  // "[30522, 384]"

struct TensorView {
  DataType type = DataType::kF32;
  std::vector<uint64_t> shape;
  std::span<const std::byte> bytes;  // may be unaligned for its type

  uint64_t elements() const;
  std::string ShapeText() const;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_WEIGHTS_TENSOR_H_
