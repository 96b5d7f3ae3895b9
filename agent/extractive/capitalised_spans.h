// Names as they are written: runs of capitalised words, "University of Saint Thomas" in one.
//
// A run goes on over small words that join names ("of", "the", "de", "van"), over numbers, and over
// hyphens, apostrophes, ampersands and dots inside abbreviations; it ends before a lower-case word,
// at a sentence's end and at other punctuation, and its last word is capitalised or a number. The
// first word of a sentence counts when it is no stop word. Pure function.

#ifndef FORAKER_AGENT_EXTRACTIVE_CAPITALISED_SPANS_H_
#define FORAKER_AGENT_EXTRACTIVE_CAPITALISED_SPANS_H_

#include <span>
#include <string_view>
#include <vector>

#include "retrieval/api/searcher.h"

namespace foraker::agent {

// Ascending, disjoint. `words`: ranges of the text's words in order, stop words left out.
std::vector<retrieval::ByteRange> CapitalisedSpans(std::string_view text,
                                                   std::span<const retrieval::ByteRange> words);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_EXTRACTIVE_CAPITALISED_SPANS_H_
