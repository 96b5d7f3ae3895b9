#include "agent/eval/answer_metrics.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <vector>

namespace foraker::agent {
namespace {

constexpr char32_t kRawByte = 0x110000;  // + a byte that is no UTF-8: behind all code points

// The code point at `at`, which moves behind it.
char32_t Next(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at++);
  if (first < 0x80) return first;
  const size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
  if (first < 0xc2 || first > 0xf4 || text.size() - at < more) return kRawByte + first;
  char32_t point = first & (0x3f >> more);
  for (size_t i = 0; i < more; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return kRawByte + first;
    point = point << 6 | (byte(at + i) & 0x3f);
  }
  constexpr char32_t kLeast[] = {0, 0x80, 0x800, 0x10000};  // of as many bytes more
  const bool surrogate = point >= 0xd800 && point < 0xe000;
  if (point < kLeast[more] || point > 0x10ffff || surrogate) return kRawByte + first;
  at += more;
  return point;
}

void Append(std::string& text, char32_t point) {
  const auto push = [&](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  const auto tail = [&](int shift) { push(0x80 | (point >> shift & 0x3f)); };
  if (point >= kRawByte) {
    push(point - kRawByte);
  } else if (point < 0x80) {
    push(point);
  } else if (point < 0x800) {
    push(0xc0 | point >> 6);
    tail(0);
  } else if (point < 0x10000) {
    push(0xe0 | point >> 12);
    tail(6);
    tail(0);
  } else {
    push(0xf0 | point >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

struct Range {
  char32_t first, last;
};

bool Within(std::initializer_list<Range> ranges, char32_t point) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) {
    return point >= range.first && point <= range.last;
  });
}

char32_t Lower(char32_t point) {
  if (Within({{'A', 'Z'}, {0xc0, 0xd6}, {0xd8, 0xde}, {0x391, 0x3a9}, {0x410, 0x42f}}, point))
    return point + 32;
  if (Within({{0x400, 0x40f}}, point)) return point + 80;
  // Letters in pairs, the capital first: at even places, or at odd ones.
  if (Within({{0x100, 0x12f},
              {0x132, 0x137},
              {0x14a, 0x177},
              {0x48a, 0x4bf},
              {0x4d0, 0x52f},
              {0x1e00, 0x1e95},
              {0x1ea0, 0x1eff}},
             point))
    return point | 1;
  if (Within({{0x139, 0x148}, {0x179, 0x17e}}, point)) return point + (point & 1);
  switch (point) {
    case 0x178:
      return 0xff;  // y with diaeresis
    case 0x386:
      return 0x3ac;  // the Greek vowels with an accent
    case 0x388:
    case 0x389:
    case 0x38a:
      return point + 37;
    case 0x38c:
      return 0x3cc;
    case 0x38e:
    case 0x38f:
      return point + 63;
    default:
      return point;
  }
}

bool IsPunctuation(char32_t point) {  // Python's string.punctuation
  return Within({{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}, point);
}

bool IsSpace(char32_t point) {  // Python's str.split
  return Within({{'\t', '\r'},
                 {0x1c, ' '},
                 {0x85, 0x85},
                 {0xa0, 0xa0},
                 {0x1680, 0x1680},
                 {0x2000, 0x200a},
                 {0x2028, 0x2029},
                 {0x202f, 0x202f},
                 {0x205f, 0x205f},
                 {0x3000, 0x3000}},
                point);
}

// What an article must not touch (\w of Python's expressions; beside ASCII and Latin-1, marks and
// punctuation are known by their blocks).
bool IsWord(char32_t point) {
  if (point < 0x80) return Within({{'0', '9'}, {'a', 'z'}}, point);
  return !Within({{0x80, 0xa9},
                  {0xab, 0xb1},
                  {0xb4, 0xb4},
                  {0xb6, 0xb8},
                  {0xbb, 0xbb},
                  {0xbf, 0xbf},
                  {0xd7, 0xd7},
                  {0xf7, 0xf7},
                  {0x2ef, 0x36f},
                  {0x1680, 0x1680},
                  {0x2000, 0x206f},
                  {0x20a0, 0x20cf},
                  {0x3000, 0x3003},
                  {0x3008, 0x3020},
                  {kRawByte, kRawByte + 0xff}},
                 point);
}

bool IsArticle(std::u32string_view word) { return word == U"a" || word == U"an" || word == U"the"; }

std::vector<std::string_view> Words(std::string_view normalized) {
  std::vector<std::string_view> words;
  while (!normalized.empty()) {
    const size_t end = std::min(normalized.find(' '), normalized.size());
    words.push_back(normalized.substr(0, end));
    normalized.remove_prefix(std::min(end + 1, normalized.size()));
  }
  return words;
}

double WordF1(std::string_view given, std::string_view known) {
  const std::vector<std::string_view> given_words = Words(given);
  const std::vector<std::string_view> known_words = Words(known);
  std::map<std::string_view, int> left;
  for (const std::string_view word : known_words) ++left[word];
  double common = 0;
  for (const std::string_view word : given_words) common += left[word]-- > 0 ? 1 : 0;
  return common == 0 ? 0
                     : 2 * common / static_cast<double>(given_words.size() + known_words.size());
}

}  // namespace

std::string NormalizeAnswer(std::string_view answer) {
  std::u32string bare;
  for (size_t at = 0; at < answer.size();) {
    const char32_t point = Lower(Next(answer, at));
    if (!IsPunctuation(point)) bare.push_back(point);
  }
  std::string normalized;
  bool blank = false;  // one is due before the next character
  const auto append = [&](char32_t point) {
    if (blank && !normalized.empty()) normalized.push_back(' ');
    blank = false;
    Append(normalized, point);
  };
  for (size_t at = 0; at < bare.size();) {
    size_t end = at;
    while (end < bare.size() && IsWord(bare[end])) ++end;
    if (IsArticle(std::u32string_view(bare).substr(at, end - at))) {
      blank = true;
      at = end;
    } else if (end > at) {
      while (at < end) append(bare[at++]);
    } else if (IsSpace(bare[at])) {
      blank = true;
      ++at;
    } else {
      append(bare[at++]);
    }
  }
  return normalized;
}

AnswerMetrics CompareAnswers(std::string_view given, std::span<const std::string> known) {
  const std::string normalized = NormalizeAnswer(given);
  AnswerMetrics best;
  for (const std::string& answer : known) {
    const std::string other = NormalizeAnswer(answer);
    best.em = std::max(best.em, normalized == other ? 1.0 : 0.0);
    best.f1 = std::max(best.f1, WordF1(normalized, other));
  }
  return best;
}

bool IsYesNo(std::string_view known) {
  const std::string normalized = NormalizeAnswer(known);
  return normalized == "yes" || normalized == "no";
}

}  // namespace foraker::agent
