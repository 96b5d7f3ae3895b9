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

// From the catalog's record alone: without fields and section bytes.
absl::StatusOr<CollectionSummary> Summarize(const index::CollectionInfo& info);

// Adds the fields and section bytes of the generation's segments.
void AddContents(const index::Snapshot& snapshot, CollectionSummary& summary);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_COLLECTION_SUMMARY_H_
