// The engine's inner loops over arrays of block bounds and accumulators, compiled for several
// instruction sets; the best one that the processor has is chosen once. All variants give the same
// results (tests/index/kernels_test.cc).

#ifndef FORAKER_INDEX_QUERY_KERNELS_H_
#define FORAKER_INDEX_QUERY_KERNELS_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "index/postings/layout.h"
#include "index/query/product.h"

namespace foraker::index {

// Where a window's part of a blocked list and of its row begin.
struct WindowRow {
  const uint64_t* occupied;  // [kWordsPerWindow] words; null for a dense row
  const uint8_t* counts;     // of the window's first block in the row
  uint32_t first;            // the window's first posting
  uint32_t end;              // one beyond its last
};

// Blocks [begin, end) of a window.
struct BlockRange {
  uint16_t begin;
  uint16_t end;
};

// Postings [begin, begin + size) of a list.
struct PostingRun {
  uint32_t begin;
  uint32_t size;
};

struct Kernels {
  const char* name;

  // bounds[i] += Product(factor, maxima[i]) for i < n.
  void (*add_dense)(const uint8_t* maxima, size_t n, uint16_t factor, Units* bounds);

  // The same for rows with a bitmap: `maxima` holds one value a set bit of occupied[words];
  // bounds has room for 64 x words.
  void (*add_sparse)(const uint64_t* occupied, size_t words, const uint8_t* maxima, uint16_t factor,
                     Units* bounds);

  // ranks[w] = bits set before word w x stride, for every w x stride < n, and then those of all n
  // words.
  void (*rank_words)(const uint64_t* words, size_t n, size_t stride, uint32_t* ranks);

  // The postings of each of ranges[n] (ascending, disjoint), never beyond the window's.
  void (*locate)(const WindowRow& window, const BlockRange* ranges, size_t n, PostingRun* runs);

  // How many of values[n] are >= threshold.
  size_t (*count_at_least)(const Units* values, size_t n, Units threshold);

  // Writes every i < n with values[i] >= threshold to `out` (room for n + 32), ascending; returns
  // how many.
  size_t (*find_at_least)(const Units* values, size_t n, Units threshold, uint32_t* out);

  // The largest of values[n]; 0 for none.
  Units (*maximum)(const Units* values, size_t n);
};

// The variant for this processor.
const Kernels& BestKernels();

// All variants that this processor can run, the plainest first.
std::span<const Kernels* const> RunnableKernels();

}  // namespace foraker::index

#endif  // FORAKER_INDEX_QUERY_KERNELS_H_
