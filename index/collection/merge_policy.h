// Which segments of a collection to merge next. Pure functions of sizes, for segments in memory and
// files alike; any segments may be merged, because a live document is in one of them alone.
//
// Segments fall into tiers by their live bytes, a tier `factor` times as wide as the one below.
// `factor` segments of a tier are merged into one, which reaches a higher tier, so a byte is
// written about once a tier. A segment above half of `max_segment_bytes` is only rewritten for its
// deleted documents. Sizes of merged segments are taken to add up. With n live bytes, f = factor,
// and M = max_segment_bytes, merging until there is nothing left to do:
//
//   segments       < f (1 + log_f M) + 2 n / M
//   bytes written  <= (2 + log_f M) x bytes added, while nothing is deleted
//
// A rewrite for deleted documents writes at most 1 / max_deleted_share - 1 bytes for each it frees.

#ifndef FORAKER_INDEX_COLLECTION_MERGE_POLICY_H_
#define FORAKER_INDEX_COLLECTION_MERGE_POLICY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace foraker::index {

struct MergePolicy {
  uint32_t factor = 8;  // at least 2
  uint64_t max_segment_bytes = uint64_t{4} << 30;
  double max_deleted_share = 1.0 / 3;  // of a segment's documents; above, it is rewritten
};

struct SegmentSize {
  uint64_t bytes = 0;  // of the file, or in memory
  uint32_t documents = 0;
  uint32_t deleted_documents = 0;

  uint64_t live_bytes() const;  // the live documents' share of `bytes`
};

// Indexes of the segments to merge into one, ascending. Empty when nothing is to be done. A single
// one has deleted documents, perhaps nothing else.
std::vector<size_t> ChooseMerge(std::span<const SegmentSize> segments, const MergePolicy& policy);

// Groups to merge into one segment each, so that few segments of up to `max_segment_bytes` are left
// and no deleted document. A segment that is fine as it is is in no group.
std::vector<std::vector<size_t>> ChooseCompaction(std::span<const SegmentSize> segments,
                                                  uint64_t max_segment_bytes);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_MERGE_POLICY_H_
