// The tensors of a decoder as Hugging Face names them, with their shapes: one list for all who
// read, make or write weights.
//
// Functions of their arguments.

#ifndef FORAKER_RANKER_DECODER_DECODER_TENSORS_H_
#define FORAKER_RANKER_DECODER_DECODER_TENSORS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ranker/decoder/decoder_config.h"
#include "ranker/decoder/weight_source.h"

namespace foraker::ranker {

inline constexpr std::string_view kEmbeddingsName = "model.embed_tokens.weight";
inline constexpr std::string_view kLastNormName = "model.norm.weight";  // [hidden]
inline constexpr std::string_view kHeadName = "lm_head.weight";         // [vocabulary, hidden]

// One of a layer's.
struct LayerTensor {
  std::string_view name;                     // behind "model.layers.N."
  std::vector<float> LayerWeights::*values;  // where it goes
  std::vector<uint64_t> shape;               // [out, in] of a matrix, [width] of a norm
  bool is_scoring = false;                   // also of a scoring layer
};

std::vector<LayerTensor> LayerTensors(const DecoderConfig& config);

// "model.layers.N.NAME".
std::string LayerTensorName(uint32_t layer, std::string_view name);

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_DECODER_DECODER_TENSORS_H_
