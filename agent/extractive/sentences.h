// Where the sentences of a passage are, closely enough to tell what a name is said about.
//
// A sentence ends at ".", "!" or "?" (and quotes or brackets that close behind it) before white
// space and something that may begin a sentence: an upper-case letter, a digit, an opening quote or
// bracket. Abbreviations before a name ("Dr. No") end one too. Pure function.

#ifndef FORAKER_AGENT_EXTRACTIVE_SENTENCES_H_
#define FORAKER_AGENT_EXTRACTIVE_SENTENCES_H_

#include <string_view>
#include <vector>

#include "retrieval/api/searcher.h"

namespace foraker::agent {

// Ascending, disjoint; together they are the text.
std::vector<retrieval::ByteRange> Sentences(std::string_view text);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_EXTRACTIVE_SENTENCES_H_
