// The weights of an encoder as plain numbers, in one form for all architectures, and how they are
// read from a model's tensors.
//
// Queries, keys and values are one linear map; the position table (where there is one) already
// holds the token type that every text has. Errors of LoadNetwork: kInvalidArgument for missing,
// unused or misshapen tensors, naming them.

#ifndef FORAKER_MODEL_ENCODER_NETWORK_H_
#define FORAKER_MODEL_ENCODER_NETWORK_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "model/encoder/encoder_config.h"
#include "model/weights/weights.h"

namespace foraker::model {

struct LinearWeights {
  size_t in = 0;
  size_t out = 0;
  std::vector<float> weight;  // [out, in]
  std::vector<float> bias;    // [out]; empty: none
};

struct NormWeights {
  std::vector<float> gamma;  // [hidden]
  std::vector<float> beta;   // [hidden]
};

struct LayerWeights {
  LinearWeights attention_in;  // [3 x hidden, hidden]: queries, keys, values
  LinearWeights attention_out;
  NormWeights attention_norm;
  LinearWeights up;  // [intermediate, hidden]; kNew: [2 x intermediate, hidden], the gate second
  LinearWeights down;
  NormWeights output_norm;
};

struct Network {
  std::vector<float> words;      // [vocabulary, hidden]
  std::vector<float> positions;  // [max_tokens, hidden], the token type added; empty for kNew
  std::vector<float> type;       // [hidden], kNew with token types alone
  NormWeights embedding_norm;
  std::vector<LayerWeights> layers;
  LinearWeights transform;
  NormWeights transform_norm;
  std::vector<float> decoder;       // [vocabulary, hidden]; empty: tied to `words`
  std::vector<float> decoder_bias;  // [vocabulary]
};

absl::StatusOr<Network> LoadNetwork(Weights& weights, const EncoderConfig& config);

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ENCODER_NETWORK_H_
