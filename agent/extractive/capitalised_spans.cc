#include "agent/extractive/capitalised_spans.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "agent/answer/words.h"

namespace foraker::agent {
namespace {

// "and" is not one of them: it joins two names, not the parts of one.
bool JoinsNames(std::string_view word) {
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"of", "the", "for", "in", "on", "at", "de", "la", "le", "von", "van", "du"});
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

// What stands between two words of a name.
bool JoinsWords(std::string_view gap) {
  for (size_t i = 0; i < gap.size(); ++i) {
    if (gap.substr(i).starts_with("\u2019")) {
      i += 2;
    } else if (std::string_view(" -&'").find(gap[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::vector<retrieval::ByteRange> CapitalisedSpans(std::string_view text) {
  std::vector<retrieval::ByteRange> spans;
  bool open = false;
  uint32_t before = 0;  // end of the word before
  for (const Word& word : SplitWords(text)) {
    open = open && JoinsWords(text.substr(before, word.begin - before));
    before = word.end;
    if (open && (word.capital || word.digit)) {
      spans.back().end = word.end;
    } else if (word.capital && !word.stop) {
      spans.push_back({word.begin, word.end});
      open = true;
    } else {
      open = open && JoinsNames(word.lower);
    }
  }
  return spans;
}

}  // namespace foraker::agent
