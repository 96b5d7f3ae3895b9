// AVX-512: 32 units a step; VBMI2 expands a sparse row's bytes by its bitmap and compresses indices
// that reach the threshold.

#include <cstddef>
#include <cstdint>

#include "index/query/kernels.h"
#include "index/query/kernels_variants.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define FORAKER_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,popcnt")))

namespace foraker::index {
namespace {

// Products of 32 impacts: the high half of (m << 8) x F, and 1 more where m is not 0.
FORAKER_AVX512 inline __m512i Products(__m256i impacts, __m512i factor) {
  const __m512i wide = _mm512_cvtepu8_epi16(impacts);
  const __m512i high = _mm512_mulhi_epu16(_mm512_slli_epi16(wide, 8), factor);
  const __mmask32 present = _mm512_test_epi16_mask(wide, wide);
  return _mm512_mask_add_epi16(high, present, high, _mm512_set1_epi16(1));
}

FORAKER_AVX512 inline void AddAt(Units* bounds, __m512i products) {
  _mm512_storeu_si512(bounds, _mm512_add_epi16(_mm512_loadu_si512(bounds), products));
}

FORAKER_AVX512 void AddDense(const uint8_t* maxima, size_t n, uint16_t factor, Units* bounds) {
  const __m512i wide_factor = _mm512_set1_epi16(static_cast<int16_t>(factor));
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    const __m256i impacts = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(maxima + i));
    AddAt(bounds + i, Products(impacts, wide_factor));
  }
  for (; i < n; ++i) bounds[i] = static_cast<Units>(bounds[i] + Product(factor, maxima[i]));
}

FORAKER_AVX512 void AddSparse(const uint64_t* occupied, size_t words, const uint8_t* maxima,
                              uint16_t factor, Units* bounds) {
  const __m512i wide_factor = _mm512_set1_epi16(static_cast<int16_t>(factor));
  for (size_t half = 0; half < 2 * words; ++half) {
    const auto bits = static_cast<uint32_t>(occupied[half / 2] >> (32 * (half % 2)));
    if (bits == 0) continue;
    // The expanding load reads exactly the bytes of the set bits.
    const __m256i impacts = _mm256_maskz_expandloadu_epi8(bits, maxima);
    maxima += __builtin_popcount(bits);
    AddAt(bounds + half * 32, Products(impacts, wide_factor));
  }
}

FORAKER_AVX512 size_t CountAtLeast(const Units* values, size_t n, Units threshold) {
  const __m512i wide = _mm512_set1_epi16(static_cast<int16_t>(threshold));
  size_t count = 0;
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    const __mmask32 hits = _mm512_cmpge_epu16_mask(_mm512_loadu_si512(values + i), wide);
    count += static_cast<size_t>(__builtin_popcount(hits));
  }
  for (; i < n; ++i) count += values[i] >= threshold ? 1 : 0;
  return count;
}

FORAKER_AVX512 size_t FindAtLeast(const Units* values, size_t n, Units threshold, uint32_t* out) {
  const __m512i wide = _mm512_set1_epi16(static_cast<int16_t>(threshold));
  size_t found = 0;
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    uint32_t hits = _mm512_cmpge_epu16_mask(_mm512_loadu_si512(values + i), wide);
    for (; hits != 0; hits &= hits - 1) {
      out[found++] = static_cast<uint32_t>(i) + static_cast<uint32_t>(__builtin_ctz(hits));
    }
  }
  for (; i < n; ++i) {
    if (values[i] >= threshold) out[found++] = static_cast<uint32_t>(i);
  }
  return found;
}

FORAKER_AVX512 Units Maximum(const Units* values, size_t n) {
  __m512i largest = _mm512_setzero_si512();
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    largest = _mm512_max_epu16(largest, _mm512_loadu_si512(values + i));
  }
  alignas(64) Units lanes[32];
  _mm512_store_si512(lanes, largest);
  Units result = 0;
  for (const Units lane : lanes) result = lane > result ? lane : result;
  for (; i < n; ++i) result = values[i] > result ? values[i] : result;
  return result;
}

}  // namespace

const Kernels* Avx512Kernels() {
  static const Kernels kernels = {"avx512",     AddDense,    AddSparse,
                                  CountAtLeast, FindAtLeast, Maximum};
  const bool runs = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2") &&
                    __builtin_cpu_supports("popcnt");
  return runs ? &kernels : nullptr;
}

}  // namespace foraker::index

#else

namespace foraker::index {
const Kernels* Avx512Kernels() { return nullptr; }
}  // namespace foraker::index

#endif
