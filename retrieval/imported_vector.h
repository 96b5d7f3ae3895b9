// Vectors that were made elsewhere, as terms of a passage: tokens are named by their strings, whose
// hashes are the keys.
//
// Pure functions. Errors are kInvalidArgument and name the token.

#ifndef FORAKER_RETRIEVAL_IMPORTED_VECTOR_H_
#define FORAKER_RETRIEVAL_IMPORTED_VECTOR_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/float16.h"
#include "index/segment/document.h"
#include "index/sparse_vector.h"
#include "index/term_key.h"
#include "retrieval/name_term.h"

namespace foraker::retrieval {

struct ImportedTerm {
  index::TermKey key = 0;
  base::Float16Bits weight = 0;
  std::string_view token;  // borrowed
  index::Position position = index::kNoPosition;
};

// Weights lie in [2^-14, 65504] once they are rounded to binary16.
absl::StatusOr<ImportedTerm> MakeImportedTerm(std::string_view token, double weight);

// Sorts the terms and appends one passage of them over the whole text. `name_term` may be null.
absl::Status AddImportedPassage(std::vector<ImportedTerm>& terms, bool with_positions,
                                const NameTerm& name_term, index::Document& document);

// The start of a string from an input, in quotes, for a message.
std::string Quoted(std::string_view text);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_IMPORTED_VECTOR_H_
