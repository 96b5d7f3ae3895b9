// Remembers what became of the words seen last: a direct-mapped table from a word as it stands in
// the text to its tokens. Texts repeat their words, and folding one and walking the vocabulary
// costs about ten times as much as finding it here. One thread. Words that are longer, or have more
// tokens, than an entry holds are not kept.

#ifndef FORAKER_MODEL_TOKENIZER_PIECE_MEMO_H_
#define FORAKER_MODEL_TOKENIZER_PIECE_MEMO_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "model/tokenizer/wordpiece.h"

namespace foraker::model {

class PieceMemo {
 public:
  PieceMemo() : entries_(kEntries) {}

  // Appends the tokens of `word`, which begins at `offset`. False when it is not there.
  bool Append(std::string_view word, uint64_t hash, uint32_t offset,
              std::vector<Token>& tokens) const {
    const Entry& entry = entries_[hash % kEntries];
    if (entry.word_bytes != word.size() ||
        std::memcmp(entry.word.data(), word.data(), word.size()) != 0) {
      return false;
    }
    for (size_t i = 0; i < entry.tokens; ++i) {
      tokens.push_back({entry.ids[i], offset + entry.begins[i], offset + entry.ends[i]});
    }
    return true;
  }

  // `tokens` as at `offset`.
  void Put(std::string_view word, uint64_t hash, uint32_t offset, std::span<const Token> tokens) {
    if (word.empty() || word.size() > kWordBytes || tokens.size() > kTokens) return;
    Entry& entry = entries_[hash % kEntries];
    entry.word_bytes = static_cast<uint8_t>(word.size());
    entry.tokens = static_cast<uint8_t>(tokens.size());
    std::copy(word.begin(), word.end(), entry.word.begin());
    for (size_t i = 0; i < tokens.size(); ++i) {
      entry.ids[i] = tokens[i].id;
      entry.begins[i] = static_cast<uint8_t>(tokens[i].begin - offset);
      entry.ends[i] = static_cast<uint8_t>(tokens[i].end - offset);
    }
  }

 private:
  static constexpr size_t kEntries = 1 << 14;
  static constexpr size_t kWordBytes = 32;
  static constexpr size_t kTokens = 5;
  struct Entry {  // one cache line
    std::array<uint32_t, kTokens> ids;
    std::array<uint8_t, kTokens> begins;  // bytes from the word's first
    std::array<uint8_t, kTokens> ends;
    uint8_t word_bytes = 0;
    uint8_t tokens = 0;
    std::array<char, kWordBytes> word;
  };
  static_assert(sizeof(Entry) == 64);

  std::vector<Entry> entries_;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_PIECE_MEMO_H_
