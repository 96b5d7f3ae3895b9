// Filters: which live documents of a snapshot a condition on fields lets through, as one set of
// documents a segment. The engine reads only passages of these.
//
// A condition on a field that a document lacks is false, so "not" holds for it. An integer given to
// a real field is taken as that number; every other difference of type is an error. `_id` is the
// document's id, for equals, in and exists.
//
// Pure functions over immutable segments. Errors: kInvalidArgument for a field that no segment of
// the collection has (a typing error must not quietly match nothing), for a value that does not fit
// the field's type, and for a range of ids; kDataLoss from a corrupt column. Sizes are checked
// before (retrieval/api/limits.h); depth of recursion is that of the filter.

#ifndef FORAKER_RETRIEVAL_FILTERS_H_
#define FORAKER_RETRIEVAL_FILTERS_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/collection/snapshot.h"
#include "index/segment/document_set.h"
#include "retrieval/api/searcher.h"
#include "retrieval/field_values.h"

namespace foraker::retrieval {

// One set a segment, in the snapshot's order.
using DocumentSets = std::vector<index::DocumentSet>;

absl::StatusOr<DocumentSets> Evaluate(const Filter& filter, const index::Snapshot& snapshot);

DocumentSets LiveDocuments(const index::Snapshot& snapshot);
uint64_t CountDocuments(const DocumentSets& sets);

// kInvalidArgument, beginning with `use` ("filter", "facet"), unless some segment has the field. A
// snapshot without segments has every field.
absl::Status CheckFieldExists(std::string_view use, std::string_view field,
                              const index::Snapshot& snapshot);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_FILTERS_H_
