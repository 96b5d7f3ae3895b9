#include "retrieval/passage_cutter.h"

#include <unicode/brkiter.h>
#include <unicode/utext.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace foraker::retrieval {
namespace {

using icu::BreakIterator;
using model::AnalyzedWord;

constexpr uint32_t kHalvesAWord = 3;
constexpr uint32_t kBytesAWord = 32;
constexpr uint64_t kNoBudget = uint64_t{1} << 40;  // above any text's length

struct TextCloser {
  void operator()(UText* text) const { utext_close(text); }
};

bool ContinuesCharacter(char c) { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; }
bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// A word, or a piece of one that is longer than a passage.
struct Unit {
  uint32_t begin;
  uint32_t end;

  uint64_t halves() const {
    return uint64_t{kHalvesAWord} * ((end - begin + kBytesAWord - 1) / kBytesAWord);
  }
};

class SentenceCutter final : public PassageCutter {
 public:
  SentenceCutter(uint32_t passage_tokens, std::unique_ptr<BreakIterator> sentences)
      : budget_(passage_tokens == 0
                    ? kNoBudget
                    : std::max<uint64_t>(uint64_t{passage_tokens} * 2, kHalvesAWord)),
        sentences_(std::move(sentences)) {}

  void Cut(std::string_view text, std::span<const AnalyzedWord> words,
           std::vector<PassageSpan>& passages) override;

 private:
  uint64_t ListUnits(std::string_view text, std::span<const AnalyzedWord> words);
  uint32_t EndOfPassage(std::string_view text, uint32_t begin, size_t beyond);
  uint32_t SentenceEnd(uint32_t begin, uint32_t limit);
  void OpenSentences(std::string_view text);

  const uint64_t budget_;  // half tokens
  std::unique_ptr<BreakIterator> sentences_;
  std::unique_ptr<UText, TextCloser> text_;
  bool opened_ = false;  // this text's sentences
  std::vector<Unit> units_;
};

// Fills units_, each of which fits into a passage; returns their length in half tokens.
uint64_t SentenceCutter::ListUnits(std::string_view text, std::span<const AnalyzedWord> words) {
  const uint64_t most_bytes = budget_ / kHalvesAWord * kBytesAWord;
  units_.clear();
  uint64_t halves = 0;
  const auto add = [&](uint32_t begin, uint32_t end) {
    units_.push_back({begin, end});
    halves += units_.back().halves();
  };
  for (const AnalyzedWord& word : words) {
    uint32_t begin = word.begin;
    while (word.end - begin > most_bytes) {
      auto end = static_cast<uint32_t>(begin + most_bytes);
      while (ContinuesCharacter(text[end])) --end;
      add(begin, end);
      begin = end;
    }
    add(begin, word.end);
  }
  return halves;
}

void SentenceCutter::OpenSentences(std::string_view text) {
  if (opened_) return;
  opened_ = true;
  UErrorCode error = U_ZERO_ERROR;
  UText* view = utext_openUTF8(text_.get(), text.data(), static_cast<int64_t>(text.size()), &error);
  if (text_ == nullptr) text_.reset(view);
  sentences_->setText(text_.get(), error);
}

// The last sentence end in (begin, limit], or begin when there is none.
uint32_t SentenceCutter::SentenceEnd(uint32_t begin, uint32_t limit) {
  if (sentences_->isBoundary(static_cast<int32_t>(limit))) return limit;
  const int32_t before = sentences_->preceding(static_cast<int32_t>(limit));
  return before == BreakIterator::DONE ? begin : std::max(begin, static_cast<uint32_t>(before));
}

// Where a passage from `begin` ends when units_[beyond] no longer fits into it.
uint32_t SentenceCutter::EndOfPassage(std::string_view text, uint32_t begin, size_t beyond) {
  const uint32_t next = units_[beyond].begin;
  OpenSentences(text);
  if (const uint32_t sentence = SentenceEnd(begin, next); sentence > begin) return sentence;
  // A sentence longer than a passage. Closing punctuation stays with its word when space follows.
  const uint32_t word_end = units_[beyond - 1].end;
  uint32_t end = word_end;
  while (end < next && !IsSpace(text[end])) ++end;
  if (end == next) return word_end;
  while (end < next && IsSpace(text[end])) ++end;
  return end;
}

void SentenceCutter::Cut(std::string_view text, std::span<const AnalyzedWord> words,
                         std::vector<PassageSpan>& passages) {
  passages.clear();
  if (text.empty()) return;
  opened_ = false;
  const auto size = static_cast<uint32_t>(text.size());
  uint32_t begin = 0;
  size_t first_word = 0;
  if (ListUnits(text, words) > budget_) {
    for (size_t unit = 0;;) {
      uint64_t halves = 0;
      size_t beyond = unit;
      while (beyond < units_.size() && (halves += units_[beyond].halves()) <= budget_) ++beyond;
      if (beyond == units_.size()) break;
      const uint32_t end = EndOfPassage(text, begin, beyond);
      while (units_[unit].begin < end) ++unit;  // units_[beyond] at the latest stops it
      size_t end_word = first_word;
      while (end_word < words.size() && words[end_word].begin < end) ++end_word;
      passages.push_back({begin, end, first_word, end_word});
      begin = end;
      first_word = end_word;
    }
  }
  passages.push_back({begin, size, first_word, words.size()});
}

}  // namespace

absl::StatusOr<std::unique_ptr<PassageCutter>> PassageCutter::Create(uint32_t passage_tokens) {
  UErrorCode error = U_ZERO_ERROR;
  std::unique_ptr<BreakIterator> sentences(
      BreakIterator::createSentenceInstance(icu::Locale::getRoot(), error));
  if (U_FAILURE(error)) {
    return absl::InternalError(
        absl::StrCat("ICU has no sentence segmentation: ", u_errorName(error)));
  }
  return std::unique_ptr<PassageCutter>(
      std::make_unique<SentenceCutter>(passage_tokens, std::move(sentences)));
}

}  // namespace foraker::retrieval
