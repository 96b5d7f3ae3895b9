// The bytes of a segment's term sections: written by postings_writer.cc and forward_index.cc,
// walked by the engine in index/query/. All numbers little-endian; offsets count bytes from the
// start of their section; lists start at multiples of 8.
//
// Passages of a segment stand in blocks of 32, the unit of pruning, in chunks of 256, so that a
// posting is two bytes, and in windows of 8,192, whose accumulators stay in the first-level cache.
// Terms have dense ordinals in ascending order of their keys. W = windows, B = blocks, df =
// postings of a term.
//
//   kTermKeys        u64[terms], ascending
//   kTermInfo        TermRecord[terms], 16 bytes each
//   kPostings        a list a term:
//     df < PlainListCut(W), a plain list:
//       u32[df]  passages, ascending
//       u8[df]   impacts (impact.h)
//     else a blocked list:
//       BlockedHeader, 16 bytes
//       u16[W]   postings in each window; they add up to df
//       u16[df]  postings by passage: bits 0..7 passage mod 256, bits 8..15 impact
//   kBlockMaxima     a row a blocked term, about the n blocks that hold it:
//     u64[4 W]  bit b: block b is one of them; left out when StoresDenseRow(n, B), and
//     then
//                        the row is about all B blocks
//     u8[n]    the largest impact of each
//     u8[n]    the number of its postings
//   kForwardOffsets  u64[passages + 1], into kForward
//   kForward         a record a passage (forward_index.h draws it), then 8 zero bytes
//   kPositions       u16 a forward entry, in the order of kForward; absent when no vector has any
//
// The counts of a row lead straight to the postings of a block: no search. The cut keeps the counts
// by window at a twentieth of a list's postings or less (2 W <= .05 x 2 df), and a row's bitmap
// below what a plain list would cost more, so millions of rare stems and titles need no directory.

#ifndef FORAKER_INDEX_POSTINGS_LAYOUT_H_
#define FORAKER_INDEX_POSTINGS_LAYOUT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace foraker::index {

inline constexpr uint32_t kWindowPassages = 8192;
inline constexpr uint32_t kChunkPassages = 256;
inline constexpr uint32_t kBlockPassages = 32;
inline constexpr uint32_t kBlocksPerWindow = kWindowPassages / kBlockPassages;
inline constexpr uint32_t kBlocksPerChunk = kChunkPassages / kBlockPassages;
inline constexpr uint32_t kWordsPerWindow = kBlocksPerWindow / 64;  // of a row's bitmap
inline constexpr size_t kListAlignment = 8;

struct TermRecord {
  uint64_t list;  // offset into kPostings
  uint32_t document_frequency;
  float scale;  // stored weight <= impact x scale
};
static_assert(sizeof(TermRecord) == 16);

struct BlockedHeader {
  uint64_t row;              // offset into kBlockMaxima
  uint32_t occupied_blocks;  // blocks that hold the term
  uint32_t zero;
};
static_assert(sizeof(BlockedHeader) == 16);

using BlockedPosting = uint16_t;
inline constexpr BlockedPosting MakePosting(uint32_t passage, uint8_t impact) {
  return static_cast<BlockedPosting>((uint32_t{impact} << 8) | (passage % kChunkPassages));
}

inline constexpr uint32_t CeilDiv(uint32_t a, uint32_t b) {
  return static_cast<uint32_t>((uint64_t{a} + b - 1) / b);
}
inline constexpr uint32_t NumWindows(uint32_t passages) {
  return CeilDiv(passages, kWindowPassages);
}
inline constexpr uint32_t NumBlocks(uint32_t passages) { return CeilDiv(passages, kBlockPassages); }

inline constexpr uint32_t kMinBlockedPostings = 256;
inline constexpr uint32_t PlainListCut(uint32_t windows) {
  return std::max(kMinBlockedPostings, 20 * windows);
}

inline constexpr uint64_t PlainListBytes(uint64_t df) { return df * 5; }
inline constexpr uint64_t BlockedListBytes(uint64_t df, uint32_t windows) {
  return sizeof(BlockedHeader) + sizeof(uint16_t) * windows + sizeof(BlockedPosting) * df;
}

// A dense row has no bitmap but two bytes for each block without the term: it pays from fifteen
// sixteenths up.
inline constexpr bool StoresDenseRow(uint32_t occupied, uint32_t blocks) {
  return uint64_t{occupied} * 16 >= uint64_t{blocks} * 15;
}
// Whole windows, so that readers need no care at the end.
inline constexpr uint32_t BitmapWords(uint32_t blocks) {
  return CeilDiv(blocks, kBlocksPerWindow) * kWordsPerWindow;
}
inline constexpr uint64_t RowBytes(uint32_t occupied, uint32_t blocks) {
  return StoresDenseRow(occupied, blocks)
             ? uint64_t{2} * blocks
             : sizeof(uint64_t) * BitmapWords(blocks) + uint64_t{2} * occupied;
}

}  // namespace foraker::index

#endif  // FORAKER_INDEX_POSTINGS_LAYOUT_H_
