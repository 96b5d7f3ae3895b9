#include "agent/answer/spans.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"

namespace foraker::agent {
namespace {

constexpr size_t kMaxNameWords = 9;
constexpr size_t kMaxPhraseWords = 4;

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Joins capitalised words to one name.
bool Joins(std::string_view word) {
  return IsOneOf(word,
                 {"of",  "the", "de",  "del", "della", "di", "da",   "dos", "du",  "des", "la",
                  "le",  "and", "for", "in",  "on",    "to", "von",  "van", "der", "den", "bin",
                  "ibn", "al",  "el",  "at",  "y",     "e",  "with", "a",   "an"});
}

bool IsMonth(const Word& word) {
  return word.capital &&
         IsOneOf(word.lower, {"january", "february", "march", "april", "may", "june", "july",
                              "august", "september", "october", "november", "december"});
}

bool IsYear(const Word& word) {
  return word.digit &&
         (word.lower.size() == 4 || (word.lower.size() == 5 && word.lower[4] == 's')) &&
         (word.lower[0] == '1' || word.lower[0] == '2') &&
         std::all_of(word.lower.begin(), word.lower.begin() + 4,
                     [](char c) { return absl::ascii_isdigit(static_cast<uint8_t>(c)); });
}

bool IsDay(const Word& word) { return word.digit && word.lower.size() <= 2; }

bool IsNumberWord(const Word& word) {
  return IsOneOf(word.lower,
                 {"one",     "two",     "three",     "four",     "five",     "six",      "seven",
                  "eight",   "nine",    "ten",       "eleven",   "twelve",   "thirteen", "fourteen",
                  "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",   "thirty",
                  "forty",   "fifty",   "sixty",     "hundred",  "thousand", "dozen"});
}

bool IsScale(const Word& word) {
  return IsOneOf(word.lower, {"hundred", "thousand", "million", "billion", "trillion"});
}

class Finder {
 public:
  Finder(std::string_view text, std::span<const Word> words) : text_(text), words_(words) {}

  std::vector<Span> Find() {
    for (size_t i = 0; i < words_.size();) {
      const size_t end = NameEnd(i);
      if (end > i) AddName(i, end - 1);
      i = std::max(end, i + 1);
    }
    for (size_t i = 0; i < words_.size(); ++i) AddDate(i);
    for (size_t i = 0; i < words_.size(); ++i) AddNumber(i);
    AddQuoted();
    for (size_t i = 0; i < words_.size();) {
      const size_t end = PhraseEnd(i);
      if (end > i) AddPhrase(i, end - 1);
      i = std::max(end, i + 1);
    }
    std::vector<Span> spans;
    spans.reserve(found_.size());
    for (const auto& [range, span] : found_) spans.push_back(span);
    return spans;
  }

 private:
  std::string_view Gap(size_t i) const {  // between word i and the next
    return text_.substr(words_[i].end, words_[i + 1].begin - words_[i].end);
  }
  bool Adjacent(size_t i) const {
    return i + 1 < words_.size() &&
           IsOneOf(Gap(i), {" ", "-", "'s ", "\u2019s ", "\u2013", " & ", "/", "' "});
  }
  // "George W. Bush", "St. Louis"
  bool AfterInitial(size_t i) const {
    return i + 1 < words_.size() && Gap(i) == ". " && words_[i].end - words_[i].begin <= 3;
  }

  // The first way in which a span was found says its kind.
  void Add(SpanKind kind, size_t first, size_t last, bool whole) {
    found_.try_emplace({first, last}, Span{kind, first, last, whole});
  }

  size_t NameEnd(size_t i) const {
    if (!words_[i].capital || IsMonth(words_[i])) return i;
    size_t end = i + 1;  // after the last capitalised word
    for (size_t at = i; at + 1 < words_.size() && at - i < kMaxNameWords;) {
      if (!Adjacent(at) && !AfterInitial(at)) break;
      ++at;
      if (words_[at].capital || (words_[at].digit && !IsYear(words_[at]))) {
        end = at + 1;
      } else if (!Joins(words_[at].lower)) {
        break;
      }
    }
    return end;
  }

  void AddName(size_t first, size_t last) {
    while (first < last && words_[first].stop) ++first;  // "The", "In"
    if (words_[first].stop) return;
    const auto kind = [&](size_t a, size_t b) {
      const std::string& word = words_[a].lower;
      const bool demonym = a == b && (word.ends_with("an") || word.ends_with("ish") ||
                                      word.ends_with("ese") || word.ends_with("ench"));
      return demonym ? SpanKind::kDemonym : SpanKind::kName;
    };
    Add(kind(first, last), first, last, true);
    // Pieces between joining words, and runs of them.
    std::vector<std::pair<size_t, size_t>> pieces;
    for (size_t i = first; i <= last;) {
      if (!Solid(i)) {
        ++i;
        continue;
      }
      size_t end = i;
      while (end + 1 <= last && Solid(end + 1)) ++end;
      pieces.emplace_back(i, end);
      i = end + 1;
    }
    for (size_t a = 0; a < pieces.size(); ++a) {
      for (size_t b = a; b < pieces.size(); ++b)
        Add(kind(pieces[a].first, pieces[b].second), pieces[a].first, pieces[b].second, false);
      const auto [from, to] = pieces[a];
      for (size_t cut = from; cut < to; ++cut) {
        Add(kind(from, cut), from, cut, false);
        Add(kind(cut + 1, to), cut + 1, to, false);
      }
    }
    // "Sydney, Australia"
    if (last + 1 < words_.size() && Gap(last) == ", " && words_[last + 1].capital &&
        !words_[last + 1].stop) {
      size_t end = last + 1;
      while (end - last < 3 && Adjacent(end) && words_[end + 1].capital) ++end;
      const size_t start = pieces.empty() ? first : pieces.back().first;
      Add(SpanKind::kName, start, end, false);
    }
  }
  bool Solid(size_t i) const { return words_[i].capital || words_[i].digit; }

  void AddDate(size_t i) {
    if (IsMonth(words_[i])) {
      const bool day_before = i > 0 && IsDay(words_[i - 1]) && Adjacent(i - 1);
      const size_t first = day_before ? i - 1 : i;
      size_t last = i;
      if (i + 1 < words_.size() && Gap(i) == " " && IsDay(words_[i + 1])) last = i + 1;
      if (last > i) Add(SpanKind::kDate, i, last, false);
      if (last + 1 < words_.size() && IsYear(words_[last + 1]) && IsOneOf(Gap(last), {" ", ", "})) {
        Add(SpanKind::kDate, first, last + 1, true);
        if (first < i) Add(SpanKind::kDate, i, last + 1, false);
      } else if (first < last) {
        Add(SpanKind::kDate, first, last, true);
      }
      Add(SpanKind::kDate, i, i, false);
      return;
    }
    if (!IsYear(words_[i])) return;
    Add(SpanKind::kYear, i, i, true);
    for (size_t next = i + 1; next <= i + 2 && next < words_.size(); ++next) {
      const bool joined = next == i + 1 ? IsOneOf(Gap(i), {"\u2013", "-", " \u2013 "})
                                        : IsOneOf(words_[i + 1].lower, {"to", "until", "and"});
      if (joined && words_[next].digit && (next == i + 1 || IsYear(words_[next])))
        Add(SpanKind::kDate, i, next, true);
    }
  }

  void AddNumber(size_t i) {
    if (!(words_[i].digit || IsNumberWord(words_[i]))) return;
    size_t last = i;
    while (Adjacent(last) && IsScale(words_[last + 1])) ++last;
    Add(IsYear(words_[i]) ? SpanKind::kYear : SpanKind::kNumber, i, last, last == i);
    size_t end = last;
    for (size_t n = 0; n < 3 && Adjacent(end) && !words_[end + 1].stop; ++n) {
      ++end;
      Add(SpanKind::kMeasure, i, end, n == 0);
    }
  }

  void AddQuoted() {
    for (size_t open = text_.find('"'); open != text_.npos;) {
      const size_t close = text_.find('"', open + 1);
      if (close == text_.npos) return;
      size_t first = 0;
      while (first < words_.size() && words_[first].begin < open) ++first;
      size_t last = first;
      while (last + 1 < words_.size() && words_[last + 1].end <= close) ++last;
      if (first < words_.size() && words_[first].end <= close && last - first < 10) {
        found_[{first, last}] = Span{SpanKind::kQuoted, first, last, true};
      }
      open = text_.find('"', close + 1);
    }
  }

  size_t PhraseEnd(size_t i) const {
    if (words_[i].stop) return i;
    size_t end = i + 1;
    while (end < words_.size() && end - i < 8 && Adjacent(end - 1) && !words_[end].stop) ++end;
    return end;
  }

  void AddPhrase(size_t first, size_t last) {
    const auto add = [&](size_t a, size_t b) {
      const bool small = std::any_of(words_.begin() + a, words_.begin() + b + 1,
                                     [](const Word& word) { return !word.capital && !word.digit; });
      if (small && b - a < kMaxPhraseWords) {
        Add(SpanKind::kPhrase, a, b, a == first && b == last);
      }
    };
    add(first, last);
    for (size_t cut = first; cut < last; ++cut) {
      add(first, cut);
      add(cut + 1, last);
    }
    for (size_t i = first + 1; i < last; ++i) add(i, i);
  }

  std::string_view text_;
  std::span<const Word> words_;
  std::map<std::pair<size_t, size_t>, Span> found_;
};

}  // namespace

std::vector<Span> FindSpans(std::string_view text, std::span<const Word> words) {
  return Finder(text, words).Find();
}

}  // namespace foraker::agent
