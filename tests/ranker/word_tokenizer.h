// A tokenizer for tests of prompts: a token is a word of letters and digits, or any other byte by
// itself; control tokens are found outside plain text. Words get ids as they come.
//
// Serves one thread.

#ifndef FORAKER_TESTS_RANKER_WORD_TOKENIZER_H_
#define FORAKER_TESTS_RANKER_WORD_TOKENIZER_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/tokenizer/decoder_tokenizer.h"

namespace foraker::ranker {

class WordTokenizer : public model::DecoderTokenizer {
 public:
  explicit WordTokenizer(std::vector<std::string> control) : control_(std::move(control)) {}

  using DecoderTokenizer::Encode;
  void Encode(std::string_view text, model::TextRange plain,
              std::vector<uint32_t>& ids) const override;
  uint32_t vocabulary_size() const override { return static_cast<uint32_t>(tokens_.size()); }
  std::string TokenOf(uint32_t id) const override { return tokens_.at(id); }
  std::optional<uint32_t> IdOf(std::string_view token) const override;

  // The tokens of [begin, end) side by side: what was encoded.
  std::string Text(const std::vector<uint32_t>& ids, size_t begin, size_t end) const;

 private:
  // The length of the token at `at`.
  size_t TokenAt(std::string_view text, model::TextRange plain, size_t at) const;

  std::vector<std::string> control_;
  mutable std::vector<std::string> tokens_;
  mutable std::map<std::string, uint32_t, std::less<>> ids_;
};

}  // namespace foraker::ranker

#endif  // FORAKER_TESTS_RANKER_WORD_TOKENIZER_H_
