// Explanations: how a passage's score came about, and why a document is not among the hits.
//
// The products query weight x stored weight, added up in the order in which the terms are returned
// (ascending keys) as index::ScoreAccumulator does, are the score, bit for bit.
//
// Pure functions over an immutable snapshot. Errors: kDataLoss from a corrupt segment.

#ifndef FORAKER_RETRIEVAL_EXPLANATION_H_
#define FORAKER_RETRIEVAL_EXPLANATION_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "index/query/top_k.h"
#include "index/sparse_vector.h"
#include "retrieval/api/searcher.h"
#include "retrieval/collection_view.h"
#include "retrieval/documents.h"
#include "retrieval/filters.h"
#include "retrieval/passage_words.h"
#include "retrieval/query_builder.h"

namespace foraker::retrieval {

// Each query term's part of the score of a passage with this vector; 0 for terms it lacks.
std::vector<double> PartsOfScore(const index::QueryVector& query,
                                 const index::SparseVectorView& passage);

// One entry a term of the query. `vector` and `words` are those of the passage, a range of the
// document's text.
std::vector<TermContribution> ExplainTerms(const BuiltQuery& query,
                                           const index::SparseVectorView& vector,
                                           std::string_view text, ByteRange passage,
                                           const PassageWords& words);

// A search as far as it tells why a document is not among its hits.
struct FinishedSearch {
  const CollectionView& view;
  const BuiltQuery& query;
  const DocumentSets* filter;                     // null: all live documents
  std::optional<DocumentAddress> query_document;  // left out of the hits
  const std::optional<index::SearchAfter>& after;
  index::Collapse collapse;
  const std::vector<index::Hit>& hits;  // in their order
  bool exact;
};

absl::StatusOr<Explanation> ExplainDocument(const FinishedSearch& search, const std::string& id);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_EXPLANATION_H_
