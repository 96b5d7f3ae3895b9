// From a hit of the engine to what a client reads: the parts of the document that the request asks
// for, the passage, snippets and the explanation. A document's text is read once a hit, and only
// where something needs it.
//
// Pure function over an immutable snapshot. Errors: kDataLoss from a corrupt segment.

#ifndef FORAKER_RETRIEVAL_HITS_H_
#define FORAKER_RETRIEVAL_HITS_H_

#include "absl/status/statusor.h"
#include "index/query/top_k.h"
#include "retrieval/api/searcher.h"
#include "retrieval/collection_view.h"
#include "retrieval/query_builder.h"

namespace foraker::retrieval {

// `session` is null where the collection's text is not analyzed.
absl::StatusOr<SearchHit> RenderHit(const CollectionView& view, const SearchRequest& request,
                                    const BuiltQuery& query, const index::Hit& hit,
                                    model::Analyzer::Session* session);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_HITS_H_
