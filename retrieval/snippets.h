// Snippets: the parts of a passage that say why it was found.
//
// The first fragment is the window of at most max_chars characters with the largest sum, over the
// distinct query terms whose words lie in it, of the term's part of the score (query weight x
// stored weight); equal sums go to the window with more of such words, then to the earlier one.
// Each further fragment is the best window of what is left, for terms not yet shown. A fragment
// grows around its window to word ends, from the start of a sentence where one is near. A passage
// without a queried word gives its head. Highlights are words alone.
//
// Pure functions. Lengths are characters (code points); ranges are bytes on character boundaries.

#ifndef FORAKER_RETRIEVAL_SNIPPETS_H_
#define FORAKER_RETRIEVAL_SNIPPETS_H_

#include <span>
#include <string_view>
#include <vector>

#include "retrieval/api/searcher.h"
#include "retrieval/passage_words.h"

namespace foraker::retrieval {

// In the order of the text, disjoint. `contributions` is as long as the query that `words` was made
// with. A single word longer than max_chars is shown whole.
std::vector<Snippet> MakeSnippets(std::string_view text, ByteRange passage,
                                  const PassageWords& words, std::span<const double> contributions,
                                  const SnippetRequest& request);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_SNIPPETS_H_
