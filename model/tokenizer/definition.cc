#include "model/tokenizer/definition.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/file.h"
#include "base/status.h"

namespace foraker::model {
namespace {

constexpr std::string_view kTokenizerFile = "tokenizer.json";
constexpr std::string_view kVocabularyFile = "vocab.txt";
constexpr std::string_view kConfigFile = "tokenizer_config.json";
constexpr std::string_view kOldAddedFile = "added_tokens.json";

std::optional<uint32_t> IdOf(const WordPieceDefinition& definition, std::string_view token) {
  const auto added =
      std::find_if(definition.added.begin(), definition.added.end(),
                   [&](const AddedToken& candidate) { return candidate.content == token; });
  if (added != definition.added.end()) return added->id;
  const auto at = std::find(definition.tokens.begin(), definition.tokens.end(), token);
  if (token.empty() || at == definition.tokens.end()) return std::nullopt;
  return static_cast<uint32_t>(at - definition.tokens.begin());
}

absl::Status CheckAdded(const WordPieceDefinition& definition) {
  for (const AddedToken& token : definition.added) {
    const bool known = token.id < definition.tokens.size() && !definition.tokens[token.id].empty();
    if (known && definition.tokens[token.id] != token.content) {
      return absl::InvalidArgumentError(
          absl::StrFormat("id %d belongs to \"%s\" in the vocabulary, not to the added \"%s\"",
                          token.id, definition.tokens[token.id], token.content));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WordPieceDefinition::FindSpecials(std::string_view unknown_token,
                                               std::string_view cls_token,
                                               std::string_view sep_token) {
  RETURN_IF_ERROR(CheckAdded(*this));
  const std::pair<std::string_view, uint32_t*> named[] = {
      {unknown_token, &unknown}, {cls_token, &cls}, {sep_token, &sep}};
  for (const auto& [token, id] : named) {
    const std::optional<uint32_t> found = IdOf(*this, token);
    if (!found.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrFormat("special token \"%s\" is not in the vocabulary", token));
    }
    *id = *found;
  }
  specials = {unknown, cls, sep};
  for (const AddedToken& token : added) {
    if (token.special) specials.push_back(token.id);
  }
  std::sort(specials.begin(), specials.end());
  specials.erase(std::unique(specials.begin(), specials.end()), specials.end());
  return absl::OkStatus();
}

absl::StatusOr<WordPieceDefinition> ReadWordPiece(const std::string& directory) {
  const auto path_of = [&](std::string_view file) {
    return absl::StrFormat("%s/%s", directory, file);
  };
  std::vector<std::string> files;
  std::optional<JsonObject> config;
  if (base::FileExists(path_of(kConfigFile))) {
    ASSIGN_OR_RETURN(config, JsonObject::Read(path_of(kConfigFile)));
    files.emplace_back(kConfigFile);
  }
  const bool whole = base::FileExists(path_of(kTokenizerFile));
  const std::string_view name = whole ? kTokenizerFile : kVocabularyFile;
  files.emplace_back(name);
  if (!whole && !base::FileExists(path_of(kVocabularyFile))) {
    return absl::NotFoundError(absl::StrFormat("no tokenizer in %s: expected %s or %s", directory,
                                               kTokenizerFile, kVocabularyFile));
  }
  if (!whole && base::FileExists(path_of(kOldAddedFile))) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s is not read: expected %s with these tokens", path_of(kOldAddedFile), kTokenizerFile));
  }
  ASSIGN_OR_RETURN(const std::string contents, base::ReadFile(path_of(name)));
  const JsonObject* const stated = config.has_value() ? &*config : nullptr;
  ASSIGN_OR_RETURN(WordPieceDefinition definition,
                   whole ? ParseTokenizerJson(contents, path_of(name), stated)
                         : ParseVocabularyFile(contents, path_of(name), stated));
  definition.files = std::move(files);
  return definition;
}

}  // namespace foraker::model
