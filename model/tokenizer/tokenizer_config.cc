#include "model/tokenizer/tokenizer_config.h"

#include <string_view>

#include "base/status.h"

namespace foraker::model {
namespace {

absl::Status GetRules(const JsonObject& file, CharacterRules& rules) {
  RETURN_IF_ERROR(file.Get("do_lower_case", rules.lower_case));
  RETURN_IF_ERROR(file.Get("tokenize_chinese_chars", rules.ideographs_apart));
  rules.strip_accents = rules.lower_case;
  return file.Get("strip_accents", rules.strip_accents);
}

// The name of a special token: a string, or an object with "content".
absl::Status GetName(const JsonObject& file, std::string_view key, std::string& name) {
  if (file.Get(key, name).ok()) return absl::OkStatus();
  JsonObject object = file;
  if (!file.Get(key, object).ok()) return file.Unexpected(key, "a string or an added token");
  return object.Require("content", name);
}

}  // namespace

absl::StatusOr<TokenizerConfig> ParseTokenizerConfig(const JsonObject* file) {
  TokenizerConfig config;
  if (file == nullptr) return config;
  RETURN_IF_ERROR(GetRules(*file, config.rules));
  RETURN_IF_ERROR(GetName(*file, "unk_token", config.unknown));
  RETURN_IF_ERROR(GetName(*file, "cls_token", config.cls));
  RETURN_IF_ERROR(GetName(*file, "sep_token", config.sep));
  RETURN_IF_ERROR(GetName(*file, "pad_token", config.pad));
  RETURN_IF_ERROR(GetName(*file, "mask_token", config.mask));
  return config;
}

absl::StatusOr<AddedToken> ParseAddedToken(const JsonObject& object) {
  AddedToken token;
  RETURN_IF_ERROR(object.Require("content", token.content));
  RETURN_IF_ERROR(object.Get("special", token.special));
  RETURN_IF_ERROR(object.Get("single_word", token.single_word));
  RETURN_IF_ERROR(object.Get("lstrip", token.lstrip));
  RETURN_IF_ERROR(object.Get("rstrip", token.rstrip));
  RETURN_IF_ERROR(object.Get("normalized", token.normalized));
  return token;
}

absl::StatusOr<AddedToken> ParseRawAddedToken(const JsonObject& object) {
  ASSIGN_OR_RETURN(AddedToken token, ParseAddedToken(object));
  if (!token.normalized) return token;
  return object.Unexpected("normalized", "false: tokens are found in the raw text");
}

}  // namespace foraker::model
