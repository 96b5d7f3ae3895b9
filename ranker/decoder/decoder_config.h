// The shape of a decoder-only language model, as config.json of a Hugging Face directory states it.
//
// Mistral, Llama (2 and 3, with "linear" and "llama3" RoPE scaling) and Qwen3: pre-norm layers with
// RMSNorm, rotary positions, grouped-query attention, SwiGLU. Errors: kInvalidArgument naming file,
// key and what was expected; what would change results and is not understood (sliding windows in
// use, attention biases, other activations, quantised checkpoints) is refused by name.

#ifndef FORAKER_RANKER_DECODER_DECODER_CONFIG_H_
#define FORAKER_RANKER_DECODER_DECODER_CONFIG_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "model/json/json_object.h"

namespace foraker::ranker {

enum class DecoderFamily { kMistral, kLlama, kQwen3 };

// Longer wave lengths turn slower (Llama 3); kLinear divides every position.
struct RopeScaling {
  enum class Kind { kNone, kLinear, kLlama3 };
  Kind kind = Kind::kNone;
  double factor = 1;
  double low_frequency_factor = 1;  // kLlama3
  double high_frequency_factor = 4;
  double original_positions = 8192;
};

struct DecoderConfig {
  DecoderFamily family = DecoderFamily::kMistral;
  uint32_t hidden = 0;
  uint32_t intermediate = 0;
  uint32_t layers = 0;
  uint32_t heads = 0;
  uint32_t kv_heads = 0;
  uint32_t head_width = 0;
  uint32_t vocabulary = 0;
  uint32_t max_positions = 0;
  float norm_epsilon = 1e-5f;
  double rope_theta = 10000;
  RopeScaling rope_scaling;
  bool tied_embeddings = false;
  bool has_head_norms = false;  // RMSNorm over each query's and key's head (Qwen3)

  uint32_t query_width() const { return heads * head_width; }
  uint32_t key_width() const { return kv_heads * head_width; }
};

absl::StatusOr<DecoderConfig> ParseDecoderConfig(const model::JsonObject& json);

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_DECODER_DECODER_CONFIG_H_
