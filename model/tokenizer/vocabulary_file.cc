// vocab.txt with tokenizer_config.json.

#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "base/status.h"
#include "model/tokenizer/definition.h"
#include "model/tokenizer/tokenizer_config.h"
#include "model/tokenizer/vocabulary_builder.h"

namespace foraker::model {
namespace {

// Models whose tokenizer is BERT's under another name, without the "Fast" at the end.
constexpr std::array<std::string_view, 4> kBertClasses = {
    "BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MobileBertTokenizer"};

// A vocabulary does not say what kind of tokenizer it belongs to.
absl::Status CheckClass(const JsonObject& config) {
  std::string name;
  RETURN_IF_ERROR(config.Get("tokenizer_class", name));
  const std::string_view plain = base::ToStd(absl::StripSuffix(name, "Fast"));
  if (!name.empty() &&
      std::find(kBertClasses.begin(), kBertClasses.end(), plain) == kBertClasses.end()) {
    return config.Unexpected("tokenizer_class", "BertTokenizer or one that works like it");
  }
  bool basic = true;
  RETURN_IF_ERROR(config.Get("do_basic_tokenize", basic));
  return basic ? absl::OkStatus() : config.Unexpected("do_basic_tokenize", "true");
}

bool IsUtf8(std::string_view bytes) {
  const auto size = static_cast<int32_t>(bytes.size());
  for (int32_t i = 0; i < size;) {
    UChar32 c;
    U8_NEXT(bytes.data(), i, size, c);
    if (c < 0) return false;
  }
  return true;
}

absl::Status PutLines(std::string_view file, VocabularyBuilder& vocabulary) {
  for (uint64_t id = 0; !file.empty(); ++id) {
    const size_t end = std::min(file.find('\n'), file.size());
    std::string_view token = file.substr(0, end);
    if (token.ends_with('\r')) token.remove_suffix(1);
    if (!IsUtf8(token)) {
      return absl::InvalidArgumentError(absl::StrFormat("line %d: expected UTF-8", id + 1));
    }
    RETURN_IF_ERROR(vocabulary.Put(token, id));
    file.remove_prefix(std::min(end + 1, file.size()));
  }
  return absl::OkStatus();
}

// "added_tokens_decoder": id to token.
absl::Status GetAdded(const JsonObject& config, std::vector<AddedToken>& added) {
  if (!config.Has("added_tokens_decoder")) return absl::OkStatus();
  JsonObject by_id = config;
  RETURN_IF_ERROR(config.Get("added_tokens_decoder", by_id));
  for (const std::string& key : by_id.Keys()) {
    JsonObject object = by_id;
    RETURN_IF_ERROR(by_id.Require(key, object));
    ASSIGN_OR_RETURN(AddedToken token, ParseRawAddedToken(object));
    if (!absl::SimpleAtoi(key, &token.id) || token.id >= VocabularyBuilder::kMaxIds) {
      return by_id.Unexpected(
          key, absl::StrFormat("an id below %d as its key", VocabularyBuilder::kMaxIds));
    }
    added.push_back(std::move(token));
  }
  return absl::OkStatus();
}

// A special token that the configuration spells out says how it is found as well.
absl::StatusOr<AddedToken> SpecialOf(const JsonObject* config, std::string_view key,
                                     const std::string& name) {
  AddedToken token{.content = name, .special = true};
  if (config == nullptr) return token;
  JsonObject object = *config;
  if (!config->Has(key) || !config->Get(key, object).ok()) return token;
  ASSIGN_OR_RETURN(token, ParseRawAddedToken(object));
  token.special = true;
  return token;
}

absl::StatusOr<std::vector<AddedToken>> Specials(const TokenizerConfig& names,
                                                 const JsonObject* config) {
  const std::pair<std::string_view, const std::string*> keys[] = {{"unk_token", &names.unknown},
                                                                  {"cls_token", &names.cls},
                                                                  {"sep_token", &names.sep},
                                                                  {"pad_token", &names.pad},
                                                                  {"mask_token", &names.mask}};
  std::vector<AddedToken> specials;
  for (const auto& [key, name] : keys) {
    ASSIGN_OR_RETURN(specials.emplace_back(), SpecialOf(config, key, *name));
  }
  std::vector<std::string> additional;
  if (config != nullptr) RETURN_IF_ERROR(config->Get("additional_special_tokens", additional));
  for (std::string& name : additional) {
    specials.push_back({.content = std::move(name), .special = true});
  }
  return specials;
}

// As `transformers` does: what "added_tokens_decoder" lists, then the special tokens it does not.
absl::Status AddSpecials(std::vector<AddedToken> specials, const VocabularyBuilder& vocabulary,
                         std::vector<AddedToken>& added) {
  for (AddedToken& special : specials) {
    const auto listed = std::find_if(added.begin(), added.end(), [&](const AddedToken& token) {
      return token.content == special.content;
    });
    if (listed != added.end()) {
      listed->special = true;
      continue;
    }
    const std::optional<uint32_t> id = vocabulary.IdOf(special.content);
    if (!id.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrFormat("special token \"%s\" is not in the vocabulary", special.content));
    }
    special.id = *id;
    added.push_back(std::move(special));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<WordPieceDefinition> ParseVocabularyFile(std::string_view vocabulary,
                                                        const std::string& path,
                                                        const JsonObject* config_file) {
  WordPieceDefinition definition;
  if (config_file != nullptr) {
    RETURN_IF_ERROR(CheckClass(*config_file));
    RETURN_IF_ERROR(GetAdded(*config_file, definition.added));
  }
  ASSIGN_OR_RETURN(const TokenizerConfig config, ParseTokenizerConfig(config_file));
  ASSIGN_OR_RETURN(std::vector<AddedToken> specials, Specials(config, config_file));
  VocabularyBuilder builder;
  absl::Status status = PutLines(vocabulary, builder);
  if (status.ok()) status = AddSpecials(std::move(specials), builder, definition.added);
  if (!status.ok()) return base::Annotate(status, path);
  definition.rules = config.rules;
  definition.tokens = builder.TakeTokens();
  status = definition.FindSpecials(config.unknown, config.cls, config.sep);
  if (!status.ok()) return base::Annotate(status, path);
  return definition;
}

}  // namespace foraker::model
