#include "model/analyzer/word_segmenter.h"

#include <unicode/brkiter.h>
#include <unicode/uchar.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace foraker::model {
namespace {

using icu::BreakIterator;

bool IsAsciiAlnum(uint8_t c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Between such a character and whatever stands on either side, combining marks apart, there is
// always a boundary, and no rule looks across it.
bool IsSeparator(uint8_t c) { return c == ' ' || c == '\n' || c == '\t'; }

bool HoldsLetterOrDigit(std::string_view segment) {
  const char* bytes = segment.data();
  const auto size = static_cast<int32_t>(segment.size());
  for (int32_t i = 0; i < size;) {
    UChar32 c;
    U8_NEXT(bytes, i, size, c);
    if (c >= 0 && (u_isalnum(c) || u_isUAlphabetic(c))) return true;
  }
  return false;
}

// Closes ICU's view of a text.
struct TextCloser {
  void operator()(UText* text) const { utext_close(text); }
};

// What the word rules make of an ASCII character.
struct AsciiClass {
  bool word = false;             // joins its neighbours: letters, digits, '_' (and '@' in ICU 72)
  bool letter = false;           // stands for a letter before or after a character inside a word
  bool digit = false;            // the same for numbers
  bool between_letters = false;  // joins the letters around it: can't
  bool between_digits = false;   // joins the digits around it: 3.14
};
using AsciiTable = std::array<AsciiClass, 128>;

class IcuWordSegmenter final : public WordSegmenter {
 public:
  explicit IcuWordSegmenter(std::unique_ptr<BreakIterator> iterator)
      : iterator_(std::move(iterator)) {
    DeriveTable();
  }

  std::unique_ptr<WordSegmenter> Clone() const override {
    return std::unique_ptr<WordSegmenter>(
        new IcuWordSegmenter(std::unique_ptr<BreakIterator>(iterator_->clone()), table_));
  }

  void Segment(std::string_view text, std::vector<WordSpan>& words) override;
  void SegmentByIcu(std::string_view text, std::vector<WordSpan>& words) override {
    words.clear();
    IcuWords(text, 0, text.size(), words);
  }

 private:
  // ASCII text this near to the next other character is left to ICU with it: opening a text costs
  // as much as walking over so many bytes.
  static constexpr size_t kNear = 32;

  IcuWordSegmenter(std::unique_ptr<BreakIterator> iterator, const AsciiTable& table)
      : iterator_(std::move(iterator)), table_(table) {}

  void DeriveTable();
  bool IsOneSegment(std::string_view text);
  bool SetText(std::string_view text);
  void AsciiWords(std::string_view text, size_t begin, size_t end, std::vector<WordSpan>& words);
  void IcuWords(std::string_view text, size_t begin, size_t end, std::vector<WordSpan>& words);

  std::unique_ptr<BreakIterator> iterator_;
  std::unique_ptr<UText, TextCloser> text_;
  AsciiTable table_;
};

bool IcuWordSegmenter::SetText(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  UText* opened =
      utext_openUTF8(text_.get(), text.data(), static_cast<int64_t>(text.size()), &error);
  if (U_FAILURE(error)) return false;
  if (text_ == nullptr) text_.reset(opened);
  iterator_->setText(text_.get(), error);
  return U_SUCCESS(error);
}

bool IcuWordSegmenter::IsOneSegment(std::string_view text) {
  if (!SetText(text)) return false;
  iterator_->first();
  return iterator_->next() == static_cast<int32_t>(text.size());
}

void IcuWordSegmenter::DeriveTable() {
  for (size_t c = 0; c < table_.size(); ++c) {
    const std::string self(1, static_cast<char>(c));
    AsciiClass& in = table_[c];
    in.word = IsOneSegment("a" + self) && IsOneSegment(self + "1");
    in.letter = in.word && IsOneSegment(self + "'a");
    in.digit = in.word && IsOneSegment(self + ",1");
    in.between_letters = !in.word && IsOneSegment("a" + self + "a");
    in.between_digits = !in.word && IsOneSegment("1" + self + "1");
  }
}

void IcuWordSegmenter::AsciiWords(std::string_view text, size_t begin, size_t end,
                                  std::vector<WordSpan>& words) {
  const auto at = [&](size_t i) { return table_[static_cast<uint8_t>(text[i])]; };
  for (size_t i = begin; i < end;) {
    if (!at(i).word) {
      ++i;
      continue;
    }
    const size_t start = i;
    bool alnum = false;
    while (i < end) {
      const AsciiClass here = at(i);
      if (here.word) {
        alnum = alnum || IsAsciiAlnum(static_cast<uint8_t>(text[i]));
        ++i;
        continue;
      }
      if (i + 1 >= end) break;
      const AsciiClass before = at(i - 1);
      const AsciiClass after = at(i + 1);
      const bool joins = (here.between_letters && before.letter && after.letter) ||
                         (here.between_digits && before.digit && after.digit);
      if (!joins) break;
      ++i;
    }
    if (alnum) words.push_back({static_cast<uint32_t>(start), static_cast<uint32_t>(i)});
  }
}

void IcuWordSegmenter::IcuWords(std::string_view text, size_t begin, size_t end,
                                std::vector<WordSpan>& words) {
  if (!SetText(text.substr(begin, end - begin))) return;
  int32_t from = iterator_->first();
  for (int32_t to = iterator_->next(); to != BreakIterator::DONE; to = iterator_->next()) {
    if (iterator_->getRuleStatus() >= UBRK_WORD_NUMBER) {
      const size_t word = begin + static_cast<size_t>(from);
      const auto length = static_cast<size_t>(to - from);
      if (HoldsLetterOrDigit(text.substr(word, length))) {
        words.push_back({static_cast<uint32_t>(word), static_cast<uint32_t>(word + length)});
      }
    }
    from = to;
  }
}

void IcuWordSegmenter::Segment(std::string_view text, std::vector<WordSpan>& words) {
  words.clear();
  const auto is_ascii = [&](size_t i) { return static_cast<uint8_t>(text[i]) < 0x80; };
  const auto next_other = [&](size_t i, size_t end) {
    while (i < end && is_ascii(i)) ++i;
    return i;
  };
  const auto next_separator = [&](size_t i) {
    while (i < text.size() && !IsSeparator(static_cast<uint8_t>(text[i]))) ++i;
    return i;
  };
  for (size_t done = 0; done < text.size();) {
    const size_t other = next_other(done, text.size());
    if (other == text.size()) return AsciiWords(text, done, other, words);
    size_t left = other;  // of the stretch for ICU: the separator before, or where we stand
    while (left > done && !IsSeparator(static_cast<uint8_t>(text[left]))) --left;
    AsciiWords(text, done, left, words);
    size_t right = next_separator(other);
    for (;;) {
      const size_t window = std::min(text.size(), right + kNear);
      const size_t near = next_other(right, window);
      if (near == window) break;
      right = next_separator(near);
    }
    IcuWords(text, left, right, words);
    done = right;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<WordSegmenter>> WordSegmenter::Create() {
  UErrorCode error = U_ZERO_ERROR;
  std::unique_ptr<BreakIterator> iterator(
      BreakIterator::createWordInstance(icu::Locale::getRoot(), error));
  if (U_FAILURE(error)) {
    return absl::InternalError(absl::StrCat("ICU has no word segmentation: ", u_errorName(error)));
  }
  return std::unique_ptr<WordSegmenter>(std::make_unique<IcuWordSegmenter>(std::move(iterator)));
}

}  // namespace foraker::model
