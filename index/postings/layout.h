// The bytes of a segment's term sections: written by postings_writer.cc and forward_index.cc,
// walked by the engine in index/query/. All numbers little-endian; offsets count bytes from the
// start of their section; lists start at multiples of 8.
//
// Passages of a segment stand in windows of 8,192 and in blocks of kBlockPassages; terms have dense
// ordinals in ascending order of their keys. W = windows, B = blocks, df = postings of a term.
//
//   kTermKeys        u64[terms], ascending
//   kTermInfo        TermRecord[terms], 16 bytes each
//   kPostings        a list a term:
//     df < PlainListCut(W), a plain list:
//       u32[df]  passages, ascending
//       u8[df]   impacts (impact.h)
//     else a windowed list:
//       WindowedHeader, 16 bytes
//       u16[W]   postings in each window; they add up to df
//       u16[df]  passages as offsets into their window, ascending inside a window
//       u8[df]   impacts
//   kBlockMaxima     a row a windowed term, the largest impact of each block:
//     StoresDenseRow(occupied, B): u8[B]
//     else u64[ceil(B / 64)] bit b: block b holds the term; then u8[occupied], ascending by block
//   kForwardOffsets  u64[passages + 1], into kForward
//   kForward         a record a passage (forward_index.h draws it), then 8 zero bytes
//   kPositions       u16 a forward entry, in the order of kForward; absent when no vector has any
//
// The cut keeps the per-window counts under a tenth of a list's own postings (2 W <= .1 x 3 df), so
// millions of rare stems and titles cost no directory at all.

#ifndef FORAKER_INDEX_POSTINGS_LAYOUT_H_
#define FORAKER_INDEX_POSTINGS_LAYOUT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace foraker::index {

inline constexpr uint32_t kWindowPassages = 8192;
inline constexpr uint32_t kBlockPassages = 64;
inline constexpr uint32_t kBlocksPerWindow = kWindowPassages / kBlockPassages;
inline constexpr uint32_t kMinWindowedPostings = 256;
inline constexpr size_t kListAlignment = 8;

struct TermRecord {
  uint64_t list;  // offset into kPostings
  uint32_t document_frequency;
  float scale;  // stored weight <= impact x scale
};
static_assert(sizeof(TermRecord) == 16);

struct WindowedHeader {
  uint64_t maxima;           // offset into kBlockMaxima
  uint32_t occupied_blocks;  // blocks that hold the term
  uint32_t zero;
};
static_assert(sizeof(WindowedHeader) == 16);

inline constexpr uint32_t CeilDiv(uint32_t a, uint32_t b) {
  return static_cast<uint32_t>((uint64_t{a} + b - 1) / b);
}
inline constexpr uint32_t NumWindows(uint32_t passages) {
  return CeilDiv(passages, kWindowPassages);
}
inline constexpr uint32_t NumBlocks(uint32_t passages) { return CeilDiv(passages, kBlockPassages); }

inline constexpr uint32_t PlainListCut(uint32_t windows) {
  return std::max(kMinWindowedPostings, 7 * windows);
}

inline constexpr uint64_t PlainListBytes(uint64_t df) { return df * 5; }
inline constexpr uint64_t WindowedListBytes(uint64_t df, uint32_t windows) {
  return sizeof(WindowedHeader) + uint64_t{2} * windows + df * 3;
}

// A bitmap costs an eighth of a dense row: it pays while less than seven eighths are occupied.
inline constexpr bool StoresDenseRow(uint32_t occupied, uint32_t blocks) {
  return uint64_t{occupied} * 8 >= uint64_t{blocks} * 7;
}
inline constexpr uint64_t MaximaRowBytes(uint32_t occupied, uint32_t blocks) {
  return StoresDenseRow(occupied, blocks) ? blocks : uint64_t{8} * CeilDiv(blocks, 64) + occupied;
}

}  // namespace foraker::index

#endif  // FORAKER_INDEX_POSTINGS_LAYOUT_H_
