// Spans of a text that may be answers: names, dates, numbers, quoted things, and short phrases.
//
// Pure. Spans overlap on purpose ("Mayor of London", "Mayor", "London"): ranking tells them apart.
// They come in the order of their first words; a span is listed once.

#ifndef FORAKER_AGENT_ANSWER_SPANS_H_
#define FORAKER_AGENT_ANSWER_SPANS_H_

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "agent/answer/words.h"

namespace foraker::agent {

enum class SpanKind {
  kTitle,    // of a document that was read; no span of a text
  kName,     // capitalised words, with small ones that join them
  kDemonym,  // one capitalised word that ends as "Canadian" or "Swedish" do
  kQuoted,
  kYear,
  kDate,     // a month with a day or a year, or a span of years
  kNumber,   // digits or a number's word alone
  kMeasure,  // a number and what it counts
  kPhrase,   // words that are not all capitalised
};
inline constexpr size_t kSpanKinds = 9;

struct Span {
  SpanKind kind = SpanKind::kName;
  size_t first = 0, last = 0;  // words, both inclusive
  bool whole = true;           // not a part of a longer span of its kind
};

std::vector<Span> FindSpans(std::string_view text, std::span<const Word> words);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_ANSWER_SPANS_H_
