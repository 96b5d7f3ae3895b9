// What a model directory says about its sparse encoder: architecture, sizes, activation of the
// sparse head. Read from config.json and, in the sentence-transformers sparse layout, from
// modules.json, the router's config and the modules' own:
//
//   sentence-transformers   modules.json ─► Router or [MLMTransformer, SpladePooling] ─► pooling
//   (>= 5.0)                strategy, activation; the query side's SparseStaticEmbedding
//   plain masked LM         config.json, weights, tokenizer; idf.json where there is one
//
// The head's "activation_function" is "log1p_relu", the double log of the v3 models, or "relu", the
// single one (sentence-transformers' names and default); its "prune_ratio" is 0 by default. They
// stand in the pooling's config, in the plain layout in config.json (prune_ratio in either).
// Errors: kNotFound, kInvalidArgument naming file, key and what was expected; an architecture or
// option that would change results and is not known is refused.

#ifndef FORAKER_MODEL_ENCODER_ENCODER_CONFIG_H_
#define FORAKER_MODEL_ENCODER_ENCODER_CONFIG_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace foraker::model {

enum class Architecture {
  kBert,        // BertForMaskedLM
  kDistilBert,  // DistilBertForMaskedLM
  kNew,         // NewForMaskedLM (GTE): RoPE, GLU, fused QKV, no token types
};

enum class Activation { kGelu, kGeluTanh, kRelu, kSilu };

struct EncoderConfig {
  Architecture architecture = Architecture::kBert;
  uint32_t vocabulary = 0;
  uint32_t hidden = 0;
  uint32_t layers = 0;
  uint32_t heads = 0;
  uint32_t intermediate = 0;
  uint32_t max_tokens = 0;   // positions, [CLS] and [SEP] included
  uint32_t token_types = 0;  // 0: none
  Activation activation = Activation::kGelu;
  float layer_norm_epsilon = 1e-12f;
  // kNew alone.
  double rope_theta = 10000;
  double rope_ntk_factor = 0;  // 0: no scaling; else "ntk" scaling's factor

  // The sparse head: w = log1p(relu(max logit)), once more log1p when double_log; weights at or
  // below prune_ratio x the largest are dropped.
  bool double_log = false;
  float prune_ratio = 0;
};

absl::StatusOr<EncoderConfig> ReadEncoderConfig(const std::string& directory);

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ENCODER_ENCODER_CONFIG_H_
