// vocab.txt with tokenizer_config.json.

#include <unicode/utf8.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "model/tokenizer/definition.h"
#include "model/tokenizer/tokenizer_config.h"
#include "model/tokenizer/vocabulary_builder.h"

namespace foraker::model {
namespace {

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

// What `transformers` adds: the special tokens by name, then what the configuration lists.
absl::Status AddSpecials(const TokenizerConfig& config, const VocabularyBuilder& vocabulary,
                         std::vector<AddedToken>& added) {
  std::vector<std::string> names = {config.unknown, config.cls, config.sep, config.pad,
                                    config.mask};
  names.insert(names.end(), config.additional.begin(), config.additional.end());
  added = config.added;
  for (const std::string& name : names) {
    const auto listed = std::find_if(
        added.begin(), added.end(), [&](const AddedToken& token) { return token.content == name; });
    if (listed != added.end()) {
      listed->special = true;
    } else if (const auto id = vocabulary.IdOf(name); id.has_value()) {
      added.push_back({.content = name, .id = *id, .special = true});
    } else {
      return absl::InvalidArgumentError(
          absl::StrFormat("special token \"%s\" is not in the vocabulary", name));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<WordPieceDefinition> ParseVocabularyFile(std::string_view vocabulary,
                                                        const std::string& path,
                                                        const JsonObject* config_file) {
  ASSIGN_OR_RETURN(const TokenizerConfig config, ParseTokenizerConfig(config_file));
  WordPieceDefinition definition;
  VocabularyBuilder builder;
  absl::Status status = PutLines(vocabulary, builder);
  if (status.ok()) status = AddSpecials(config, builder, definition.added);
  if (!status.ok()) return base::Annotate(status, path);
  definition.rules = config.rules;
  definition.tokens = builder.TakeTokens();
  status = definition.FindSpecials(config.unknown, config.cls, config.sep);
  if (!status.ok()) return base::Annotate(status, path);
  return definition;
}

}  // namespace foraker::model
