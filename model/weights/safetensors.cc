#include "model/weights/safetensors.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "model/json/json_object.h"

namespace foraker::model {
namespace {

constexpr size_t kLengthBytes = 8;
constexpr uint64_t kMaxHeaderBytes = 100'000'000;  // the format's own limit
constexpr std::string_view kMetadata = "__metadata__";

absl::Status TensorError(const std::string& file, std::string_view name, std::string_view message) {
  return absl::InvalidArgumentError(absl::StrFormat("%s: tensor %s: %s", file, name, message));
}

// Of the file's parts.
struct Parts {
  std::string_view header;
  std::span<const std::byte> data;
};

absl::StatusOr<Parts> Split(std::span<const std::byte> bytes, const std::string& file) {
  if (bytes.size() < kLengthBytes) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: expected a safetensors file of at least 8 bytes, got %d", file, bytes.size()));
  }
  uint64_t length;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  bytes = bytes.subspan(kLengthBytes);
  if (length > kMaxHeaderBytes || length > bytes.size()) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: expected a safetensors header of at most %d bytes, got %d", file,
                        std::min<uint64_t>(kMaxHeaderBytes, bytes.size()), length));
  }
  const std::string_view header(reinterpret_cast<const char*>(bytes.data()), length);
  return Parts{header, bytes.subspan(length)};
}

// Bytes of a tensor; nothing when they do not fit in 64 bits.
std::optional<uint64_t> BytesOf(DataType type, std::span<const uint64_t> shape) {
  uint64_t bytes = BytesOf(type);
  for (const uint64_t size : shape) {
    if (__builtin_mul_overflow(bytes, size, &bytes)) return std::nullopt;
  }
  return bytes;
}

absl::StatusOr<TensorView> ParseTensor(const JsonObject& entry, std::span<const std::byte> data,
                                       const std::string& file, const std::string& name) {
  TensorView tensor;
  std::string type_name;
  RETURN_IF_ERROR(entry.Require("dtype", type_name));
  const std::optional<DataType> type = ParseDataType(type_name);
  if (!type) {
    return entry.Unexpected("dtype", "one of F32, F16, BF16, F64, I8, U8, I32, I64, BOOL");
  }
  tensor.type = *type;
  RETURN_IF_ERROR(entry.Require("shape", tensor.shape));
  std::vector<uint64_t> offsets;
  RETURN_IF_ERROR(entry.Require("data_offsets", offsets));
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data.size()) {
    return entry.Unexpected(
        "data_offsets",
        absl::StrFormat("[begin, end] in ascending order, at most %d", data.size()));
  }
  const uint64_t length = offsets[1] - offsets[0];
  if (BytesOf(tensor.type, tensor.shape) != length) {
    return TensorError(file, name,
                       absl::StrFormat("expected the bytes of %s %s, got %d", type_name,
                                       tensor.ShapeText(), length));
  }
  tensor.bytes = data.subspan(offsets[0], length);
  return tensor;
}

// Every byte of the data is one tensor's.
absl::Status CheckTiling(const TensorMap& tensors, std::span<const std::byte> data,
                         const std::string& file) {
  std::vector<std::pair<std::span<const std::byte>, std::string_view>> ranges;
  for (const auto& [name, tensor] : tensors) ranges.emplace_back(tensor.bytes, name);
  std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first.data(), a.first.size()) < std::pair(b.first.data(), b.first.size());
  });
  uint64_t end = 0;
  for (const auto& [bytes, name] : ranges) {
    const auto begin = static_cast<uint64_t>(bytes.data() - data.data());
    if (begin != end) {
      return TensorError(file, name,
                         absl::StrFormat("expected to begin at byte %d of the data, where the "
                                         "tensor before it ends, got %d",
                                         end, begin));
    }
    end += bytes.size();
  }
  if (end == data.size()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: expected %d bytes of data, the end of the last tensor, got %d", file, end, data.size()));
}

}  // namespace

absl::StatusOr<TensorMap> ParseSafetensors(std::span<const std::byte> bytes,
                                           const std::string& file) {
  ASSIGN_OR_RETURN(const Parts parts, Split(bytes, file));
  ASSIGN_OR_RETURN(const JsonObject header, JsonObject::Parse(parts.header, file));
  TensorMap tensors;
  for (const std::string& name : header.Keys()) {
    if (name == kMetadata) continue;
    JsonObject entry = header;
    RETURN_IF_ERROR(header.Require(name, entry));
    ASSIGN_OR_RETURN(tensors[name], ParseTensor(entry, parts.data, file, name));
  }
  RETURN_IF_ERROR(CheckTiling(tensors, parts.data, file));
  return tensors;
}

absl::StatusOr<std::map<std::string, std::string>> ParseShardIndex(std::string_view text,
                                                                   const std::string& file) {
  ASSIGN_OR_RETURN(const JsonObject index, JsonObject::Parse(text, file));
  JsonObject weight_map = index;
  RETURN_IF_ERROR(index.Require("weight_map", weight_map));
  std::map<std::string, std::string> files;
  for (const std::string& tensor : weight_map.Keys()) {
    std::string& shard = files[tensor];
    RETURN_IF_ERROR(weight_map.Require(tensor, shard));
    if (shard.empty() || shard[0] == '.' || shard.find('/') != std::string::npos) {
      return weight_map.Unexpected(tensor, "the name of a file beside the index");
    }
  }
  return files;
}

}  // namespace foraker::model
