// Where a document id stands in a segment's id look-up (document_table.h). On disk: never changes.

#ifndef FORAKER_INDEX_SEGMENT_ID_BUCKET_H_
#define FORAKER_INDEX_SEGMENT_ID_BUCKET_H_

#include <xxhash.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace foraker::index {

inline constexpr uint32_t BucketsOf(uint32_t documents) { return std::max(1u, documents / 2); }

inline uint32_t IdBucket(std::string_view id, uint32_t documents) {
  const uint64_t high = XXH3_64bits(id.data(), id.size()) >> 32;
  return static_cast<uint32_t>(high * BucketsOf(documents) >> 32);
}

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_ID_BUCKET_H_
