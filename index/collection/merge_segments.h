// Merging: the live documents of several segments into one, text, vectors, versions and names as
// they are. No score bit moves (index/sparse_vector.h defines scores by stored vectors alone).
//
// Errors name the source: kDataLoss when it is corrupt (its blocks are checked as they are read),
// kInvalidArgument when a field or the counted namespace does not fit the sources before;
// kCancelled when `cancel` was set; those of SegmentWriter.

#ifndef FORAKER_INDEX_COLLECTION_MERGE_SEGMENTS_H_
#define FORAKER_INDEX_COLLECTION_MERGE_SEGMENTS_H_

#include <atomic>
#include <span>

#include "absl/status/status.h"
#include "index/collection/term_statistics.h"
#include "index/segment/segment_writer.h"

namespace foraker::index {

// Adds to `writer`, which the caller finishes. Documents come in the order of the sources, those of
// one in the order of their texts, so that each block is decompressed once.
absl::Status MergeSegments(std::span<const LiveSegment> sources, SegmentWriter& writer,
                           const std::atomic<bool>* cancel = nullptr);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_MERGE_SEGMENTS_H_
