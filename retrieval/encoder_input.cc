#include "retrieval/encoder_input.h"

#include <algorithm>
#include <span>

namespace foraker::retrieval {
namespace {

using model::AnalyzedWord;
using model::Token;

// Positions of tokens in a passage; tokens come in order.
class WordFinder {
 public:
  WordFinder(std::span<const AnalyzedWord> words, uint32_t passage_begin)
      : words_(words), passage_begin_(passage_begin) {}

  index::Position PositionOf(const Token& token) {
    const uint32_t at = passage_begin_ + token.begin;
    while (next_ < words_.size() && words_[next_].end <= at) ++next_;
    const bool inside = next_ < words_.size() && words_[next_].begin <= at;
    return PositionAt((inside ? words_[next_].begin : at) - passage_begin_);
  }

 private:
  std::span<const AnalyzedWord> words_;
  uint32_t passage_begin_;
  size_t next_ = 0;
};

}  // namespace

EncoderInputReader::EncoderInputReader(const model::WordPiece& tokenizer, uint32_t max_tokens)
    : tokenizer_(tokenizer), room_(max_tokens - 2), session_(tokenizer.NewSession()) {}

EncoderInput EncoderInputReader::Read(const DocumentText& document, size_t i,
                                      std::vector<index::TermKey>& literal) {
  if (i == 0) {
    title_.clear();
    for (const Token& token : session_->Tokenize(document.title())) title_.push_back(token.id);
  }
  const PassageSpan& passage = document.passages()[i];
  const std::vector<Token>& tokens = session_->Tokenize(document.TextOf(passage));

  EncoderInput input;
  const size_t left = room_ - std::min(room_, tokens.size());
  const size_t title_kept = std::min(title_.size(), std::max(room_ / 2, left));
  const size_t kept = std::min(tokens.size(), room_ - title_kept);
  input.ids.assign(title_.begin(), title_.begin() + static_cast<ptrdiff_t>(title_kept));
  input.positions.assign(title_kept, index::kTitlePosition);
  WordFinder words(document.WordsOf(passage), passage.begin);
  for (const Token& token : std::span(tokens).first(kept)) {
    input.ids.push_back(token.id);
    input.positions.push_back(words.PositionOf(token));
  }
  input.dropped_tokens = title_.size() - title_kept + tokens.size() - kept;

  literal.clear();
  const auto count = [&](uint32_t id) {
    if (tokenizer_.IsSpecial(id)) return;
    literal.push_back(index::NumberedTermKey(index::TermNamespace::kWordPiece, id));
  };
  for (const Token& token : tokens) count(token.id);
  if (i == 0) std::for_each(title_.begin(), title_.end(), count);
  std::sort(literal.begin(), literal.end());
  literal.erase(std::unique(literal.begin(), literal.end()), literal.end());
  return input;
}

}  // namespace foraker::retrieval
