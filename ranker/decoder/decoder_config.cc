#include "ranker/decoder/decoder_config.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"

namespace foraker::ranker {
namespace {

using model::JsonObject;

// Far beyond every model, and small enough that products of two sizes never overflow 64 bits.
constexpr uint64_t kMaxVocabulary = 1 << 24;
constexpr uint64_t kMaxWidth = 1 << 18;
constexpr uint64_t kMaxHeads = 1 << 12;
constexpr uint64_t kMaxHeadWidth = 1 << 10;
constexpr uint64_t kMaxLayers = 1 << 10;
constexpr uint64_t kMaxPositions = 1 << 24;
constexpr double kMaxNumber = 1e12;  // of rotation: ratios of two still fit float32
constexpr double kMinFrequencyFactor = 1e-3;

// What a family means when config.json leaves a key out (the defaults of transformers' classes).
struct FamilyDefaults {
  std::string_view model_type;
  DecoderFamily family;
  std::string_view architecture;
  uint64_t kv_heads;       // 0: as many as heads
  uint64_t head_width;     // 0: hidden / heads
  uint64_t window;         // sliding_window; 0: none
  bool window_has_switch;  // "use_sliding_window" turns it on
};

constexpr FamilyDefaults kFamilies[] = {
    {"mistral", DecoderFamily::kMistral, "MistralForCausalLM", 8, 0, 4096, false},
    {"llama", DecoderFamily::kLlama, "LlamaForCausalLM", 0, 0, 0, false},
    {"qwen3", DecoderFamily::kQwen3, "Qwen3ForCausalLM", 32, 128, 0, true},
};

absl::Status GetSize(const JsonObject& json, std::string_view key, uint64_t most, uint32_t& out) {
  uint64_t value = out;
  RETURN_IF_ERROR(json.Get(key, value));
  if (value < 1 || value > most) {
    return json.Unexpected(key, absl::StrFormat("an integer from 1 to %d", most));
  }
  out = static_cast<uint32_t>(value);
  return absl::OkStatus();
}

absl::Status RequireSize(const JsonObject& json, std::string_view key, uint64_t most,
                         uint32_t& out) {
  uint64_t present = 0;
  RETURN_IF_ERROR(json.Require(key, present));
  return GetSize(json, key, most, out);
}

// A number with a lower bound, which it may not reach.
absl::Status GetAbove(const JsonObject& json, std::string_view key, double bound, double& out) {
  RETURN_IF_ERROR(json.Get(key, out));
  if (out > bound && out <= kMaxNumber) return absl::OkStatus();
  return json.Unexpected(key, absl::StrCat("a number above ", bound, ", at most ", kMaxNumber));
}

absl::Status RequireFalse(const JsonObject& json, std::string_view key) {
  bool value = false;
  RETURN_IF_ERROR(json.Get(key, value));
  return value ? json.Unexpected(key, "false") : absl::OkStatus();
}

absl::Status CheckClass(const JsonObject& json, std::string_view known) {
  std::vector<std::string> classes;
  RETURN_IF_ERROR(json.Get("architectures", classes));
  if (classes.empty() || std::find(classes.begin(), classes.end(), known) != classes.end()) {
    return absl::OkStatus();
  }
  return json.Unexpected("architectures", absl::StrFormat("[\"%s\"]", known));
}

absl::Status GetShape(const JsonObject& json, const FamilyDefaults& family, DecoderConfig& config) {
  RETURN_IF_ERROR(RequireSize(json, "hidden_size", kMaxWidth, config.hidden));
  RETURN_IF_ERROR(RequireSize(json, "intermediate_size", kMaxWidth, config.intermediate));
  RETURN_IF_ERROR(RequireSize(json, "num_hidden_layers", kMaxLayers, config.layers));
  RETURN_IF_ERROR(RequireSize(json, "num_attention_heads", kMaxHeads, config.heads));
  RETURN_IF_ERROR(RequireSize(json, "vocab_size", kMaxVocabulary, config.vocabulary));
  RETURN_IF_ERROR(
      RequireSize(json, "max_position_embeddings", kMaxPositions, config.max_positions));

  config.kv_heads = family.kv_heads == 0 ? config.heads : static_cast<uint32_t>(family.kv_heads);
  RETURN_IF_ERROR(GetSize(json, "num_key_value_heads", kMaxHeads, config.kv_heads));
  if (config.heads % config.kv_heads != 0) {
    return json.Unexpected("num_key_value_heads",
                           absl::StrFormat("a divisor of the %d attention heads", config.heads));
  }
  config.head_width = static_cast<uint32_t>(family.head_width);
  if (config.head_width == 0 && !json.Has("head_dim")) {
    if (config.hidden % config.heads != 0) {
      return json.Unexpected("num_attention_heads",
                             absl::StrFormat("a divisor of the hidden size %d", config.hidden));
    }
    config.head_width = config.hidden / config.heads;
  }
  RETURN_IF_ERROR(GetSize(json, "head_dim", kMaxHeadWidth, config.head_width));
  if (config.head_width % 2 == 0) return absl::OkStatus();
  return json.Unexpected(json.Has("head_dim") ? "head_dim" : "num_attention_heads",
                         "heads of an even width, which rotation needs");
}

// What of the computation itself could differ, and does not in what is known here.
absl::Status CheckComputation(const JsonObject& json) {
  RETURN_IF_ERROR(RequireFalse(json, "attention_bias"));
  RETURN_IF_ERROR(RequireFalse(json, "mlp_bias"));
  std::string activation = "silu";
  RETURN_IF_ERROR(json.Get("hidden_act", activation));
  if (activation != "silu") return json.Unexpected("hidden_act", "\"silu\"");
  return json.Has("quantization_config")
             ? json.Unexpected("quantization_config", "none (weights as F32, F16 or BF16)")
             : absl::OkStatus();
}

// A window as wide as the positions go is none.
absl::Status CheckWindow(const JsonObject& json, const FamilyDefaults& family,
                         const DecoderConfig& config) {
  if (family.family == DecoderFamily::kLlama) return absl::OkStatus();  // knows no such key
  bool in_use = !family.window_has_switch;
  if (family.window_has_switch) RETURN_IF_ERROR(json.Get("use_sliding_window", in_use));
  if (!in_use) return absl::OkStatus();
  const std::vector<std::string> keys = json.Keys();
  const bool is_absent = std::find(keys.begin(), keys.end(), "sliding_window") == keys.end();
  // null stands for no window, but a key that is not there for the family's default.
  uint64_t window = is_absent && family.window > 0 ? family.window : config.max_positions;
  RETURN_IF_ERROR(json.Get("sliding_window", window));
  if (window >= config.max_positions) return absl::OkStatus();
  return json.Unexpected("sliding_window",
                         absl::StrFormat("null, or at least max_position_embeddings (%d): windows "
                                         "are not supported",
                                         config.max_positions));
}

absl::Status CheckScalingKeys(const JsonObject& scaling) {
  static constexpr std::string_view kKnown[] = {"type",
                                                "rope_type",
                                                "rope_theta",
                                                "factor",
                                                "low_freq_factor",
                                                "high_freq_factor",
                                                "original_max_position_embeddings",
                                                "partial_rotary_factor"};
  for (const std::string& key : scaling.Keys()) {
    const bool known = std::find(std::begin(kKnown), std::end(kKnown), key) != std::end(kKnown);
    if (!known && scaling.Has(key)) return scaling.Unexpected(key, "no such key");
  }
  double rotated = 1;
  RETURN_IF_ERROR(scaling.Get("partial_rotary_factor", rotated));
  return rotated == 1 ? absl::OkStatus() : scaling.Unexpected("partial_rotary_factor", "1");
}

// "rope_scaling", and "rope_parameters" as newer files call it.
absl::Status GetScaling(const JsonObject& scaling, DecoderConfig& config) {
  RETURN_IF_ERROR(CheckScalingKeys(scaling));
  RETURN_IF_ERROR(GetAbove(scaling, "rope_theta", 1, config.rope_theta));
  std::string old_type = "default";
  RETURN_IF_ERROR(scaling.Get("type", old_type));
  std::string type = old_type;
  RETURN_IF_ERROR(scaling.Get("rope_type", type));
  const std::string_view key = scaling.Has("rope_type") ? "rope_type" : "type";
  if (scaling.Has("type") && type != old_type) {
    return scaling.Unexpected(key, absl::StrFormat("\"%s\", as \"type\" says", old_type));
  }
  if (type == "default") return absl::OkStatus();
  RopeScaling& out = config.rope_scaling;
  if (type == "linear") {
    out.kind = RopeScaling::Kind::kLinear;
  } else if (type == "llama3") {
    out.kind = RopeScaling::Kind::kLlama3;
  } else {
    return scaling.Unexpected(key, "\"default\", \"linear\" or \"llama3\"");
  }
  RETURN_IF_ERROR(scaling.Require("factor", out.factor));
  if (out.factor < 1 || out.factor > kMaxNumber) {
    return scaling.Unexpected("factor", "a number of at least 1");
  }
  if (out.kind == RopeScaling::Kind::kLinear) return absl::OkStatus();
  RETURN_IF_ERROR(scaling.Require("low_freq_factor", out.low_frequency_factor));
  RETURN_IF_ERROR(scaling.Require("high_freq_factor", out.high_frequency_factor));
  RETURN_IF_ERROR(scaling.Require("original_max_position_embeddings", out.original_positions));
  RETURN_IF_ERROR(
      GetAbove(scaling, "low_freq_factor", kMinFrequencyFactor, out.low_frequency_factor));
  RETURN_IF_ERROR(
      GetAbove(scaling, "high_freq_factor", out.low_frequency_factor, out.high_frequency_factor));
  return GetAbove(scaling, "original_max_position_embeddings", 0, out.original_positions);
}

absl::Status GetRotation(const JsonObject& json, DecoderConfig& config) {
  RETURN_IF_ERROR(GetAbove(json, "rope_theta", 1, config.rope_theta));
  if (json.Has("rope_parameters") && json.Has("rope_scaling")) {
    return json.Unexpected("rope_scaling", "none beside \"rope_parameters\"");
  }
  for (const std::string_view key : {"rope_scaling", "rope_parameters"}) {
    if (!json.Has(key)) continue;
    const double outside = config.rope_theta;
    JsonObject scaling = json;
    RETURN_IF_ERROR(json.Get(key, scaling));
    RETURN_IF_ERROR(GetScaling(scaling, config));
    if (json.Has("rope_theta") && config.rope_theta != outside) {
      return scaling.Unexpected("rope_theta", absl::StrCat(outside, ", as outside"));
    }
  }
  return absl::OkStatus();
}

absl::Status GetEpsilon(const JsonObject& json, float& out) {
  double epsilon = 1e-6;
  RETURN_IF_ERROR(json.Get("rms_norm_eps", epsilon));
  out = static_cast<float>(epsilon);
  if (out > 0 && out < 1) return absl::OkStatus();
  return json.Unexpected("rms_norm_eps", "a number in (0, 1)");
}

}  // namespace

absl::StatusOr<DecoderConfig> ParseDecoderConfig(const JsonObject& json) {
  std::string type;
  RETURN_IF_ERROR(json.Require("model_type", type));
  const auto family = std::find_if(std::begin(kFamilies), std::end(kFamilies),
                                   [&](const FamilyDefaults& f) { return f.model_type == type; });
  if (family == std::end(kFamilies)) {
    return json.Unexpected("model_type", "\"mistral\", \"llama\" or \"qwen3\"");
  }
  DecoderConfig config;
  config.family = family->family;
  config.has_head_norms = config.family == DecoderFamily::kQwen3;
  RETURN_IF_ERROR(CheckClass(json, family->architecture));
  RETURN_IF_ERROR(CheckComputation(json));
  RETURN_IF_ERROR(GetShape(json, *family, config));
  RETURN_IF_ERROR(CheckWindow(json, *family, config));
  RETURN_IF_ERROR(GetRotation(json, config));
  RETURN_IF_ERROR(GetEpsilon(json, config.norm_epsilon));
  RETURN_IF_ERROR(json.Get("tie_word_embeddings", config.tied_embeddings));
  return config;
}

}  // namespace foraker::ranker
