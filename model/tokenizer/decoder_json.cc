// tokenizer.json of Hugging Face `tokenizers` with a BPE model.

#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "model/tokenizer/added_token_builder.h"
#include "model/tokenizer/decoder_definition.h"
#include "model/tokenizer/tokenizer_config.h"
#include "model/tokenizer/vocabulary_builder.h"

namespace foraker::model {
namespace {

// What this BPE does not do.
absl::Status CheckModel(const JsonObject& model) {
  if (model.Has("type")) {  // old files have none
    std::string type;
    RETURN_IF_ERROR(model.Get("type", type));
    if (type != "BPE") return model.Unexpected("type", "BPE");
  }
  double dropout = 0;
  RETURN_IF_ERROR(model.Get("dropout", dropout));
  if (dropout != 0) return model.Unexpected("dropout", "none: ids would be random");
  for (const std::string_view key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    std::string affix;
    RETURN_IF_ERROR(model.Get(key, affix));
    if (!affix.empty()) return model.Unexpected(key, "none");
  }
  return absl::OkStatus();
}

absl::Status PutTokens(const JsonObject& model, const std::string& path,
                       VocabularyBuilder& vocabulary) {
  JsonObject ids = model;
  RETURN_IF_ERROR(model.Require("vocab", ids));
  for (const std::string& token : ids.Keys()) {
    uint64_t id = 0;
    RETURN_IF_ERROR(ids.Require(token, id));
    const absl::Status status = vocabulary.Put(token, id);
    if (!status.ok()) return base::Annotate(status, path);
  }
  return absl::OkStatus();
}

absl::Status ParseSettings(const JsonObject& model, const VocabularyBuilder& vocabulary,
                           DecoderDefinition& definition) {
  RETURN_IF_ERROR(model.Get("ignore_merges", definition.ignore_merges));
  RETURN_IF_ERROR(model.Get("byte_fallback", definition.byte_fallback));
  RETURN_IF_ERROR(model.Get("fuse_unk", definition.fuse_unknown));
  if (definition.byte_level && definition.byte_fallback) {
    return model.Unexpected("byte_fallback", "false beside ByteLevel");
  }
  if (!model.Has("unk_token")) return absl::OkStatus();
  std::string unknown;
  RETURN_IF_ERROR(model.Get("unk_token", unknown));
  definition.unknown = vocabulary.IdOf(unknown);
  return definition.unknown.has_value() ? absl::OkStatus()
                                        : model.Unexpected("unk_token", "a token of \"vocab\"");
}

using Pair = std::vector<std::string>;

// "a b". Tokens may hold spaces themselves: then the one way to read it in which the vocabulary
// knows both, and what they become, is meant. One space is not looked at twice, so that what is
// missing can be named.
absl::StatusOr<Pair> ParsePair(const std::string& merge, const VocabularyBuilder& vocabulary) {
  std::vector<Pair> pairs;
  const auto known = [&](const Pair& pair) {
    return vocabulary.IdOf(pair[0]) && vocabulary.IdOf(pair[1]) &&
           vocabulary.IdOf(pair[0] + pair[1]);
  };
  const bool one = merge.find(' ') == merge.rfind(' ');
  for (size_t at = merge.find(' '); at != std::string::npos; at = merge.find(' ', at + 1)) {
    Pair pair = {merge.substr(0, at), merge.substr(at + 1)};
    if (one || known(pair)) pairs.push_back(std::move(pair));
  }
  if (pairs.size() == 1) return std::move(pairs.front());
  return absl::InvalidArgumentError("expected two tokens of the vocabulary with a space between");
}

absl::Status AddMerge(const Pair& pair, const VocabularyBuilder& vocabulary,
                      DecoderDefinition& definition) {
  if (pair.size() != 2) {
    return absl::InvalidArgumentError(absl::StrFormat("expected two tokens, got %d", pair.size()));
  }
  std::optional<uint32_t> ids[3];
  const std::string* const tokens[] = {&pair[0], &pair[1]};
  const std::string joined = pair[0] + pair[1];
  for (size_t i = 0; i < 3; ++i) {
    const std::string& token = i < 2 ? *tokens[i] : joined;
    ids[i] = vocabulary.IdOf(token);
    if (!ids[i].has_value()) {
      return absl::InvalidArgumentError(absl::StrFormat("\"%s\" is not in the vocabulary", token));
    }
  }
  const auto rank = static_cast<uint32_t>(definition.merges.size());
  definition.merges.push_back({*ids[0], *ids[1], rank, *ids[2]});
  return absl::OkStatus();
}

absl::Status ParseMerges(const JsonObject& model, const std::string& path,
                         const VocabularyBuilder& vocabulary, DecoderDefinition& definition) {
  const auto annotated = [&](const absl::Status& status, size_t entry) {
    return base::Annotate(status,
                          absl::StrFormat("%s: key \"model.merges\", entry %d", path, entry));
  };
  std::vector<Pair> pairs;
  std::vector<std::string> joined;
  if (model.Get("merges", joined).ok()) {
    for (size_t i = 0; i < joined.size(); ++i) {
      auto pair = ParsePair(joined[i], vocabulary);
      if (!pair.ok()) return annotated(pair.status(), i);
      pairs.push_back(*std::move(pair));
    }
  } else if (!model.Get("merges", pairs).ok()) {
    return model.Unexpected("merges", "an array of \"a b\", or of [\"a\", \"b\"]");
  }
  if (!model.Has("merges")) return model.Unexpected("merges", "an array");
  for (size_t i = 0; i < pairs.size(); ++i) {
    const absl::Status status = AddMerge(pairs[i], vocabulary, definition);
    if (!status.ok()) return annotated(status, i);
  }
  return absl::OkStatus();
}

absl::Status ParseAdded(const JsonObject& tokenizer, AddedTokenBuilder& added) {
  std::vector<JsonObject> objects;
  RETURN_IF_ERROR(tokenizer.Get("added_tokens", objects));
  for (const JsonObject& object : objects) {
    ASSIGN_OR_RETURN(AddedToken token, ParseAddedToken(object));
    uint64_t id = 0;
    RETURN_IF_ERROR(object.Require("id", id));
    RETURN_IF_ERROR(added.Put(std::move(token), id));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DecoderDefinition> ParseDecoderJson(std::string_view json, const std::string& path,
                                                   const JsonObject* config) {
  ASSIGN_OR_RETURN(const JsonObject tokenizer, JsonObject::Parse(json, path));
  DecoderDefinition definition;
  JsonObject model = tokenizer;
  RETURN_IF_ERROR(tokenizer.Require("model", model));
  RETURN_IF_ERROR(CheckModel(model));
  RETURN_IF_ERROR(ParseTextSteps(tokenizer, definition));
  VocabularyBuilder vocabulary;
  RETURN_IF_ERROR(PutTokens(model, path, vocabulary));
  RETURN_IF_ERROR(ParseSettings(model, vocabulary, definition));
  RETURN_IF_ERROR(ParseMerges(model, path, vocabulary, definition));
  AddedTokenBuilder added(path, vocabulary);
  RETURN_IF_ERROR(ParseAdded(tokenizer, added));
  RETURN_IF_ERROR(added.PutConfigured(config));
  definition.added = added.Take();
  definition.tokens = vocabulary.TakeTokens();
  return definition;
}

}  // namespace foraker::model
