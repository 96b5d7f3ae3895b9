#include "retrieval/titles.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "base/status.h"

namespace foraker::retrieval {
namespace {

using model::AnalyzedWord;

constexpr std::string_view kOpening = "([{";
constexpr std::string_view kClosing = ")]}";

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<uint8_t>(c) < 0x80; });
}

// Each bracketed part becomes a space; a bracket without its partner is punctuation.
std::string DropBracketed(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  std::vector<std::pair<char, size_t>> open;  // closing bracket awaited, length of `kept` before
  for (const char c : text) {
    if (const size_t kind = kOpening.find(c); kind != std::string_view::npos) {
      open.emplace_back(kClosing[kind], kept.size());
    } else if (kClosing.find(c) != std::string_view::npos) {
      const auto partner = std::find_if(open.rbegin(), open.rend(),
                                        [c](const auto& bracket) { return bracket.first == c; });
      if (partner != open.rend()) {
        kept.resize(partner->second);
        open.erase(std::prev(partner.base()), open.end());
        kept += ' ';
        continue;
      }
    }
    kept += c;
  }
  return kept;
}

std::string Normalized(const icu::Normalizer2* form, std::string_view text) {
  std::string result;
  if (form == nullptr) return result;
  icu::StringByteSink<std::string> sink(&result);
  UErrorCode error = U_ZERO_ERROR;
  form->normalizeUTF8(0, {text.data(), static_cast<int32_t>(text.size())}, sink, nullptr, error);
  return result;
}

bool IsAccent(UChar32 c) { return c >= 0x300 && c <= 0x36f; }  // Combining Diacritical Marks
bool IsWordCharacter(UChar32 c) {
  return c >= 0 && (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK)) != 0;
}

// Word characters of `text` without accents, words separated by single spaces.
std::string WordsAlone(std::string_view text) {
  std::string words;
  words.reserve(text.size());
  const char* bytes = text.data();
  const auto size = static_cast<int32_t>(text.size());
  bool gap = false;
  for (int32_t i = 0; i < size;) {
    const int32_t start = i;
    UChar32 c;
    U8_NEXT(bytes, i, size, c);
    if (IsAccent(c)) continue;
    if (!IsWordCharacter(c)) {
      gap = true;
      continue;
    }
    if (gap && !words.empty()) words += ' ';
    gap = false;
    words.append(bytes + start, static_cast<size_t>(i - start));
  }
  return words;
}

// The normal form in one pass, of ASCII without opening brackets: that of nearly every run of words
// which is looked up. None where it takes more.
std::optional<std::string> NormalizePlain(std::string_view text) {
  std::string words;
  words.reserve(text.size());
  bool gap = false;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte >= 0x80 || c == '(' || c == '[' || c == '{') return std::nullopt;
    if (!absl::ascii_isalnum(byte)) {
      gap = true;
      continue;
    }
    if (gap && !words.empty()) words += ' ';
    gap = false;
    words += absl::ascii_tolower(byte);
  }
  return words;
}

std::string LowerAscii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lower;
}

}  // namespace

std::string NormalizeTitle(std::string_view title) {
  if (std::optional<std::string> plain = NormalizePlain(title)) return *std::move(plain);
  if (IsAscii(title)) return WordsAlone(LowerAscii(DropBracketed(title)));
  UErrorCode error = U_ZERO_ERROR;
  // Full-width brackets become plain ones here.
  const std::string folded = Normalized(icu::Normalizer2::getNFKCCasefoldInstance(error), title);
  const std::string apart =
      Normalized(icu::Normalizer2::getNFDInstance(error), DropBracketed(folded));
  return Normalized(icu::Normalizer2::getNFCInstance(error), WordsAlone(apart));
}

namespace {

// What the search for mentions asks about one text.
class MentionFinder {
 public:
  MentionFinder(std::string_view text, std::span<const AnalyzedWord> words,
                const TitleExists& exists, const WordIdf& idf, const MentionOptions& options)
      : text_(text), words_(words), exists_(exists), idf_(idf), options_(options) {}

  absl::StatusOr<std::vector<Mention>> Find() {
    std::vector<Mention> mentions;
    for (size_t first = 0; first < words_.size();) {
      ASSIGN_OR_RETURN(const bool found, LongestFrom(first, mentions));
      first = found ? mentions.back().end_word : first + 1;
    }
    return mentions;
  }

 private:
  std::string_view Between(uint32_t begin, uint32_t end) const {
    return text_.substr(begin, end - begin);
  }

  // Words from `first` on that no bracket separates, at most max_words.
  size_t EndOfRun(size_t first) const {
    size_t end = first + 1;
    const size_t most = std::min(words_.size(), first + options_.max_words);
    while (end < most && Between(words_[end - 1].end, words_[end].begin).find_first_of("()[]{}") ==
                             std::string_view::npos) {
      ++end;
    }
    return end;
  }

  absl::StatusOr<bool> LongestFrom(size_t first, std::vector<Mention>& mentions) {
    for (size_t end = EndOfRun(first); end > first; --end) {
      ASSIGN_OR_RETURN(const bool may_be, MayBeTitle(first, end));
      if (!may_be) continue;
      for (const uint32_t stop : {words_[end - 1].end, WithoutPossessive(words_[end - 1])}) {
        Mention mention{words_[first].begin, stop, first, end,
                        NormalizeTitle(Between(words_[first].begin, stop))};
        if (mention.title.empty()) continue;
        ASSIGN_OR_RETURN(const bool exists, exists_(mention.title));
        if (!exists) continue;
        mentions.push_back(std::move(mention));
        return true;
      }
    }
    return false;
  }

  // End of the word before a final 's.
  uint32_t WithoutPossessive(const AnalyzedWord& word) const {
    const std::string_view self = Between(word.begin, word.end);
    for (const std::string_view ending : {"'s", "\u2019s"}) {
      if (self.size() > ending.size() && self.ends_with(ending)) {
        return word.end - static_cast<uint32_t>(ending.size());
      }
    }
    return word.end;
  }

  absl::StatusOr<bool> MayBeTitle(size_t first, size_t end) const {
    if (end == first + 1) {
      if (IsCapitalised(words_[first]) && !StartsSentence(first)) return true;
      if (words_[first].stop || !std::isfinite(options_.min_word_idf)) return false;
      ASSIGN_OR_RETURN(const double idf, idf_(words_[first]));
      return idf >= options_.min_word_idf;
    }
    return std::any_of(words_.begin() + static_cast<ptrdiff_t>(first),
                       words_.begin() + static_cast<ptrdiff_t>(end),
                       [](const AnalyzedWord& word) { return !word.stop; }) ||
           std::all_of(words_.begin() + static_cast<ptrdiff_t>(first),
                       words_.begin() + static_cast<ptrdiff_t>(end),
                       [this](const AnalyzedWord& word) { return IsCapitalised(word); });
  }

  bool IsCapitalised(const AnalyzedWord& word) const {
    const std::string_view self = Between(word.begin, word.end);
    UChar32 c;
    int32_t i = 0;
    U8_NEXT(self.data(), i, static_cast<int32_t>(self.size()), c);
    return c >= 0 && (u_isupper(c) || u_istitle(c));
  }

  bool StartsSentence(size_t word) const {
    if (word == 0) return true;
    return Between(words_[word - 1].end, words_[word].begin).find_first_of(".!?:\n\"") !=
           std::string_view::npos;
  }

  const std::string_view text_;
  const std::span<const AnalyzedWord> words_;
  const TitleExists& exists_;
  const WordIdf& idf_;
  const MentionOptions& options_;
};

}  // namespace

absl::StatusOr<std::vector<Mention>> FindMentions(std::string_view text,
                                                  std::span<const AnalyzedWord> words,
                                                  const TitleExists& exists, const WordIdf& idf,
                                                  const MentionOptions& options) {
  return MentionFinder(text, words, exists, idf, options).Find();
}

}  // namespace foraker::retrieval
