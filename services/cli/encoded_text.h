// An encoded passage or query as a line of JSON, what `foraker encode` prints:
//
//   {"_id": "d1", "passage": 0, "begin": 0, "end": 81,      a document's passage: bytes of its text
//    "tokens": 17, "tokens_dropped": 0,                     read by the encoder, and beyond its
//    limit "vector": {"whale": 1.59, "stem:whale": 2.1, ...},     the heaviest term first
//    "positions": {"whale": [10, 15], "fish": "title"}}     the word that a weight came from
//
// A token of the encoder's vocabulary stands under its own name; stems and titles, which are other
// terms though they may be spelled alike, under "stem:..." and "title:..." (no token holds a colon
// beside other characters). Such a line is one of those that `foraker index --vectors` and, for
// queries, `foraker eval` read. Weights have as many digits as it takes to read the same float32
// back. Pure functions; invalid UTF-8 becomes U+FFFD.

#ifndef FORAKER_SERVICES_CLI_ENCODED_TEXT_H_
#define FORAKER_SERVICES_CLI_ENCODED_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "index/term_key.h"
#include "retrieval/api/searcher.h"

namespace foraker::cli {

struct EncodedTerm {
  index::TermNamespace kind = index::TermNamespace::kWordPiece;
  std::string text;
  float weight = 0;
  std::optional<retrieval::ByteRange> word;  // in the document's or query's text
  bool in_title = false;
};

struct EncodedPassage {
  uint32_t number = 0;  // in the document
  retrieval::ByteRange range;
};

struct EncodedText {
  std::string id;
  std::optional<EncodedPassage> passage;  // none: a query
  uint64_t tokens = 0;
  uint64_t tokens_dropped = 0;
  std::vector<EncodedTerm> terms;
};

// With the line's end.
std::string ToJsonLine(EncodedText text);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_ENCODED_TEXT_H_
