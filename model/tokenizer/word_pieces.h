// One word to its pieces: folded, then from its begin always the longest token of the vocabulary
// that goes on there. A word that cannot be cut up wholly, or that is longer than the tokenizer
// allows, is one unknown token.
//
// A piece's byte range is that of the characters it came from: those between that vanished are in
// it, those before and after it are not. Pieces of one character that fell into several (Hangul)
// share its range.

#ifndef FORAKER_MODEL_TOKENIZER_WORD_PIECES_H_
#define FORAKER_MODEL_TOKENIZER_WORD_PIECES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/tokenizer/characters.h"
#include "model/tokenizer/piece_trie.h"
#include "model/tokenizer/wordpiece.h"

namespace foraker::model {

// Immutable, safe for concurrent use.
struct PieceVocabulary {
  Characters characters;
  PieceTrie trie;
  std::optional<PieceTrie::Node> continuing;  // below it, the pieces that continue a word
  uint32_t unknown;
  uint32_t max_characters;
};

// One thread. The vocabulary must outlive it.
class WordCutter {
 public:
  explicit WordCutter(const PieceVocabulary& vocabulary) : vocabulary_(vocabulary) {}

  // Appends the pieces of `word`, whose first byte is the text's at `offset`.
  void Cut(std::string_view word, uint32_t offset, std::vector<Token>& tokens);

 private:
  struct Origin {  // bytes of the word
    uint32_t begin;
    uint32_t end;
  };

  // Fills folded_ and origins_; false when the word has too many characters, of which only the
  // first and the last origin are kept.
  bool Fold(std::string_view word);
  bool Append(uint32_t offset, std::vector<Token>& tokens) const;

  const PieceVocabulary& vocabulary_;
  std::string folded_;
  std::vector<Origin> origins_;  // [bytes of folded_]
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_WORD_PIECES_H_
