// tokenizer_config.json of `transformers`: what it says about a BERT tokenizer.

#ifndef FORAKER_MODEL_TOKENIZER_TOKENIZER_CONFIG_H_
#define FORAKER_MODEL_TOKENIZER_TOKENIZER_CONFIG_H_

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/json/json_object.h"
#include "model/tokenizer/added_tokens.h"
#include "model/tokenizer/characters.h"

namespace foraker::model {

struct TokenizerConfig {
  // Where the file is silent: an uncased BERT.
  CharacterRules rules;
  bool states_rules = false;  // it names at least one of them
  std::string unknown = "[UNK]";
  std::string cls = "[CLS]";
  std::string sep = "[SEP]";
  std::string pad = "[PAD]";
  std::string mask = "[MASK]";
  std::vector<std::string> additional;  // special tokens besides those
  std::vector<AddedToken> added;        // "added_tokens_decoder"
};

// The defaults when `file` is null. kInvalidArgument for another tokenizer than BERT's.
absl::StatusOr<TokenizerConfig> ParseTokenizerConfig(const JsonObject* file);

// One member of "added_tokens" or "added_tokens_decoder", without its id.
absl::StatusOr<AddedToken> ParseAddedToken(const JsonObject& object);

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_TOKENIZER_CONFIG_H_
