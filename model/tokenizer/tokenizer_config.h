// tokenizer_config.json of `transformers`: what it says about a BERT tokenizer.

#ifndef FORAKER_MODEL_TOKENIZER_TOKENIZER_CONFIG_H_
#define FORAKER_MODEL_TOKENIZER_TOKENIZER_CONFIG_H_

#include <string>

#include "absl/status/statusor.h"
#include "model/json/json_object.h"
#include "model/tokenizer/added_tokens.h"
#include "model/tokenizer/characters.h"

namespace foraker::model {

// Where the file is silent: an uncased BERT.
struct TokenizerConfig {
  CharacterRules rules;
  std::string unknown = "[UNK]";
  std::string cls = "[CLS]";
  std::string sep = "[SEP]";
  std::string pad = "[PAD]";
  std::string mask = "[MASK]";
};

// The defaults when `file` is null.
absl::StatusOr<TokenizerConfig> ParseTokenizerConfig(const JsonObject* file);

// An added token as both files write it, without its id.
absl::StatusOr<AddedToken> ParseAddedToken(const JsonObject& object);
// The same for WordPiece, where one that would be looked for in the normalised text is refused.
absl::StatusOr<AddedToken> ParseRawAddedToken(const JsonObject& object);

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_TOKENIZER_CONFIG_H_
