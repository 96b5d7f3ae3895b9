// The stems of a passage as terms of its vector, with BM25's saturation of their frequency (idf is
// the query's):
//
//   tf (k1 + 1) / (tf + k1 (1 - b + b length / reference_length)), rounded to binary16
//
// (Robertson and Walker, 1994). The title counts as text of the first passage.
//
// One thread.

#ifndef FORAKER_RETRIEVAL_STEM_TERMS_H_
#define FORAKER_RETRIEVAL_STEM_TERMS_H_

#include <cstddef>
#include <span>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "index/sparse_vector.h"
#include "retrieval/document_text.h"
#include "retrieval/name_term.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

class StemTerms {
 public:
  // settings.reference_length is above 0.
  explicit StemTerms(DocumentSide settings) : settings_(std::move(settings)) {}

  // Appends the stems of passage `i`; the vector's keys lie below those of stems. Positions are the
  // first occurrences, where the settings keep positions.
  void Append(const DocumentText& document, size_t i, index::SparseVector& vector);

  // Each stem of the document once.
  void Name(const DocumentText& document, const NameTerm& name_term);

 private:
  // One occurrence of a stem. Ordered by key, then position: the first occurrence in the text comes
  // first, and title and far words (kTitlePosition, kNoPosition, the highest values) come last.
  struct Occurrence {
    index::TermKey key;
    index::Position position;

    friend auto operator<=>(const Occurrence&, const Occurrence&) = default;
  };

  float Weight(size_t tf, size_t length) const;

  const DocumentSide settings_;
  std::vector<Occurrence> occurrences_;
  absl::flat_hash_set<index::TermKey> named_;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_STEM_TERMS_H_
