#include "ranker/prompt/rank_config.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/file.h"
#include "base/status.h"
#include "ranker/prompt/chat_template.h"

namespace foraker::ranker {
namespace {

constexpr std::string_view kFile = "blockrank.json";
constexpr std::string_view kKeys[] = {"template",           "prompt",        "layer",
                                      "query_offset",       "signal_tokens", "variant",
                                      "max_document_tokens"};
constexpr std::pair<std::string_view, Variant> kVariants[] = {
    {"paper", Variant::kPaper},
    {"last_token", Variant::kLastToken},
    {"two_tokens", Variant::kTwoTokens},
    {"all_keys", Variant::kAllKeys},
};
constexpr uint32_t kLlama3Vocabulary = 100'000;  // above it: Llama 2 has 32,000, Llama 3 128,256
constexpr uint32_t kQueryOffset = 16384;         // of the authors' code

RankConfig DefaultsOf(const DecoderConfig& decoder) {
  RankConfig config;
  switch (decoder.family) {
    case DecoderFamily::kMistral:
      config.chat = ChatTemplate::kMistral;
      break;
    case DecoderFamily::kLlama:
      config.chat =
          decoder.vocabulary > kLlama3Vocabulary ? ChatTemplate::kLlama3 : ChatTemplate::kLlama2;
      break;
    case DecoderFamily::kQwen3:
      config.chat = ChatTemplate::kQwen3;
      break;
  }
  // The 21st of 32 layers, and as deep in others.
  config.layer = std::max(1U, (decoder.layers * 21 + 16) / 32) - 1;
  config.query_offset = std::min(kQueryOffset, decoder.max_positions / 2);
  config.max_document_tokens = std::min(config.max_document_tokens, decoder.max_positions);
  return config;
}

absl::Status GetBelow(const model::JsonObject& json, std::string_view key, uint64_t bound,
                      uint32_t& out) {
  uint64_t value = out;
  RETURN_IF_ERROR(json.Get(key, value));
  if (value >= bound) {
    return json.Unexpected(key, absl::StrFormat("an integer below %d", bound));
  }
  out = static_cast<uint32_t>(value);
  return absl::OkStatus();
}

absl::Status GetVariant(const model::JsonObject& json, Variant& out) {
  if (!json.Has("variant")) return absl::OkStatus();
  std::string name;
  RETURN_IF_ERROR(json.Get("variant", name));
  for (const auto& [known, variant] : kVariants) {
    if (known != name) continue;
    out = variant;
    return absl::OkStatus();
  }
  return json.Unexpected("variant", "one of paper, last_token, two_tokens, all_keys");
}

absl::Status GetTemplate(const model::JsonObject& json, ChatTemplate& out) {
  if (!json.Has("template")) return absl::OkStatus();
  std::string name;
  RETURN_IF_ERROR(json.Get("template", name));
  const std::optional<ChatTemplate> chat = ChatTemplateNamed(name);
  if (!chat) {
    return json.Unexpected("template", absl::StrFormat("one of %s", ChatTemplateNames()));
  }
  out = *chat;
  return absl::OkStatus();
}

absl::Status CheckKeys(const model::JsonObject& json) {
  for (const std::string& key : json.Keys()) {
    if (std::find(std::begin(kKeys), std::end(kKeys), key) == std::end(kKeys)) {
      return json.Unexpected(key, "no such key");
    }
  }
  std::string prompt = "blockrank";
  RETURN_IF_ERROR(json.Get("prompt", prompt));
  return prompt == "blockrank" ? absl::OkStatus() : json.Unexpected("prompt", "\"blockrank\"");
}

}  // namespace

absl::StatusOr<RankConfig> ParseRankConfig(const model::JsonObject& json,
                                           const DecoderConfig& decoder) {
  RETURN_IF_ERROR(CheckKeys(json));
  RankConfig config = DefaultsOf(decoder);
  RETURN_IF_ERROR(GetTemplate(json, config.chat));
  RETURN_IF_ERROR(GetBelow(json, "layer", decoder.layers, config.layer));
  RETURN_IF_ERROR(GetBelow(json, "query_offset", decoder.max_positions, config.query_offset));
  config.signal_tokens = ChatWordsOf(config.chat).signal_tokens;
  RETURN_IF_ERROR(json.Get("signal_tokens", config.signal_tokens));
  RETURN_IF_ERROR(GetVariant(json, config.variant));
  RETURN_IF_ERROR(GetBelow(json, "max_document_tokens", uint64_t{decoder.max_positions} + 1,
                           config.max_document_tokens));
  if (config.max_document_tokens == 0) {
    return json.Unexpected("max_document_tokens", "at least 1");
  }
  return config;
}

absl::StatusOr<RankConfig> ReadRankConfig(const std::string& directory,
                                          const DecoderConfig& decoder) {
  const std::string path = absl::StrFormat("%s/%s", directory, kFile);
  if (base::FileExists(path)) {
    ASSIGN_OR_RETURN(const model::JsonObject json, model::JsonObject::Read(path));
    return ParseRankConfig(json, decoder);
  }
  ASSIGN_OR_RETURN(const model::JsonObject nothing, model::JsonObject::Parse("{}", path));
  return ParseRankConfig(nothing, decoder);
}

}  // namespace foraker::ranker
