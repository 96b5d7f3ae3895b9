// The sentences of a text.
//
// Pure. A sentence ends at '.', '!' or '?', with the quotation marks and brackets that close after
// it, before white space and something that may begin a sentence; not after an initial or a common
// abbreviation. Line breaks with an empty line end it too. The ranges are UTF-8 bytes, without the
// white space around, ascending and disjoint; together they hold every other byte of the text.

#ifndef FORAKER_AGENT_ANSWER_SENTENCES_H_
#define FORAKER_AGENT_ANSWER_SENTENCES_H_

#include <string_view>
#include <vector>

#include "retrieval/api/searcher.h"

namespace foraker::agent {

std::vector<retrieval::ByteRange> SplitSentences(std::string_view text);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_ANSWER_SENTENCES_H_
