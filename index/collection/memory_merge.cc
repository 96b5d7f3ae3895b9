#include "index/collection/memory_merge.h"

#include <limits>

#include "base/status.h"
#include "index/collection/merge_segments.h"

namespace foraker::index {

std::vector<SegmentSize> SizesOf(std::span<const LiveSegment> segments) {
  std::vector<SegmentSize> sizes;
  sizes.reserve(segments.size());
  for (const LiveSegment& live : segments) {
    SegmentSize& size = sizes.emplace_back();
    size.bytes = live.segment->file().file_bytes();
    size.documents = live.segment->num_documents();
    if (live.deleted_documents != nullptr) {
      size.deleted_documents = static_cast<uint32_t>(live.deleted_documents->cardinality());
    }
  }
  return sizes;
}

uint64_t LiveBytes(std::span<const LiveSegment> segments) {
  uint64_t bytes = 0;
  for (const SegmentSize& size : SizesOf(segments)) bytes += size.live_bytes();
  return bytes;
}

std::vector<LiveSegment> ChooseMemoryMerge(const CollectionHead& head, const SegmentSet& busy,
                                           uint32_t factor) {
  std::vector<LiveSegment> idle;
  for (const LiveSegment& live : head.memory()) {
    if (!busy.contains(live.segment.get())) idle.push_back(live);
  }
  // The buffer is bounded as a whole, so its segments need no bound.
  const MergePolicy policy{.factor = factor,
                           .max_segment_bytes = std::numeric_limits<uint64_t>::max()};
  std::vector<LiveSegment> sources;
  for (const size_t i : ChooseMerge(SizesOf(idle), policy)) sources.push_back(idle[i]);
  return sources;
}

absl::StatusOr<std::shared_ptr<const Segment>> MergeInMemory(std::span<const LiveSegment> sources,
                                                             const std::atomic<bool>* cancel) {
  ASSIGN_OR_RETURN(const std::unique_ptr<SegmentWriter> writer, SegmentWriter::CreateInMemory());
  RETURN_IF_ERROR(MergeSegments(sources, *writer, cancel));
  if (writer->num_documents() == 0) return nullptr;
  return writer->FinishInMemory(sources.back().segment->file().path());
}

absl::StatusOr<bool> MergeSmall(CollectionHead& head, const SegmentSet& busy, uint32_t factor,
                                uint64_t max_bytes) {
  while (true) {
    const std::vector<LiveSegment> sources = ChooseMemoryMerge(head, busy, factor);
    if (sources.empty()) return false;
    if (LiveBytes(sources) > max_bytes) return true;
    ASSIGN_OR_RETURN(std::shared_ptr<const Segment> merged, MergeInMemory(sources));
    RETURN_IF_ERROR(head.Replace(sources, std::move(merged), /*to_disk=*/false));
  }
}

}  // namespace foraker::index
