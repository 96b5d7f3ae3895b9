// The plain loops behind every variant of kernels.h. Each including .cc file compiles them with its
// own target options, so everything here has internal linkage and no inline function of another
// header is called in a loop that the compiler would not inline.

#ifndef FORAKER_INDEX_QUERY_KERNELS_LOOPS_H_
#define FORAKER_INDEX_QUERY_KERNELS_LOOPS_H_

#include <bit>
#include <cstddef>
#include <cstdint>

#include "index/query/kernels.h"

namespace foraker::index {
namespace {

[[maybe_unused]] void AddDense(const uint8_t* __restrict maxima, size_t n, uint16_t factor,
                               Units* __restrict bounds) {
  for (size_t i = 0; i < n; ++i) {
    // The high half of a 16-bit product: ((m << 8) x F) >> 16 = (m x F) >> 8.
    const auto shifted = static_cast<uint16_t>(maxima[i] << 8);
    const auto high = static_cast<uint16_t>((uint32_t{shifted} * factor) >> 16);
    bounds[i] = static_cast<Units>(bounds[i] + high + (maxima[i] != 0 ? 1 : 0));
  }
}

[[maybe_unused]] void AddSparse(const uint64_t* occupied, size_t words, const uint8_t* maxima,
                                uint16_t factor, Units* bounds) {
  for (size_t w = 0; w < words; ++w) {
    Units* block = bounds + w * 64;
    for (uint64_t bits = occupied[w]; bits != 0; bits &= bits - 1) {
      const int bit = std::countr_zero(bits);
      block[bit] = static_cast<Units>(block[bit] + Product(factor, *maxima++));
    }
  }
}

[[maybe_unused]] void RankWords(const uint64_t* words, size_t n, size_t stride, uint32_t* ranks) {
  uint32_t rank = 0;
  for (size_t i = 0; i < n; i += stride) {
    *ranks++ = rank;
    for (size_t j = i; j < n && j < i + stride; ++j) {
      rank += static_cast<uint32_t>(std::popcount(words[j]));
    }
  }
  *ranks = rank;
}

[[maybe_unused]] uint32_t SumBytes(const uint8_t* bytes, size_t n) {
  uint32_t sum = 0;
  for (size_t i = 0; i < n; ++i) sum += bytes[i];
  return sum;
}

// Bits set in the window's bitmap before `block`; `before[w]` are those of the words before w.
[[maybe_unused]] uint32_t RankOf(const uint64_t* occupied, const uint32_t* before, uint32_t block) {
  const uint32_t word = block / 64;
  if (word == kWordsPerWindow) return before[kWordsPerWindow];
  const uint64_t below = (uint64_t{1} << (block % 64)) - 1;
  return before[word] + static_cast<uint32_t>(std::popcount(occupied[word] & below));
}

[[maybe_unused]] void ClearRuns(PostingRun* runs, size_t n) {
  for (size_t i = 0; i < n; ++i) runs[i] = {0, 0};
}

// `sum_bytes` is SumBytes or a faster twin.
template <typename Sum>
[[maybe_unused]] void LocateRuns(const WindowRow& window, const BlockRange* ranges, size_t n,
                                 PostingRun* runs, Sum sum_bytes) {
  uint32_t before[kWordsPerWindow + 1] = {};
  if (window.occupied != nullptr) {
    for (uint32_t w = 0; w < kWordsPerWindow; ++w) {
      before[w + 1] = before[w] + static_cast<uint32_t>(std::popcount(window.occupied[w]));
    }
  }
  uint32_t rank = 0;
  uint32_t posting = window.first;
  for (size_t i = 0; i < n; ++i) {
    uint32_t begin = ranges[i].begin;
    uint32_t end = ranges[i].end;
    if (window.occupied != nullptr) {
      begin = RankOf(window.occupied, before, begin);
      end = RankOf(window.occupied, before, end);
    }
    runs[i] = {posting, 0};
    if (begin == end) continue;
    posting += sum_bytes(window.counts + rank, begin - rank);
    const uint32_t size = sum_bytes(window.counts + begin, end - begin);
    rank = end;
    // A row that lies about its counts must not lead beyond the window's postings.
    if (posting > window.end || size > window.end - posting) return ClearRuns(runs + i, n - i);
    runs[i] = {posting, size};
    posting += size;
  }
}

[[maybe_unused]] void Locate(const WindowRow& window, const BlockRange* ranges, size_t n,
                             PostingRun* runs) {
  LocateRuns(window, ranges, n, runs, SumBytes);
}

[[maybe_unused]] size_t CountAtLeast(const Units* values, size_t n, Units threshold) {
  uint32_t count = 0;
  for (size_t i = 0; i < n; ++i) count += values[i] >= threshold ? 1 : 0;
  return count;
}

[[maybe_unused]] size_t FindAtLeast(const Units* values, size_t n, Units threshold, uint32_t* out) {
  size_t found = 0;
  for (size_t i = 0; i < n; ++i) {
    out[found] = static_cast<uint32_t>(i);
    found += values[i] >= threshold ? 1 : 0;
  }
  return found;
}

[[maybe_unused]] Units Maximum(const Units* values, size_t n) {
  Units largest = 0;
  for (size_t i = 0; i < n; ++i) largest = values[i] > largest ? values[i] : largest;
  return largest;
}

}  // namespace
}  // namespace foraker::index

#endif  // FORAKER_INDEX_QUERY_KERNELS_LOOPS_H_
