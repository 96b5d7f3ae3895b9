#include "model/encoder/tensor_reader.h"

#include <span>
#include <utility>

namespace foraker::model {

std::vector<float> TensorReader::Take(const std::string& name,
                                      std::initializer_list<uint64_t> shape) {
  if (!status_.ok()) return {};
  auto tensor = weights_.Take(name, std::span<const uint64_t>(shape.begin(), shape.size()));
  if (tensor.ok()) return *std::move(tensor);
  status_ = tensor.status();
  return {};
}

LinearWeights TensorReader::TakeLinear(const std::string& name, size_t out, size_t in) {
  LinearWeights linear = TakeLinearWithoutBias(name, out, in);
  linear.bias = Take(name + ".bias", {out});
  return linear;
}

LinearWeights TensorReader::TakeLinearWithoutBias(const std::string& name, size_t out, size_t in) {
  return {.in = in, .out = out, .weight = Take(name + ".weight", {out, in}), .bias = {}};
}

NormWeights TensorReader::TakeNorm(const std::string& name, size_t width) {
  const bool old_names = Has(name + ".gamma");
  return {.gamma = Take(name + (old_names ? ".gamma" : ".weight"), {width}),
          .beta = Take(name + (old_names ? ".beta" : ".bias"), {width})};
}

void TensorReader::Ignore(std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (weights_.Find(name) != nullptr) weights_.Ignore(name);
  }
}

absl::Status TensorReader::Finish() const {
  return status_.ok() ? weights_.CheckAllTaken() : status_;
}

}  // namespace foraker::model
