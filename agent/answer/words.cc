#include "agent/answer/words.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"

namespace foraker::agent {
namespace {

// In byte order, for binary search.
constexpr auto kStopWords = std::to_array<std::string_view>(
    {"a",     "about", "after",   "all",  "also",   "although", "an",   "and",    "any",   "are",
     "as",    "at",    "be",      "been", "before", "being",    "both", "but",    "by",    "can",
     "could", "did",   "do",      "does", "during", "each",     "for",  "from",   "had",   "has",
     "have",  "he",    "her",     "him",  "his",    "how",      "if",   "in",     "into",  "is",
     "it",    "its",   "itself",  "may",  "more",   "most",     "name", "named",  "no",    "not",
     "of",    "on",    "one",     "or",   "other",  "our",      "she",  "should", "so",    "some",
     "such",  "than",  "that",    "the",  "their",  "them",     "then", "there",  "these", "they",
     "this",  "those", "through", "to",   "under",  "was",      "we",   "were",   "what",  "when",
     "where", "which", "while",   "who",  "whom",   "whose",    "why",  "will",   "with",  "would",
     "you",   "your"});

uint8_t At(std::string_view text, size_t at) {
  return at < text.size() ? static_cast<uint8_t>(text[at]) : 0;
}

// General punctuation (U+2000 to U+206F) and the no-break space are no letters.
bool IsWordByte(std::string_view text, size_t at) {
  const uint8_t byte = At(text, at);
  if (byte < 0x80) return absl::ascii_isalnum(byte);
  for (size_t lead = at, back = 0; back < 3; --lead, ++back) {
    const uint8_t first = At(text, lead);
    if (first == 0xE2 && (At(text, lead + 1) == 0x80 || At(text, lead + 1) == 0x81)) return false;
    if (first == 0xC2 && At(text, lead + 1) == 0xA0) return false;
    if (first >= 0xC0 || first < 0x80 || lead == 0) break;
  }
  return true;
}

// What stands inside a word: the point of "U.S." and "8.005", the comma of "7,531", the apostrophe
// of "O'Brien".
bool JoinsWord(std::string_view text, size_t at) {
  if (at == 0 || !IsWordByte(text, at + 1) || !IsWordByte(text, at - 1)) return false;
  const bool digits =
      absl::ascii_isdigit(At(text, at - 1)) && absl::ascii_isdigit(At(text, at + 1));
  switch (text[at]) {
    case '.':
      return digits || (absl::ascii_isupper(At(text, at - 1)) &&
                        absl::ascii_isupper(At(text, at + 1)) && !IsWordByte(text, at + 2));
    case ',':
      return digits;
    case '\'':
      return !(absl::ascii_tolower(At(text, at + 1)) == 's' && !IsWordByte(text, at + 2));
    default:
      return false;
  }
}

// The "s" of "'s", whichever apostrophe it stands behind.
bool IsPossessive(std::string_view text, size_t begin, size_t end) {
  const std::string_view before = text.substr(0, begin);
  return end == begin + 1 && text[begin] == 's' &&
         (before.ends_with("'") || before.ends_with("\u2019"));
}

bool IsCapital(std::string_view word) {
  const uint8_t first = At(word, 0), second = At(word, 1);
  if (first < 0x80) return absl::ascii_isupper(first);
  switch (first) {
    case 0xC3:  // À to Þ
      return second <= 0x9E;
    case 0xC4:
    case 0xC5: {  // Latin Extended-A: pairs, whose capital is the odd one from Ĺ to ň and from Ź on
      const uint32_t letter = (first & 0x1Fu) << 6 | (second & 0x3Fu);
      const bool odd = (letter >= 0x139 && letter <= 0x148) || letter >= 0x179;
      return (letter & 1) == (odd ? 1 : 0);
    }
    case 0xCE:  // Α to Ω
      return second >= 0x86 && second <= 0xA9;
    case 0xD0:  // Ѐ to Я
      return second <= 0xAF;
    default:
      return false;
  }
}

std::string Key(std::string_view lower) {
  const auto cut = [&](std::string_view ending, std::string_view instead) -> std::string {
    std::string key(lower.substr(0, lower.size() - ending.size()));
    key += instead;
    return key;
  };
  const auto ends = [&](std::string_view ending) {
    return lower.size() >= ending.size() + 3 && lower.ends_with(ending);
  };
  if (ends("ies")) return cut("ies", "y");
  if (ends("ing")) return cut("ing", "");
  if (ends("ed")) return cut("ed", "");
  if (ends("es")) return cut("es", "");
  if (ends("s") && !lower.ends_with("ss")) return cut("s", "");
  if (ends("e")) return cut("e", "");
  return std::string(lower);
}

}  // namespace

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (size_t i = 0; i < lower.size(); ++i) {
    const uint8_t byte = At(lower, i);
    if (byte < 0x80) {
      lower[i] = absl::ascii_tolower(byte);
    } else if (byte == 0xC3 && At(lower, i + 1) >= 0x80 && At(lower, i + 1) <= 0x9E) {
      lower[i + 1] = static_cast<char>(At(lower, i + 1) + 0x20);
    }
  }
  return lower;
}

std::vector<Word> SplitWords(std::string_view text) {
  std::vector<Word> words;
  for (size_t i = 0; i < text.size();) {
    if (!IsWordByte(text, i)) {
      ++i;
      continue;
    }
    size_t end = i + 1;
    while (end < text.size() && (IsWordByte(text, end) || JoinsWord(text, end))) ++end;
    if (IsPossessive(text, i, end)) {
      i = end;
      continue;
    }
    Word word;
    word.begin = static_cast<uint32_t>(i);
    const std::string_view written = text.substr(i, end - i);
    // The last point of "U.S." belongs to it.
    if (written.find('.') != written.npos && absl::ascii_isupper(At(text, i)) &&
        At(text, end) == '.') {
      ++end;
    }
    word.end = static_cast<uint32_t>(end);
    word.capital = IsCapital(written);
    word.digit = absl::ascii_isdigit(At(text, i));
    word.lower = LowerCase(written);
    word.stop = std::binary_search(kStopWords.begin(), kStopWords.end(), word.lower);
    word.key = word.digit ? word.lower : Key(word.lower);
    words.push_back(std::move(word));
    i = end;
  }
  return words;
}

}  // namespace foraker::agent
