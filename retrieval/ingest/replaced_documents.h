// Finds the older copies of documents: of every id, only the copy in the last segment lives.
//
// Memory is bounded: ids are looked at in passes, each over a share of their hashes. One thread.

#ifndef FORAKER_RETRIEVAL_INGEST_REPLACED_DOCUMENTS_H_
#define FORAKER_RETRIEVAL_INGEST_REPLACED_DOCUMENTS_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "index/collection/snapshot.h"

namespace foraker::retrieval {

// Adds older copies to the segments' deleted documents. The first `num_published` segments hold
// every live id once; the others are new, in the order in which they were written. Returns how many
// documents were replaced.
absl::StatusOr<uint64_t> MarkReplaced(std::span<index::LiveSegment> segments, size_t num_published,
                                      size_t memory_bytes);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_INGEST_REPLACED_DOCUMENTS_H_
