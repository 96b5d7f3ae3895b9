#include "model/tokenizer/word_pieces.h"

#include <algorithm>

#include "model/tokenizer/utf8.h"

namespace foraker::model {

bool WordCutter::Fold(std::string_view word) {
  folded_.clear();
  origins_.clear();
  uint64_t characters = 0;
  for (size_t i = 0; i < word.size();) {
    const auto begin = static_cast<uint32_t>(i);
    const char32_t c = NextCharacter(word, i);
    const size_t folded_before = folded_.size();
    vocabulary_.characters.Fold(c, folded_);
    if (folded_.size() == folded_before) continue;
    const Origin origin = {begin, static_cast<uint32_t>(i)};
    const auto starts = [](char byte) { return (static_cast<uint8_t>(byte) & 0xc0) != 0x80; };
    characters += static_cast<uint64_t>(std::count_if(
        folded_.begin() + static_cast<std::ptrdiff_t>(folded_before), folded_.end(), starts));
    if (characters > vocabulary_.max_characters) {
      // However long the word is, no more of it is kept.
      folded_.resize(folded_before);
      if (origins_.empty()) origins_.push_back(origin);
      origins_.back() = {origins_.back().begin, origin.end};
      continue;
    }
    origins_.resize(folded_.size(), origin);
  }
  return characters <= vocabulary_.max_characters;
}

bool WordCutter::Append(uint32_t offset, std::vector<Token>& tokens) const {
  const std::string_view folded = folded_;
  for (size_t done = 0; done < folded.size();) {
    if (done > 0 && !vocabulary_.continuing.has_value()) return false;
    const PieceTrie::Node from = done == 0 ? PieceTrie::kRoot : *vocabulary_.continuing;
    const auto piece = vocabulary_.trie.Longest(from, folded.substr(done));
    if (!piece.has_value()) return false;
    const size_t last = done + piece->bytes - 1;
    tokens.push_back({piece->id, offset + origins_[done].begin, offset + origins_[last].end});
    done += piece->bytes;
  }
  return true;
}

void WordCutter::Cut(std::string_view word, uint32_t offset, std::vector<Token>& tokens) {
  const size_t before = tokens.size();
  if (Fold(word) && Append(offset, tokens)) return;
  tokens.resize(before);
  tokens.push_back(
      {vocabulary_.unknown, offset + origins_.front().begin, offset + origins_.back().end});
}

}  // namespace foraker::model
