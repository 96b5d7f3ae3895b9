// What a segment file says of itself: section kMeta, and the format's version.

#ifndef FORAKER_INDEX_SEGMENT_SEGMENT_LAYOUT_H_
#define FORAKER_INDEX_SEGMENT_SEGMENT_LAYOUT_H_

#include <cstdint>

namespace foraker::index {

inline constexpr uint32_t kSegmentVersion = 1;

struct SegmentMeta {  // kMeta, whole
  uint32_t num_documents;
  uint32_t num_passages;
};
static_assert(sizeof(SegmentMeta) == 8);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_SEGMENT_LAYOUT_H_
