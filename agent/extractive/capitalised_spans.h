// Names as they are written: runs of capitalised words, "University of Saint Thomas" in one.
//
// A run goes on over small words that join names ("of", "the", "de", "van"), over numbers, and over
// hyphens, apostrophes and ampersands; it ends before any other lower-case word and at other
// punctuation, with a capitalised word or a number. A function word does not begin one, so most
// first words of sentences are left out. Pure function.

#ifndef FORAKER_AGENT_EXTRACTIVE_CAPITALISED_SPANS_H_
#define FORAKER_AGENT_EXTRACTIVE_CAPITALISED_SPANS_H_

#include <string_view>
#include <vector>

#include "retrieval/api/searcher.h"

namespace foraker::agent {

// UTF-8 bytes; ascending, disjoint.
std::vector<retrieval::ByteRange> CapitalisedSpans(std::string_view text);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_EXTRACTIVE_CAPITALISED_SPANS_H_
