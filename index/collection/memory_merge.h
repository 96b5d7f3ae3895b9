// Merges of memory segments among themselves, which keep the segments that a search sees few
// however small the commits are.
//
// Errors: those of MergeSegments.

#ifndef FORAKER_INDEX_COLLECTION_MEMORY_MERGE_H_
#define FORAKER_INDEX_COLLECTION_MEMORY_MERGE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/collection/collection_head.h"
#include "index/collection/merge_policy.h"

namespace foraker::index {

using SegmentSet = absl::flat_hash_set<const Segment*>;

std::vector<SegmentSize> SizesOf(std::span<const LiveSegment> segments);
uint64_t LiveBytes(std::span<const LiveSegment> segments);

// Memory segments of the head to be merged into one, none of them in `busy`; empty: none.
std::vector<LiveSegment> ChooseMemoryMerge(const CollectionHead& head, const SegmentSet& busy,
                                           uint32_t factor);

// Null when no document is left.
absl::StatusOr<std::shared_ptr<const Segment>> MergeInMemory(
    std::span<const LiveSegment> sources, const std::atomic<bool>* cancel = nullptr);

// Merges as long as there is something to merge whose live bytes are at most `max_bytes`. Returns
// whether larger merges are left.
absl::StatusOr<bool> MergeSmall(CollectionHead& head, const SegmentSet& busy, uint32_t factor,
                                uint64_t max_bytes);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_MEMORY_MERGE_H_
