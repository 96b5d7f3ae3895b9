#include "agent/answer/sentences.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"

namespace foraker::agent {
namespace {

constexpr auto kAbbreviations = std::to_array<std::string_view>(
    {"Bros", "Capt", "Col", "Corp", "Dr",  "Fr",     "Ft", "Gen", "Gov", "Hon",  "Inc", "Jr",
     "Lt",   "Ltd",  "Maj", "Mr",   "Mrs", "Ms",     "Mt", "No",  "Nos", "Prof", "Rep", "Rev",
     "Sen",  "Sgt",  "Sr",  "St",   "Ste", "approx", "c",  "ca",  "e.g", "est",  "i.e", "vs"});

bool IsSpace(char c) { return absl::ascii_isspace(static_cast<uint8_t>(c)); }

// The point at `at` ends an abbreviation, an initial ("J.") or a thing like "U.S.".
bool Abbreviates(std::string_view text, size_t at) {
  size_t begin = at;
  while (begin > 0 && !IsSpace(text[begin - 1]) && text[begin - 1] != '(') --begin;
  const std::string_view word = text.substr(begin, at - begin);
  if (word.size() == 1) return absl::ascii_isupper(static_cast<uint8_t>(word[0]));
  if (word.size() == 3 && word[1] == '.' && absl::ascii_isupper(static_cast<uint8_t>(word[2]))) {
    return true;
  }
  return std::find(kAbbreviations.begin(), kAbbreviations.end(), word) != kAbbreviations.end();
}

// Where the marks that close after a sentence's end are over.
size_t SkipClosing(std::string_view text, size_t at) {
  while (at < text.size()) {
    if (text[at] == '"' || text[at] == '\'' || text[at] == ')' || text[at] == ']') {
      ++at;
    } else if (text.substr(at).starts_with("\u201d") || text.substr(at).starts_with("\u2019")) {
      at += 3;
    } else {
      break;
    }
  }
  return at;
}

bool MayBegin(char c) { return !absl::ascii_islower(static_cast<uint8_t>(c)) && c != ','; }

// The end of the sentence that `from` stands in.
size_t SentenceEnd(std::string_view text, size_t from) {
  for (size_t i = from; i < text.size(); ++i) {
    if (text[i] == '\n' && i + 1 < text.size() && text[i + 1] == '\n') return i;
    if (text[i] != '.' && text[i] != '!' && text[i] != '?') continue;
    const size_t after = SkipClosing(text, i + 1);
    if (after < text.size() && !IsSpace(text[after])) continue;
    size_t next = after;
    while (next < text.size() && IsSpace(text[next])) ++next;
    if (next == text.size()) return after;
    if (MayBegin(text[next]) && !(text[i] == '.' && Abbreviates(text, i))) return after;
  }
  return text.size();
}

}  // namespace

std::vector<retrieval::ByteRange> SplitSentences(std::string_view text) {
  std::vector<retrieval::ByteRange> sentences;
  size_t begin = 0;
  while (true) {
    while (begin < text.size() && IsSpace(text[begin])) ++begin;
    if (begin == text.size()) return sentences;
    size_t end = SentenceEnd(text, begin);
    const size_t next = end;
    while (end > begin && IsSpace(text[end - 1])) --end;
    sentences.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(end)});
    begin = next;
  }
}

}  // namespace foraker::agent
