// The safetensors format.
//
//   offset   bytes
//        0   8      N: length of the header, little-endian
//        8   N      JSON: {NAME: {"dtype": "F32", "shape": [..], "data_offsets": [begin, end]}, ..,
//                   "__metadata__": {KEY: string, ..}}; may end in spaces
//    8 + N   ...    data; the offsets count from here
//
// The tensors tile the data: none overlaps another, and no byte belongs to none. Functions of
// bytes: thread-safe, nothing kept. Errors: kInvalidArgument naming file, tensor and what was
// expected.

#ifndef FORAKER_MODEL_WEIGHTS_SAFETENSORS_H_
#define FORAKER_MODEL_WEIGHTS_SAFETENSORS_H_

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "model/weights/tensor.h"

namespace foraker::model {

using TensorMap = std::map<std::string, TensorView, std::less<>>;

// Views into `bytes`, the whole of a file that errors call `file`.
absl::StatusOr<TensorMap> ParseSafetensors(std::span<const std::byte> bytes,
                                           const std::string& file);

// A shard index, {"weight_map": {TENSOR: FILE, ..}}: from tensor to the file that holds it, a plain
// name in the index's own directory.
absl::StatusOr<std::map<std::string, std::string>> ParseShardIndex(std::string_view text,
                                                                   const std::string& file);

}  // namespace foraker::model

#endif  // FORAKER_MODEL_WEIGHTS_SAFETENSORS_H_
