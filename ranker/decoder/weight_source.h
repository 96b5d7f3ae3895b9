// Where a decoder's weights come from, a layer at a time, so that a device can take them into its
// own layout without the whole model lying in memory as float32: a checkpoint's safetensors, or
// random numbers of the same shape for benchmarks.
//
// One thread. Matrices are [out, in], row-major. Errors as model::Weights: kNotFound,
// kInvalidArgument name file, tensor and what was expected.

#ifndef FORAKER_RANKER_DECODER_WEIGHT_SOURCE_H_
#define FORAKER_RANKER_DECODER_WEIGHT_SOURCE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ranker/decoder/decoder_config.h"

namespace foraker::ranker {

struct LayerWeights {
  std::vector<float> attention_norm;        // [hidden]
  std::vector<float> query;                 // [query_width, hidden]
  std::vector<float> key;                   // [key_width, hidden]
  std::vector<float> value;                 // [key_width, hidden]
  std::vector<float> out;                   // [hidden, query_width]
  std::vector<float> query_norm, key_norm;  // [head_width], or empty
  std::vector<float> mlp_norm;              // [hidden]
  std::vector<float> gate, up;              // [intermediate, hidden]
  std::vector<float> down;                  // [hidden, intermediate]
};

class WeightSource {
 public:
  virtual ~WeightSource() = default;
  virtual absl::StatusOr<std::vector<float>> Embeddings() = 0;  // [vocabulary, hidden]
  // Layers in ascending order.
  virtual absl::StatusOr<LayerWeights> Layer(uint32_t layer) = 0;
  // Norm, query and key alone: all that a scoring layer computes.
  virtual absl::StatusOr<LayerWeights> ScoringLayer(uint32_t layer) = 0;
  // After the last layer that is wanted: what lies behind must be there in the right shape, and
  // nothing else may.
  virtual absl::Status Finish() = 0;
};

// Of a model directory: model.safetensors, or the shards of model.safetensors.index.json.
absl::StatusOr<std::unique_ptr<WeightSource>> OpenCheckpoint(const std::string& directory,
                                                             const DecoderConfig& config);

// Numbers that any program can make again from a tensor's name: element i of the tensor that
// Hugging Face calls `name` (the embeddings are "model.embed_tokens.weight") has
//   u = (SplitMix64(FNV1a64(name) ^ seed, i) >> 40) / 2^23 - 1          in [-1, 1)
// where SplitMix64(s, i) is output i (from 0) of the generator with state s. A matrix holds
// u x sqrt(3 / in), embeddings u, norms 1 + u / 10, all rounded to float32.
std::unique_ptr<WeightSource> MakeRandomWeights(const DecoderConfig& config, uint64_t seed);

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_DECODER_WEIGHT_SOURCE_H_
