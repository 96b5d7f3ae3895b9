// The words of a passage's text, and which of them a query asked for: what snippets, highlights and
// explanations are made of.
//
// A word is asked for when its stem is a term of the query, or when a stored position of a query's
// term lies in it (the word from which a learned weight came; a token may begin inside the word,
// and one that is no part of a word, such as a full stop, stands for itself). Without an analyzer
// (imported vectors) words are runs between white space. All ranges are bytes in the document's
// text, ascending.

#ifndef FORAKER_RETRIEVAL_PASSAGE_WORDS_H_
#define FORAKER_RETRIEVAL_PASSAGE_WORDS_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "index/sparse_vector.h"
#include "model/analyzer/analyzer.h"
#include "retrieval/api/searcher.h"

namespace foraker::retrieval {

struct QueriedWord {
  ByteRange range;
  uint32_t term;  // index into the query vector
};

struct PassageWords {
  std::vector<ByteRange> words;
  std::vector<QueriedWord> queried;  // by range, then term
};

// The word in which the byte `position` lies, or the character there that is no part of a word.
// Nothing outside the passage.
std::optional<ByteRange> WordAt(std::string_view text, ByteRange passage,
                                const std::vector<ByteRange>& words, uint32_t position);

// `passage` is a range of `text` on character boundaries; `vector` the passage's stored one.
// `session` may be null.
PassageWords FindWords(std::string_view text, ByteRange passage,
                       const index::SparseVectorView& vector, const index::QueryVector& query,
                       model::Analyzer::Session* session);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_PASSAGE_WORDS_H_
