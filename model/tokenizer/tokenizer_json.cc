// tokenizer.json of Hugging Face `tokenizers`.

#include <limits>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "model/tokenizer/definition.h"
#include "model/tokenizer/tokenizer_config.h"
#include "model/tokenizer/vocabulary_builder.h"

namespace foraker::model {
namespace {

absl::Status CheckType(const JsonObject& part, std::string_view expected) {
  std::string type;
  RETURN_IF_ERROR(part.Require("type", type));
  return type == expected ? absl::OkStatus() : part.Unexpected("type", expected);
}

absl::StatusOr<CharacterRules> ParseNormalizer(const JsonObject& tokenizer) {
  CharacterRules rules;
  if (!tokenizer.Has("normalizer")) {
    return CharacterRules{.clean_text = false,
                          .ideographs_apart = false,
                          .strip_accents = false,
                          .lower_case = false};
  }
  JsonObject normalizer = tokenizer;
  RETURN_IF_ERROR(tokenizer.Get("normalizer", normalizer));
  RETURN_IF_ERROR(CheckType(normalizer, "BertNormalizer"));
  RETURN_IF_ERROR(normalizer.Require("clean_text", rules.clean_text));
  RETURN_IF_ERROR(normalizer.Require("handle_chinese_chars", rules.ideographs_apart));
  RETURN_IF_ERROR(normalizer.Require("lowercase", rules.lower_case));
  rules.strip_accents = rules.lower_case;
  RETURN_IF_ERROR(normalizer.Get("strip_accents", rules.strip_accents));
  return rules;
}

absl::Status CheckPreTokenizer(const JsonObject& tokenizer) {
  JsonObject pre_tokenizer = tokenizer;
  RETURN_IF_ERROR(tokenizer.Require("pre_tokenizer", pre_tokenizer));
  return CheckType(pre_tokenizer, "BertPreTokenizer");
}

// `transformers` lets tokenizer_config.json overrule the normalizer, `tokenizers` does not know it:
// where they disagree there is no one right answer.
absl::Status CheckAgreement(const CharacterRules& rules, const TokenizerConfig& config,
                            const JsonObject* config_file) {
  if (config_file == nullptr) return absl::OkStatus();
  const auto check = [&](std::string_view key, bool stated, bool used) {
    if (!config_file->Has(key) || stated == used) return absl::OkStatus();
    return config_file->Unexpected(
        key, used ? "true, as tokenizer.json says" : "false, as tokenizer.json says");
  };
  RETURN_IF_ERROR(check("do_lower_case", config.rules.lower_case, rules.lower_case));
  RETURN_IF_ERROR(check("strip_accents", config.rules.strip_accents, rules.strip_accents));
  return check("tokenize_chinese_chars", config.rules.ideographs_apart, rules.ideographs_apart);
}

struct Model {
  std::string unknown;
  JsonObject vocabulary;
};

absl::StatusOr<Model> ParseModel(const JsonObject& tokenizer, WordPieceDefinition& definition) {
  JsonObject model = tokenizer;
  RETURN_IF_ERROR(tokenizer.Require("model", model));
  if (model.Has("type")) RETURN_IF_ERROR(CheckType(model, "WordPiece"));  // old files have none
  Model parsed{.unknown = "", .vocabulary = model};
  RETURN_IF_ERROR(model.Require("unk_token", parsed.unknown));
  RETURN_IF_ERROR(model.Require("continuing_subword_prefix", definition.continuing_prefix));
  uint64_t characters = definition.max_word_characters;
  RETURN_IF_ERROR(model.Get("max_input_chars_per_word", characters));
  constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max();
  if (characters > kMost) {
    return model.Unexpected("max_input_chars_per_word", absl::StrFormat("at most %u", kMost));
  }
  definition.max_word_characters = static_cast<uint32_t>(characters);
  RETURN_IF_ERROR(model.Require("vocab", parsed.vocabulary));
  return parsed;
}

absl::Status PutTokens(const JsonObject& ids, VocabularyBuilder& vocabulary) {
  for (const std::string& token : ids.Keys()) {
    uint64_t id = 0;
    RETURN_IF_ERROR(ids.Require(token, id));
    RETURN_IF_ERROR(vocabulary.Put(token, id));
  }
  return absl::OkStatus();
}

absl::Status ParseAdded(const JsonObject& tokenizer, const VocabularyBuilder& vocabulary,
                        std::vector<AddedToken>& added) {
  std::vector<JsonObject> objects;
  RETURN_IF_ERROR(tokenizer.Get("added_tokens", objects));
  for (const JsonObject& object : objects) {
    ASSIGN_OR_RETURN(AddedToken token, ParseRawAddedToken(object));
    uint64_t id = 0;
    RETURN_IF_ERROR(object.Require("id", id));
    const std::optional<uint32_t> known = vocabulary.IdOf(token.content);
    if (known.has_value() && *known != id) {
      return object.Unexpected("id", absl::StrFormat("%d, as in the vocabulary", *known));
    }
    if (id >= VocabularyBuilder::kMaxIds) {
      return object.Unexpected("id", absl::StrFormat("below %d", VocabularyBuilder::kMaxIds));
    }
    token.id = static_cast<uint32_t>(id);
    added.push_back(std::move(token));
  }
  return absl::OkStatus();
}

struct Ends {
  std::string cls;
  std::string sep;
};

// "single": [CLS] text [SEP].
absl::StatusOr<Ends> ParseTemplate(const JsonObject& post_processor) {
  constexpr std::string_view kExpected = "a special token, the sequence, a special token";
  std::vector<JsonObject> parts;
  RETURN_IF_ERROR(post_processor.Require("single", parts));
  if (parts.size() != 3 || !parts[1].Has("Sequence")) {
    return post_processor.Unexpected("single", kExpected);
  }
  const auto name_of = [&](const JsonObject& part, std::string& name) {
    JsonObject special = part;
    RETURN_IF_ERROR(part.Require("SpecialToken", special));
    return special.Require("id", name);
  };
  Ends ends;
  RETURN_IF_ERROR(name_of(parts[0], ends.cls));
  RETURN_IF_ERROR(name_of(parts[2], ends.sep));
  return ends;
}

absl::StatusOr<Ends> ParseEnds(const JsonObject& tokenizer, const TokenizerConfig& config) {
  const Ends by_name = {config.cls, config.sep};
  if (!tokenizer.Has("post_processor")) return by_name;
  JsonObject post_processor = tokenizer;
  RETURN_IF_ERROR(tokenizer.Get("post_processor", post_processor));
  std::string type;
  RETURN_IF_ERROR(post_processor.Require("type", type));
  if (type == "TemplateProcessing") return ParseTemplate(post_processor);
  if (type == "BertProcessing") return by_name;
  return post_processor.Unexpected("type", "TemplateProcessing or BertProcessing");
}

}  // namespace

absl::StatusOr<WordPieceDefinition> ParseTokenizerJson(std::string_view json,
                                                       const std::string& path,
                                                       const JsonObject* config_file) {
  ASSIGN_OR_RETURN(const JsonObject tokenizer, JsonObject::Parse(json, path));
  ASSIGN_OR_RETURN(const TokenizerConfig config, ParseTokenizerConfig(config_file));
  WordPieceDefinition definition;
  ASSIGN_OR_RETURN(definition.rules, ParseNormalizer(tokenizer));
  RETURN_IF_ERROR(CheckAgreement(definition.rules, config, config_file));
  RETURN_IF_ERROR(CheckPreTokenizer(tokenizer));
  ASSIGN_OR_RETURN(const Model model, ParseModel(tokenizer, definition));
  VocabularyBuilder vocabulary;
  absl::Status status = PutTokens(model.vocabulary, vocabulary);
  if (!status.ok()) return base::Annotate(status, path);
  RETURN_IF_ERROR(ParseAdded(tokenizer, vocabulary, definition.added));
  definition.tokens = vocabulary.TakeTokens();
  ASSIGN_OR_RETURN(const Ends ends, ParseEnds(tokenizer, config));
  status = definition.FindSpecials(model.unknown, ends.cls, ends.sep);
  if (!status.ok()) return base::Annotate(status, path);
  return definition;
}

}  // namespace foraker::model
