#include "agent/extractive/capitalised_spans.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "agent/extractive/letters.h"
#include "base/string_view.h"

namespace foraker::agent {
namespace {

using retrieval::ByteRange;

// In lower case. "and" is not one of them: it joins two names, not the parts of one.
bool JoinsNames(std::string_view word) {
  static constexpr std::array<std::string_view, 12> kWords = {
      "of", "the", "for", "in", "on", "at", "de", "la", "le", "von", "van", "du"};
  const std::string lower = absl::AsciiStrToLower(base::ToAbsl(word));
  return std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

bool IsSpace(char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); }
bool IsLetter(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); }

// What stands between two words: does it let a name go on?
bool Joins(std::string_view gap) {
  for (size_t i = 0; i < gap.size();) {
    if (gap.substr(i).starts_with("\u2019")) {
      i += 3;
    } else if (IsLetter(gap[i])) {
      const size_t begin = i;
      while (i < gap.size() && IsLetter(gap[i])) ++i;
      if (!JoinsNames(gap.substr(begin, i - begin))) return false;
    } else if (gap[i] == '.' ? i + 1 < gap.size() && IsSpace(gap[i + 1])
                             : std::string_view(" -&'").find(gap[i]) == std::string_view::npos) {
      return false;
    } else {
      ++i;
    }
  }
  return true;
}

}  // namespace

std::vector<ByteRange> CapitalisedSpans(std::string_view text, std::span<const ByteRange> words) {
  std::vector<ByteRange> spans;
  bool open = false;
  uint32_t before = 0;  // end of the word before
  for (const ByteRange& word : words) {
    const std::string_view self = text.substr(word.begin, word.end - word.begin);
    open = open && Joins(text.substr(before, word.begin - before));
    const bool number = absl::ascii_isdigit(static_cast<unsigned char>(self.front()));
    if (BeginsUpperCase(self) || (number && open)) {
      if (!open) spans.push_back(word);
      spans.back().end = word.end;
      open = true;
    } else {
      open = open && JoinsNames(self);
    }
    before = word.end;
  }
  return spans;
}

}  // namespace foraker::agent
