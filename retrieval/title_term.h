// The key of a document's whole normalised title on each of its passages, with weight 1: silent
// until a query asks for it (retrieval/titles.h). Thread-safe.

#ifndef FORAKER_RETRIEVAL_TITLE_TERM_H_
#define FORAKER_RETRIEVAL_TITLE_TERM_H_

#include "index/segment/document.h"
#include "retrieval/name_term.h"

namespace foraker::retrieval {

// Appends it to the vectors of the passages, whose keys lie below those of titles, and names it
// (`name_term` may be null). A title of which nothing is left has no key.
void AppendTitleTerm(bool with_positions, index::Document& document, const NameTerm& name_term);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_TITLE_TERM_H_
