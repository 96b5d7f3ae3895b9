// All that makes one WordPiece tokenizer, and how it is read from the files of a model.
//
// Two layouts: tokenizer.json of Hugging Face `tokenizers`, or vocab.txt (a token a line, its id
// the line's number) with tokenizer_config.json of `transformers`. What a file asks for and would
// change the tokens, but is not BERT's WordPiece, is refused by name. tokenizer.json's "truncation"
// and "padding" are their caller's business and not looked at.
//
// Errors: kNotFound, kInvalidArgument with the file and what was expected.

#ifndef FORAKER_MODEL_TOKENIZER_DEFINITION_H_
#define FORAKER_MODEL_TOKENIZER_DEFINITION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/json/json_object.h"
#include "model/tokenizer/added_tokens.h"
#include "model/tokenizer/characters.h"
#include "model/tokenizer/wordpiece.h"

namespace foraker::model {

struct WordPieceDefinition {
  std::vector<std::string> tokens;  // by id, distinct; empty where an id has none
  CharacterRules rules;
  std::vector<AddedToken> added;  // those beyond the vocabulary proper are not in `tokens`
  std::string continuing_prefix = "##";
  uint32_t max_word_characters = 100;  // longer words are unknown
  uint32_t unknown = 0;
  uint32_t cls = 0;
  uint32_t sep = 0;
  std::vector<uint32_t> specials;  // ascending
  std::vector<std::string> files;  // names in the directory

  // Checks `tokens` and `added` against each other and finds the special tokens among them.
  absl::Status FindSpecials(std::string_view unknown_token, std::string_view cls_token,
                            std::string_view sep_token);
};

std::shared_ptr<const WordPiece> MakeWordPiece(WordPieceDefinition definition);

absl::StatusOr<WordPieceDefinition> ReadWordPiece(const std::string& directory);

// Of a file's contents; errors call it `path`. `config` is tokenizer_config.json, where there is
// one. `files` is left empty.
absl::StatusOr<WordPieceDefinition> ParseTokenizerJson(std::string_view json,
                                                       const std::string& path,
                                                       const JsonObject* config);
absl::StatusOr<WordPieceDefinition> ParseVocabularyFile(std::string_view vocabulary,
                                                        const std::string& path,
                                                        const JsonObject* config);

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_DEFINITION_H_
