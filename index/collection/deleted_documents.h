// What is deleted in a segment, as the catalog stores it (portable roaring bytes) and as searches
// use it. Functions are thread-safe.

#ifndef FORAKER_INDEX_COLLECTION_DELETED_DOCUMENTS_H_
#define FORAKER_INDEX_COLLECTION_DELETED_DOCUMENTS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "index/collection/term_statistics.h"
#include "index/segment/document_set.h"
#include "index/segment/segment.h"

namespace foraker::index {

// Empty bytes for an empty set.
std::vector<uint8_t> EncodeDeleted(DocumentSet deleted);

// Null for empty bytes. kDataLoss when the bytes are no set of the segment's documents.
absl::StatusOr<std::shared_ptr<const DocumentSet>> DecodeDeleted(std::span<const uint8_t> bytes,
                                                                 const Segment& segment);

// Passages of the segment's live documents.
absl::StatusOr<uint64_t> CountLivePassages(const LiveSegment& live);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_DELETED_DOCUMENTS_H_
