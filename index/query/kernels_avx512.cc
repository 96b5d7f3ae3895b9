// AVX-512: 32 units a step; VBMI2 expands a sparse row's bytes by its bitmap and compresses indices
// that reach the threshold.

#include <bit>
#include <cstddef>
#include <cstdint>

#include "index/query/kernels.h"
#include "index/query/kernels_variants.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(                                                         \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,bmi,bmi2,popcnt"))), \
    apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512vbmi2,bmi,bmi2,popcnt")
#endif
#include "index/query/kernels_loops.h"

namespace foraker::index {
namespace {

// Products of 32 impacts: the high half of (m << 8) x F, and 1 more where m is not 0.
inline __m512i Products(__m256i impacts, __m512i factor) {
  const __m512i wide = _mm512_cvtepu8_epi16(impacts);
  const __m512i high = _mm512_mulhi_epu16(_mm512_slli_epi16(wide, 8), factor);
  const __mmask32 present = _mm512_test_epi16_mask(wide, wide);
  return _mm512_mask_add_epi16(high, present, high, _mm512_set1_epi16(1));
}

inline void AddAt(Units* bounds, __m512i products) {
  _mm512_storeu_si512(bounds, _mm512_add_epi16(_mm512_loadu_si512(bounds), products));
}

void AddDense512(const uint8_t* maxima, size_t n, uint16_t factor, Units* bounds) {
  const __m512i wide_factor = _mm512_set1_epi16(static_cast<int16_t>(factor));
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    const __m256i impacts = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(maxima + i));
    AddAt(bounds + i, Products(impacts, wide_factor));
  }
  for (; i < n; ++i) bounds[i] = static_cast<Units>(bounds[i] + Product(factor, maxima[i]));
}

// A row is two to four pages, and the processor does not look beyond the page it reads: .24 instead
// of .26 ms a query on a million passages.
constexpr size_t kPrefetchBytes = 3072;

void AddSparse512(const uint64_t* occupied, size_t words, const uint8_t* maxima, uint16_t factor,
                  Units* bounds) {
  const __m512i wide_factor = _mm512_set1_epi16(static_cast<int16_t>(factor));
  for (size_t half = 0; half < 2 * words; ++half) {
    const auto bits = static_cast<uint32_t>(occupied[half / 2] >> (32 * (half % 2)));
    if (bits == 0) continue;
    __builtin_prefetch(maxima + kPrefetchBytes);
    // A load of exactly the bytes of the set bits, then an expansion between registers: the
    // expanding load does both, but is microcode on some processors.
    const auto present = static_cast<unsigned>(__builtin_popcount(bits));
    const __mmask32 bytes = _bzhi_u32(~0u, present);
    const __m256i impacts = _mm256_maskz_expand_epi8(bits, _mm256_maskz_loadu_epi8(bytes, maxima));
    maxima += present;
    AddAt(bounds + half * 32, Products(impacts, wide_factor));
  }
}

size_t CountAtLeast512(const Units* values, size_t n, Units threshold) {
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

size_t FindAtLeast512(const Units* values, size_t n, Units threshold, uint32_t* out) {
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

Units Maximum512(const Units* values, size_t n) {
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

// Rows are short here: mostly the entries between two ranges of a window, or those of one range.
uint32_t SumBytes512(const uint8_t* bytes, size_t n) {
  const __m128i zero = _mm_setzero_si128();
  __m128i sum = zero;
  for (; n > 16; n -= 16, bytes += 16) {
    sum = _mm_add_epi32(
        sum, _mm_sad_epu8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)), zero));
  }
  const auto rest = static_cast<__mmask16>((uint32_t{1} << n) - 1);
  sum = _mm_add_epi32(sum, _mm_sad_epu8(_mm_maskz_loadu_epi8(rest, bytes), zero));
  return static_cast<uint32_t>(_mm_cvtsi128_si32(sum) + _mm_extract_epi16(sum, 4));
}

void Locate512(const WindowRow& window, const BlockRange* ranges, size_t n, PostingRun* runs) {
  LocateRuns(window, ranges, n, runs, SumBytes512);
}

}  // namespace

const Kernels* Avx512Kernels() {
  static const Kernels kernels = {"avx512",  AddDense512,     AddSparse512,   RankWords,
                                  Locate512, CountAtLeast512, FindAtLeast512, Maximum512};
  const bool runs = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2") &&
                    __builtin_cpu_supports("popcnt");
  return runs ? &kernels : nullptr;
}

}  // namespace foraker::index

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#else

namespace foraker::index {
const Kernels* Avx512Kernels() { return nullptr; }
}  // namespace foraker::index

#endif
