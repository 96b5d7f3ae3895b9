#include "tests/ranker/word_tokenizer.h"

#include <cctype>

namespace foraker::ranker {

void WordTokenizer::Encode(std::string_view text, model::TextRange plain,
                           std::vector<uint32_t>& ids) const {
  for (size_t at = 0; at < text.size();) {
    const size_t length = TokenAt(text, plain, at);
    const auto [entry, added] =
        ids_.try_emplace(std::string(text.substr(at, length)), vocabulary_size());
    if (added) tokens_.push_back(entry->first);
    ids.push_back(entry->second);
    at += length;
  }
}

size_t WordTokenizer::TokenAt(std::string_view text, model::TextRange plain, size_t at) const {
  for (const std::string& token : control_) {
    const bool touches = at < plain.end && at + token.size() > plain.begin;
    if (!touches && text.substr(at, token.size()) == token) return token.size();
  }
  const auto in_word = [&](size_t i) {
    return i < text.size() && std::isalnum(static_cast<unsigned char>(text[i])) != 0;
  };
  size_t end = at;
  while (in_word(end)) ++end;
  return end == at ? 1 : end - at;
}

std::optional<uint32_t> WordTokenizer::IdOf(std::string_view token) const {
  const auto found = ids_.find(token);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

std::string WordTokenizer::Text(const std::vector<uint32_t>& ids, size_t begin, size_t end) const {
  std::string text;
  for (size_t i = begin; i < end; ++i) text += tokens_.at(ids[i]);
  return text;
}

}  // namespace foraker::ranker
