// Facets: how many documents of a set hold each value of a field, exactly, over all segments.
//
// Pure functions over immutable segments. A document with several values counts once under each;
// `other` is the sum over the values that are not returned. Errors: kInvalidArgument for a field
// that no segment has; kResourceExhausted when the field has more distinct values than can be
// counted in memory; kDataLoss from a corrupt column.

#ifndef FORAKER_RETRIEVAL_FACETS_H_
#define FORAKER_RETRIEVAL_FACETS_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "index/collection/snapshot.h"
#include "retrieval/api/searcher.h"
#include "retrieval/filters.h"

namespace foraker::retrieval {

inline constexpr size_t kMaxFacetDistinct = 1'000'000;

// Values by falling count, equal counts by rising value.
absl::StatusOr<Facet> CountFacet(const FacetRequest& request, const index::Snapshot& snapshot,
                                 const DocumentSets& among);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_FACETS_H_
