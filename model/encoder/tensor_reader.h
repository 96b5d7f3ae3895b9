// Takes tensors by name for a loader that reads many of them: the first error is kept, and what is
// read after it is empty. Serves one thread.

#ifndef FORAKER_MODEL_ENCODER_TENSOR_READER_H_
#define FORAKER_MODEL_ENCODER_TENSOR_READER_H_

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "model/encoder/network.h"
#include "model/weights/weights.h"

namespace foraker::model {

class TensorReader {
 public:
  explicit TensorReader(Weights& weights) : weights_(weights) {}

  bool Has(const std::string& name) const { return weights_.Find(name) != nullptr; }
  std::vector<float> Take(const std::string& name, std::initializer_list<uint64_t> shape);
  // NAME.weight and NAME.bias.
  LinearWeights TakeLinear(const std::string& name, size_t out, size_t in);
  LinearWeights TakeLinearWithoutBias(const std::string& name, size_t out, size_t in);
  // NAME.weight and NAME.bias, or gamma and beta as files from before 2019 call them.
  NormWeights TakeNorm(const std::string& name, size_t width);
  void Ignore(std::initializer_list<std::string_view> names);

  void Fail(absl::Status status) {
    if (status_.ok()) status_ = std::move(status);
  }
  // The first error, or that of tensors that nobody took.
  absl::Status Finish() const;

 private:
  Weights& weights_;
  absl::Status status_;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ENCODER_TENSOR_READER_H_
