// What a collection is and holds, for people and for dashboards.
//
// Pure functions. Errors: kInvalidArgument for settings that this build does not know.

#ifndef FORAKER_RETRIEVAL_COLLECTION_SUMMARY_H_
#define FORAKER_RETRIEVAL_COLLECTION_SUMMARY_H_

#include "absl/status/statusor.h"
#include "index/collection/snapshot.h"
#include "index/store/catalog.h"
#include "retrieval/api/searcher.h"

namespace foraker::retrieval {

// From the catalog's record: without fields and section bytes. `newest` (may be null: it could not
// be opened) says what the collection holds by now; its settings are known to this build.
absl::StatusOr<CollectionSummary> Summarize(const index::CollectionInfo& info,
                                            const index::Snapshot* newest);

// Adds declared fields, and the fields and section bytes of the snapshot's segments.
void AddContents(const index::Snapshot& snapshot, CollectionSummary& summary);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_COLLECTION_SUMMARY_H_
