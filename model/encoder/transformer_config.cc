#include "model/encoder/transformer_config.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"

namespace foraker::model {
namespace {

// Far beyond every model, and small enough that products of two sizes never overflow 64 bits.
constexpr uint64_t kMaxVocabulary = 1 << 24;
constexpr uint64_t kMaxWidth = 1 << 16;
constexpr uint64_t kMaxLayers = 1 << 10;
constexpr uint64_t kMaxTokens = 1 << 20;
constexpr uint64_t kMinTokens = 3;  // [CLS], [SEP] and one between them

constexpr std::pair<std::string_view, Activation> kActivations[] = {
    {"gelu", Activation::kGelu},          {"gelu_python", Activation::kGelu},
    {"gelu_new", Activation::kGeluTanh},  {"gelu_pytorch_tanh", Activation::kGeluTanh},
    {"gelu_fast", Activation::kGeluTanh}, {"gelu_accurate", Activation::kGeluTanh},
    {"relu", Activation::kRelu},          {"silu", Activation::kSilu},
    {"swish", Activation::kSilu},
};

absl::Status RequireSize(const JsonObject& json, std::string_view key, uint64_t least,
                         uint64_t most, uint32_t& out) {
  uint64_t value = 0;
  RETURN_IF_ERROR(json.Require(key, value));
  if (value < least || value > most) {
    return json.Unexpected(key, absl::StrFormat("an integer from %d to %d", least, most));
  }
  out = static_cast<uint32_t>(value);
  return absl::OkStatus();
}

absl::Status GetTokenTypes(const JsonObject& json, uint32_t by_default, uint32_t& out) {
  out = by_default;
  return json.Has("type_vocab_size") ? RequireSize(json, "type_vocab_size", 0, kMaxWidth, out)
                                     : absl::OkStatus();
}

absl::Status GetActivation(const JsonObject& json, std::string_view key, Activation& out) {
  std::string name = "gelu";
  RETURN_IF_ERROR(json.Get(key, name));
  const auto found = std::find_if(std::begin(kActivations), std::end(kActivations),
                                  [&](const auto& row) { return row.first == name; });
  if (found == std::end(kActivations)) {
    return json.Unexpected(key, "one of gelu, gelu_new, gelu_pytorch_tanh, relu, silu");
  }
  out = found->second;
  return absl::OkStatus();
}

absl::Status GetEpsilon(const JsonObject& json, float& out) {
  double epsilon = 1e-12;
  RETURN_IF_ERROR(json.Get("layer_norm_eps", epsilon));
  const auto rounded = static_cast<float>(epsilon);
  if (rounded <= 0 || rounded >= 1) return json.Unexpected("layer_norm_eps", "a number in (0, 1)");
  out = rounded;
  return absl::OkStatus();
}

// An option of which one value alone leaves the computation as it is known here.
absl::Status RequireText(const JsonObject& json, std::string_view key, std::string_view only) {
  std::string value(only);
  RETURN_IF_ERROR(json.Get(key, value));
  return value == only ? absl::OkStatus() : json.Unexpected(key, absl::StrFormat("\"%s\"", only));
}

absl::Status RequireFlag(const JsonObject& json, std::string_view key, bool only) {
  bool value = only;
  RETURN_IF_ERROR(json.Get(key, value));
  return value == only ? absl::OkStatus() : json.Unexpected(key, only ? "true" : "false");
}

// Options of every architecture that change the computation itself.
absl::Status CheckCommon(const JsonObject& json) {
  RETURN_IF_ERROR(RequireFlag(json, "is_decoder", false));
  RETURN_IF_ERROR(RequireFlag(json, "add_cross_attention", false));
  if (json.Has("quantization_config")) return json.Unexpected("quantization_config", "none");
  JsonObject pruned = json;
  if (json.Has("pruned_heads")) {
    RETURN_IF_ERROR(json.Get("pruned_heads", pruned));
    if (!pruned.Keys().empty()) return json.Unexpected("pruned_heads", "none");
  }
  return absl::OkStatus();
}

// The class that the checkpoint was saved as must have a masked-LM head.
absl::Status CheckClass(const JsonObject& json, const std::vector<std::string>& known) {
  std::vector<std::string> classes;
  RETURN_IF_ERROR(json.Get("architectures", classes));
  const bool has_known = std::find_first_of(classes.begin(), classes.end(), known.begin(),
                                            known.end()) != classes.end();
  if (classes.empty() || has_known) return absl::OkStatus();
  return json.Unexpected("architectures", known.front());
}

absl::Status ParseBert(const JsonObject& json, EncoderConfig& config) {
  config.architecture = Architecture::kBert;
  RETURN_IF_ERROR(CheckClass(json, {"BertForMaskedLM", "BertForPreTraining"}));
  RETURN_IF_ERROR(RequireText(json, "position_embedding_type", "absolute"));
  RETURN_IF_ERROR(RequireSize(json, "hidden_size", 1, kMaxWidth, config.hidden));
  RETURN_IF_ERROR(RequireSize(json, "num_hidden_layers", 1, kMaxLayers, config.layers));
  RETURN_IF_ERROR(RequireSize(json, "num_attention_heads", 1, kMaxWidth, config.heads));
  RETURN_IF_ERROR(RequireSize(json, "intermediate_size", 1, kMaxWidth, config.intermediate));
  RETURN_IF_ERROR(GetTokenTypes(json, 2, config.token_types));
  if (config.token_types == 0) return json.Unexpected("type_vocab_size", "at least 1");
  RETURN_IF_ERROR(GetEpsilon(json, config.layer_norm_epsilon));
  return GetActivation(json, "hidden_act", config.activation);
}

// Positions lie in the weights even where `sinusoidal_pos_embds` says how they were made, and the
// epsilon is fixed in the architecture.
absl::Status ParseDistilBert(const JsonObject& json, EncoderConfig& config) {
  config.architecture = Architecture::kDistilBert;
  RETURN_IF_ERROR(CheckClass(json, {"DistilBertForMaskedLM"}));
  RETURN_IF_ERROR(RequireSize(json, "dim", 1, kMaxWidth, config.hidden));
  RETURN_IF_ERROR(RequireSize(json, "n_layers", 1, kMaxLayers, config.layers));
  RETURN_IF_ERROR(RequireSize(json, "n_heads", 1, kMaxWidth, config.heads));
  RETURN_IF_ERROR(RequireSize(json, "hidden_dim", 1, kMaxWidth, config.intermediate));
  return GetActivation(json, "activation", config.activation);
}

absl::Status GetRotation(const JsonObject& json, EncoderConfig& config) {
  RETURN_IF_ERROR(RequireText(json, "position_embedding_type", "rope"));
  if (json.Has("rope_parameters")) {
    return json.Unexpected("rope_parameters", "\"rope_theta\" and \"rope_scaling\" instead");
  }
  RETURN_IF_ERROR(json.Get("rope_theta", config.rope_theta));
  if (config.rope_theta <= 1) return json.Unexpected("rope_theta", "a number above 1");
  if (config.hidden / config.heads % 2 != 0) {
    return json.Unexpected("num_attention_heads", "heads of an even width, which rotation needs");
  }
  if (!json.Has("rope_scaling")) return absl::OkStatus();
  JsonObject scaling = json;
  RETURN_IF_ERROR(json.Get("rope_scaling", scaling));
  for (const std::string& key : scaling.Keys()) {
    if (key != "type" && key != "factor" && scaling.Has(key)) {
      return scaling.Unexpected(key, "\"type\" and \"factor\" alone");
    }
  }
  std::string type;
  RETURN_IF_ERROR(scaling.Require("type", type));
  if (type != "ntk") return scaling.Unexpected("type", "\"ntk\"");
  RETURN_IF_ERROR(scaling.Require("factor", config.rope_ntk_factor));
  if (config.rope_ntk_factor < 1) return scaling.Unexpected("factor", "a number of at least 1");
  return absl::OkStatus();
}

absl::Status ParseNew(const JsonObject& json, EncoderConfig& config) {
  config.architecture = Architecture::kNew;
  RETURN_IF_ERROR(CheckClass(json, {"NewForMaskedLM"}));
  RETURN_IF_ERROR(RequireFlag(json, "pack_qkv", true));
  RETURN_IF_ERROR(RequireText(json, "layer_norm_type", "layer_norm"));
  RETURN_IF_ERROR(RequireFlag(json, "logn_attention_scale", false));
  RETURN_IF_ERROR(RequireSize(json, "hidden_size", 1, kMaxWidth, config.hidden));
  RETURN_IF_ERROR(RequireSize(json, "num_hidden_layers", 1, kMaxLayers, config.layers));
  RETURN_IF_ERROR(RequireSize(json, "num_attention_heads", 1, kMaxWidth, config.heads));
  RETURN_IF_ERROR(RequireSize(json, "intermediate_size", 1, kMaxWidth, config.intermediate));
  RETURN_IF_ERROR(GetTokenTypes(json, 1, config.token_types));
  RETURN_IF_ERROR(GetEpsilon(json, config.layer_norm_epsilon));
  RETURN_IF_ERROR(GetRotation(json, config));
  return GetActivation(json, "hidden_act", config.activation);
}

}  // namespace

absl::StatusOr<EncoderConfig> ParseTransformerConfig(const JsonObject& json) {
  EncoderConfig config;
  std::string type;
  RETURN_IF_ERROR(json.Require("model_type", type));
  RETURN_IF_ERROR(CheckCommon(json));
  if (type == "bert") {
    RETURN_IF_ERROR(ParseBert(json, config));
  } else if (type == "distilbert") {
    RETURN_IF_ERROR(ParseDistilBert(json, config));
  } else if (type == "new") {
    RETURN_IF_ERROR(ParseNew(json, config));
  } else {
    return json.Unexpected("model_type", "\"bert\", \"distilbert\" or \"new\"");
  }
  RETURN_IF_ERROR(RequireSize(json, "vocab_size", 1, kMaxVocabulary, config.vocabulary));
  RETURN_IF_ERROR(
      RequireSize(json, "max_position_embeddings", kMinTokens, kMaxTokens, config.max_tokens));
  if (config.hidden % config.heads != 0) {
    return json.Unexpected(
        config.architecture == Architecture::kDistilBert ? "n_heads" : "num_attention_heads",
        absl::StrFormat("a divisor of the hidden size %d", config.hidden));
  }
  return config;
}

}  // namespace foraker::model
