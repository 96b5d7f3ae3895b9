#include "ranker/decoder/decoder_tensors.h"

#include "absl/strings/str_cat.h"
#include "base/string_view.h"

namespace foraker::ranker {

std::vector<LayerTensor> LayerTensors(const DecoderConfig& config) {
  using L = LayerWeights;
  const uint64_t hidden = config.hidden;
  const uint64_t intermediate = config.intermediate;
  const uint64_t query = config.query_width();
  const uint64_t key = config.key_width();
  std::vector<LayerTensor> tensors = {
      {"input_layernorm.weight", &L::attention_norm, {hidden}, true},
      {"self_attn.q_proj.weight", &L::query, {query, hidden}, true},
      {"self_attn.k_proj.weight", &L::key, {key, hidden}, true},
      {"self_attn.v_proj.weight", &L::value, {key, hidden}},
      {"self_attn.o_proj.weight", &L::out, {hidden, query}},
      {"post_attention_layernorm.weight", &L::mlp_norm, {hidden}},
      {"mlp.gate_proj.weight", &L::gate, {intermediate, hidden}},
      {"mlp.up_proj.weight", &L::up, {intermediate, hidden}},
      {"mlp.down_proj.weight", &L::down, {hidden, intermediate}},
  };
  if (config.has_head_norms) {
    tensors.push_back({"self_attn.q_norm.weight", &L::query_norm, {config.head_width}, true});
    tensors.push_back({"self_attn.k_norm.weight", &L::key_norm, {config.head_width}, true});
  }
  return tensors;
}

std::string LayerTensorName(uint32_t layer, std::string_view name) {
  return absl::StrCat("model.layers.", layer, ".", base::ToAbsl(name));
}

}  // namespace foraker::ranker
