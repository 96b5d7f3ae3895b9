// Rotary position embeddings of the "new" architecture, in their half-split form: for i < d / 2 the
// pair (x[i], x[i + d/2]) turns by the angle position x f_i,
//
//   f_i = theta^(-2i/d), or with "ntk" scaling by s   f_i = (theta s)^(-2i/d) / s^(2/d).
//
// Angles are rounded to float32 as the reference does. Immutable, safe for concurrent use.

#ifndef FORAKER_MODEL_ENCODER_ROTARY_H_
#define FORAKER_MODEL_ENCODER_ROTARY_H_

#include <cstddef>
#include <vector>

#include "model/encoder/encoder_config.h"

namespace foraker::model {

class Rotary {
 public:
  // Nothing is turned unless the architecture is kNew.
  explicit Rotary(const EncoderConfig& config);

  // Turns every head of a row of queries or keys, [hidden].
  void Turn(size_t position, float* row) const;

  bool empty() const { return frequencies_.empty(); }

 private:
  size_t heads_;
  std::vector<float> frequencies_;  // [d / 2]
  std::vector<float> cosines_;      // [max_tokens, d / 2]
  std::vector<float> sines_;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ENCODER_ROTARY_H_
