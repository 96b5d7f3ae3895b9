// Tokens that are found in the text as it stands, before any cleaning: "[MASK]" and the like. Of
// tokens that begin at the same place the longest counts, as in Hugging Face's added vocabulary.
//
// Immutable, safe for concurrent use.

#ifndef FORAKER_MODEL_TOKENIZER_ADDED_TOKENS_H_
#define FORAKER_MODEL_TOKENIZER_ADDED_TOKENS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/tokenizer/piece_trie.h"
#include "model/tokenizer/text_range.h"

namespace foraker::model {

struct AddedToken {
  std::string content;
  uint32_t id = 0;
  bool special = false;
  bool single_word = false;  // no letter or digit may stand beside it
  bool lstrip = false;       // takes the white space before it
  bool rstrip = false;       // and after it
  bool normalized = false;   // found in the normalised text, its content normalised as well
};

class AddedTokens {
 public:
  struct Match {
    uint32_t id;
    size_t begin;  // bytes of the text, half open, with the white space it takes
    size_t end;
  };

  explicit AddedTokens(std::vector<AddedToken> tokens);

  // The first one at or after `from`, where the last one ended, of those that have no byte in
  // `plain`.
  std::optional<Match> Next(std::string_view text, size_t from, TextRange plain = {}) const;

  const std::vector<AddedToken>& all() const { return tokens_; }  // longest first

 private:
  size_t NextStart(std::string_view text, size_t from) const;
  const AddedToken* LongestAt(std::string_view text, size_t at, TextRange plain) const;

  std::vector<AddedToken> tokens_;
  std::optional<PieceTrie> trie_;   // over their contents, where there are any
  std::array<bool, 256> starts_{};  // bytes that one begins with
  std::optional<char> only_start_;  // where all begin with the same
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_ADDED_TOKENS_H_
