// Deletes the documents that a filter lets through, in batches with the version of each as the
// condition: one that was changed meanwhile is looked at again on a newer snapshot, until none is
// left.
//
// Errors: those of the filter and of index::LiveCollection::Write, which may come after some were
// deleted; kDeadlineExceeded likewise.

#ifndef FORAKER_RETRIEVAL_DELETE_MATCHING_H_
#define FORAKER_RETRIEVAL_DELETE_MATCHING_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "index/collection/live_collection.h"
#include "retrieval/api/searcher.h"
#include "retrieval/api/writer.h"

namespace foraker::retrieval {

absl::StatusOr<DeleteMatchingReply> DeleteMatching(index::LiveCollection& collection,
                                                   const Filter& filter, index::WaitFor wait,
                                                   absl::Time deadline);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_DELETE_MATCHING_H_
