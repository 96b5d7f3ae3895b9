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
