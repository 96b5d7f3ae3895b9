// The named tensors of a model directory: model.safetensors, or the shards that
// model.safetensors.index.json names, memory-mapped.
//
// Whoever loads a model takes each tensor by name and shape; what nobody took is then an error, as
// is what is missing or misshapen, so that a file of another architecture never loads by accident.
// F32, F16 and BF16 are taken as float; I8 as float times the tensor NAME_scale where the file has
// one ([1] or [rows]).
//
// Not thread-safe while tensors are taken. Owns the mappings: views live as long as it does.
// Errors: kNotFound; kInvalidArgument names file, tensor, and what was expected; every offset and
// length of a file is checked before it is used.

#ifndef FORAKER_MODEL_WEIGHTS_WEIGHTS_H_
#define FORAKER_MODEL_WEIGHTS_WEIGHTS_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/weights/tensor.h"

namespace foraker::model {

class Weights {
 public:
  static absl::StatusOr<std::unique_ptr<Weights>> Open(const std::string& directory);
  virtual ~Weights() = default;

  // Names in ascending order.
  virtual std::vector<std::string> Names() const = 0;
  // Null when there is no such tensor. Does not count as taken.
  virtual const TensorView* Find(std::string_view name) const = 0;

  // The tensor as float32, taken. The shape must be this one and the values finite.
  virtual absl::StatusOr<std::vector<float>> Take(std::string_view name,
                                                  std::span<const uint64_t> shape) = 0;
  // Takes without reading: buffers that the architecture does not need (position ids), a tied copy.
  virtual void Ignore(std::string_view name) = 0;
  // kInvalidArgument listing (at most 5 of) the tensors that nobody took.
  virtual absl::Status CheckAllTaken() const = 0;

  // Hex of XXH3-64 over the files, in the order of their names.
  virtual std::string Fingerprint() const = 0;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_WEIGHTS_WEIGHTS_H_
