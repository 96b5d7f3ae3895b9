#include "model/tokenizer/tokenizer_config.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "base/status.h"

namespace foraker::model {
namespace {

// Models whose tokenizer is BERT's under another name, without the "Fast" at the end.
constexpr std::array<std::string_view, 4> kBertClasses = {
    "BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MobileBertTokenizer"};
constexpr std::string_view kClassOfTokenizerJson = "PreTrainedTokenizer";

absl::Status CheckClass(const JsonObject& file) {
  std::string name;
  RETURN_IF_ERROR(file.Get("tokenizer_class", name));
  const absl::string_view plain = absl::StripSuffix(name, "Fast");
  const bool known =
      name.empty() || plain == base::ToAbsl(kClassOfTokenizerJson) ||
      std::any_of(kBertClasses.begin(), kBertClasses.end(),
                  [&](std::string_view bert) { return plain == base::ToAbsl(bert); });
  if (!known) return file.Unexpected("tokenizer_class", "BertTokenizer or one that works like it");
  bool basic = true;
  RETURN_IF_ERROR(file.Get("do_basic_tokenize", basic));
  return basic ? absl::OkStatus() : file.Unexpected("do_basic_tokenize", "true");
}

absl::Status GetRules(const JsonObject& file, TokenizerConfig& config) {
  CharacterRules& rules = config.rules;
  RETURN_IF_ERROR(file.Get("do_lower_case", rules.lower_case));
  RETURN_IF_ERROR(file.Get("tokenize_chinese_chars", rules.ideographs_apart));
  rules.strip_accents = rules.lower_case;
  RETURN_IF_ERROR(file.Get("strip_accents", rules.strip_accents));
  config.states_rules =
      file.Has("do_lower_case") || file.Has("tokenize_chinese_chars") || file.Has("strip_accents");
  return absl::OkStatus();
}

// The name of a special token: a string, or an object with "content".
absl::Status GetName(const JsonObject& file, std::string_view key, std::string& name) {
  if (file.Get(key, name).ok()) return absl::OkStatus();
  JsonObject object = file;
  if (!file.Get(key, object).ok()) return file.Unexpected(key, "a string or an added token");
  ASSIGN_OR_RETURN(AddedToken token, ParseAddedToken(object));
  name = std::move(token.content);
  return absl::OkStatus();
}

absl::Status GetAdded(const JsonObject& file, std::vector<AddedToken>& added) {
  JsonObject by_id = file;
  if (!file.Has("added_tokens_decoder")) return absl::OkStatus();
  RETURN_IF_ERROR(file.Get("added_tokens_decoder", by_id));
  for (const std::string& key : by_id.Keys()) {
    JsonObject object = by_id;
    RETURN_IF_ERROR(by_id.Require(key, object));
    ASSIGN_OR_RETURN(AddedToken token, ParseAddedToken(object));
    if (!absl::SimpleAtoi(key, &token.id)) return by_id.Unexpected(key, "an id as its key");
    added.push_back(std::move(token));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AddedToken> ParseAddedToken(const JsonObject& object) {
  AddedToken token;
  bool normalized = false;
  RETURN_IF_ERROR(object.Require("content", token.content));
  RETURN_IF_ERROR(object.Get("special", token.special));
  RETURN_IF_ERROR(object.Get("single_word", token.single_word));
  RETURN_IF_ERROR(object.Get("lstrip", token.lstrip));
  RETURN_IF_ERROR(object.Get("rstrip", token.rstrip));
  RETURN_IF_ERROR(object.Get("normalized", normalized));
  if (normalized) return object.Unexpected("normalized", "false: tokens are found in the raw text");
  return token;
}

absl::StatusOr<TokenizerConfig> ParseTokenizerConfig(const JsonObject* file) {
  TokenizerConfig config;
  if (file == nullptr) return config;
  RETURN_IF_ERROR(CheckClass(*file));
  RETURN_IF_ERROR(GetRules(*file, config));
  RETURN_IF_ERROR(GetName(*file, "unk_token", config.unknown));
  RETURN_IF_ERROR(GetName(*file, "cls_token", config.cls));
  RETURN_IF_ERROR(GetName(*file, "sep_token", config.sep));
  RETURN_IF_ERROR(GetName(*file, "pad_token", config.pad));
  RETURN_IF_ERROR(GetName(*file, "mask_token", config.mask));
  RETURN_IF_ERROR(file->Get("additional_special_tokens", config.additional));
  RETURN_IF_ERROR(GetAdded(*file, config.added));
  return config;
}

}  // namespace foraker::model
