#include "model/encoder/encoder_config.h"

#include <string_view>

#include "base/file.h"
#include "base/status.h"
#include "model/encoder/model_layout.h"
#include "model/encoder/transformer_config.h"
#include "model/json/json_object.h"

namespace foraker::model {
namespace {

absl::Status GetHeadActivation(const JsonObject& json, EncoderConfig& config) {
  std::string activation = "relu";
  RETURN_IF_ERROR(json.Get("activation_function", activation));
  if (activation != "relu" && activation != "log1p_relu") {
    return json.Unexpected("activation_function", "\"relu\" or \"log1p_relu\"");
  }
  config.double_log = activation == "log1p_relu";
  return absl::OkStatus();
}

absl::Status GetPruneRatio(const JsonObject& json, EncoderConfig& config) {
  double ratio = config.prune_ratio;
  RETURN_IF_ERROR(json.Get("prune_ratio", ratio));
  if (ratio < 0 || ratio >= 1) return json.Unexpected("prune_ratio", "a number in [0, 1)");
  config.prune_ratio = static_cast<float>(ratio);
  return absl::OkStatus();
}

absl::Status ReadPooling(const std::string& directory, EncoderConfig& config) {
  ASSIGN_OR_RETURN(const JsonObject json, JsonObject::Read(directory + "/config.json"));
  std::string strategy = "max";
  RETURN_IF_ERROR(json.Get("pooling_strategy", strategy));
  if (strategy != "max") return json.Unexpected("pooling_strategy", "\"max\"");
  for (const std::string_view key : {"embedding_dimension", "word_embedding_dimension"}) {
    uint64_t dimension = config.vocabulary;
    RETURN_IF_ERROR(json.Get(key, dimension));
    if (dimension != config.vocabulary) return json.Unexpected(key, "the vocabulary's size");
  }
  RETURN_IF_ERROR(GetPruneRatio(json, config));
  return GetHeadActivation(json, config);
}

// What sentence-transformers does with a text before the model sees it.
absl::Status CheckTransformerModule(const std::string& directory) {
  const std::string path = directory + "/sentence_bert_config.json";
  if (!base::FileExists(path)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const JsonObject json, JsonObject::Read(path));
  bool lower_case = false;
  RETURN_IF_ERROR(json.Get("do_lower_case", lower_case));
  if (lower_case) return json.Unexpected("do_lower_case", "false: the tokenizer decides on case");
  std::string task = "fill-mask";
  RETURN_IF_ERROR(json.Get("transformer_task", task));
  if (task != "fill-mask") return json.Unexpected("transformer_task", "\"fill-mask\"");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<EncoderConfig> ReadEncoderConfig(const std::string& directory) {
  ASSIGN_OR_RETURN(const ModelLayout layout, FindModelLayout(directory));
  ASSIGN_OR_RETURN(const JsonObject json, JsonObject::Read(layout.transformer + "/config.json"));
  ASSIGN_OR_RETURN(EncoderConfig config, ParseTransformerConfig(json));
  RETURN_IF_ERROR(GetPruneRatio(json, config));
  if (layout.pooling.empty()) {
    RETURN_IF_ERROR(GetHeadActivation(json, config));
    return config;
  }
  RETURN_IF_ERROR(CheckTransformerModule(layout.transformer));
  RETURN_IF_ERROR(ReadPooling(layout.pooling, config));
  return config;
}

}  // namespace foraker::model
