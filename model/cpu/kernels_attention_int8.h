// Attention of one head over one text in 8-bit integers, for the variants whose processor has VNNI;
// see kernels_attention.h for the shape of the work.
//
//   scores = bytes of q . bytes of k                        one unit for the queries of a text and
//   p      = round(255 x 2^((score - maximum) x factor))    head, one for the keys
//   out    = v.scale x (p . bytes of v) / sum of p          a scale a column of the values
//
// Queries and probabilities are the unsigned operand (queries shifted by 128, which the sums start
// from), keys and values the signed one. What a probability loses to rounding is missing in its sum
// too, so constant values come out exactly.

#ifndef FORAKER_MODEL_CPU_KERNELS_ATTENTION_INT8_H_
#define FORAKER_MODEL_CPU_KERNELS_ATTENTION_INT8_H_

#include <immintrin.h>

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "model/cpu/kernels.h"
#include "model/cpu/kernels_attention.h"
#include "model/cpu/lanes.h"

namespace foraker::model {
namespace {

constexpr size_t kGroup = 4;  // bytes of a 32-bit lane, which one instruction multiplies and adds

// Matrices of 32-bit lanes with four bytes each.
struct ByteAttention {
  size_t columns;          // tokens, rounded up to lanes
  size_t width;            // of the head, rounded up to lanes
  size_t groups;           // width / 4
  int32_t* queries;        // [tokens, groups]
  int32_t* keys;           // [groups, columns]
  int32_t* score_starts;   // [columns]: -128 x the sum of the key's bytes
  int32_t* values;         // [columns / 4, width]
  float* value_scales;     // [width]
  int32_t* scores;         // [kBlockRows, columns]
  int32_t* probabilities;  // [kBlockRows, columns / 4]
  float factor = 0;        // from scores to exponents of 2

  ByteAttention(const AttentionInput& input, float* scratch)
      : columns(RoundUpToLanes(input.tokens)),
        width(RoundUpToLanes(input.width)),
        groups(RoundUpToLanes(input.width) / kGroup) {
    const auto take = [&scratch](size_t n) {
      float* const part = scratch;
      scratch += RoundUpToLanes(n);
      return part;
    };
    const auto take_ints = [&take](size_t n) { return reinterpret_cast<int32_t*>(take(n)); };
    queries = take_ints(input.tokens * groups);
    keys = take_ints(groups * columns);
    score_starts = take_ints(columns);
    values = take_ints(columns / kGroup * width);
    value_scales = take(width);
    scores = take_ints(kBlockRows * columns);
    probabilities = take_ints(kBlockRows * columns / kGroup);
  }
};

float LargestMagnitude(const float* rows, const AttentionInput& input) {
  Floats largest = {};
  for (size_t t = 0; t < input.tokens; ++t) {
    for (size_t d = 0; d < input.width; d += kLanes) {
      const Floats v = Load(rows + t * input.stride + d, input.width - d);
      largest = Max(largest, Max(v, -v));
    }
  }
  return Largest(largest);
}

inline float InverseOf(float x) { return x > 0 ? 1.0f / x : 0.0f; }

// kLanes numbers to four lanes of bytes.
inline __m128i Narrow(Ints v) {
  const Bytes narrow = __builtin_convertvector(v, Bytes);
  return reinterpret_cast<__m128i>(narrow);
}

// sum += the four products of every lane, unsigned x signed. The intrinsic would do, but GCC 12
// copies its sums about and stores each of them in every step: half the speed.
inline void AddProducts(__m512i& sum, __m512i bytes, __m512i signed_bytes) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(bytes), "v"(signed_bytes));
}

// Returns what a unit of the bytes is worth, as PackKeys does.
float PackQueries(const AttentionInput& input, const ByteAttention& bytes) {
  const float largest = LargestMagnitude(input.queries, input);
  const Floats inverse = Splat(127.0f * InverseOf(largest));
  for (size_t t = 0; t < input.tokens; ++t) {
    const float* const query = input.queries + t * input.stride;
    for (size_t d = 0; d < input.width; d += kLanes) {
      const Ints byte = ToInts(Round(Load(query + d, input.width - d) * inverse)) + 128;
      _mm_storeu_si128(reinterpret_cast<__m128i*>(bytes.queries + t * bytes.groups + d / kGroup),
                       Narrow(byte));
    }
  }
  return largest / 127.0f;
}

void StartScores(const ByteAttention& bytes, size_t tokens) {
  const __m512i shift = _mm512_set1_epi32(static_cast<int32_t>(0x80808080u));
  for (size_t t = 0; t < bytes.columns; t += kLanes) {
    __m512i sums = _mm512_setzero_si512();
    for (size_t g = 0; g < bytes.groups; ++g) {
      AddProducts(sums, shift, _mm512_loadu_si512(bytes.keys + g * bytes.columns + t));
    }
    _mm512_storeu_si512(bytes.score_starts + t, _mm512_sub_epi32(_mm512_setzero_si512(), sums));
  }
  // Scores of what lies beyond the last token are so low that their probability is 0.
  for (size_t t = tokens; t < bytes.columns; ++t) bytes.score_starts[t] = -(1 << 30);
}

float PackKeys(const AttentionInput& input, const ByteAttention& bytes) {
  const float largest = LargestMagnitude(input.keys, input);
  const Floats inverse = Splat(127.0f * InverseOf(largest));
  for (size_t t = 0; t < input.tokens; ++t) {
    const float* const key = input.keys + t * input.stride;
    for (size_t d = 0; d < input.width; d += kLanes) {
      alignas(16) int32_t lanes[kLanes / kGroup];
      _mm_store_si128(reinterpret_cast<__m128i*>(lanes),
                      Narrow(ToInts(Round(Load(key + d, input.width - d) * inverse))));
      for (size_t g = 0; g < kLanes / kGroup; ++g) {
        bytes.keys[(d / kGroup + g) * bytes.columns + t] = lanes[g];
      }
    }
  }
  for (size_t g = 0; g < bytes.groups; ++g) {
    for (size_t t = input.tokens; t < bytes.columns; ++t) bytes.keys[g * bytes.columns + t] = 0;
  }
  StartScores(bytes, input.tokens);
  return largest / 127.0f;
}

// From scores to exponents of 2; large enough for the scores beyond the last token.
inline float FactorOf(float query_unit, float key_unit, size_t width) {
  constexpr float kLog2E = 1.44269504f;
  const float factor = query_unit * key_unit / std::sqrt(static_cast<float>(width)) * kLog2E;
  return factor > 1e-7f ? factor : 1e-7f;
}

// Four tokens' numbers of a column side by side in a lane.
void PackValues(const AttentionInput& input, const ByteAttention& bytes) {
  for (size_t d = 0; d < input.width; d += kLanes) {
    const size_t count = input.width - d;
    Floats largest = {};
    for (size_t t = 0; t < input.tokens; ++t) {
      const Floats v = Load(input.values + t * input.stride + d, count);
      largest = Max(largest, Max(v, -v));
    }
    Store(bytes.value_scales + d, largest * Splat(1.0f / 127.0f));
    const Floats inverse = Splat(127.0f) / Max(largest, Splat(1e-30f));
    for (size_t t = 0; t < bytes.columns; t += kGroup) {
      Ints lanes = {};
      for (size_t i = 0; i < kGroup && t + i < input.tokens; ++i) {
        const Floats v = Load(input.values + (t + i) * input.stride + d, count);
        lanes |= (ToInts(Round(v * inverse)) & 255) << static_cast<int>(8 * i);
      }
      std::memcpy(bytes.values + t / kGroup * bytes.width + d, &lanes, sizeof lanes);
    }
  }
}

// Loops over sums are unrolled in full: they are registers only where every index is a constant.

// sums[kBlockRows, kVectors x kLanes] += rows (unsigned) x matrix (signed), by lanes of four.
template <size_t kVectors>
inline void AddByteProducts(const int32_t* const* rows, size_t inner, const int32_t* matrix,
                            size_t stride, __m512i (&sums)[kBlockRows][kVectors]) {
  for (size_t k = 0; k < inner; ++k) {
    __m512i column[kVectors];
#pragma GCC unroll 6
    for (size_t v = 0; v < kVectors; ++v) {
      column[v] = _mm512_loadu_si512(matrix + k * stride + v * kLanes);
    }
#pragma GCC unroll 6
    for (size_t r = 0; r < kBlockRows; ++r) {
      const __m512i element = _mm512_set1_epi32(rows[r][k]);
#pragma GCC unroll 6
      for (size_t v = 0; v < kVectors; ++v) AddProducts(sums[r][v], element, column[v]);
    }
  }
}

// Scores of kVectors x kLanes columns, and the largest so far of each row.
template <size_t kVectors>
inline void ScoreColumns(const ByteAttention& bytes, const int32_t* const* queries, size_t column,
                         __m512i* largest) {
  __m512i sums[kBlockRows][kVectors];
#pragma GCC unroll 6
  for (size_t r = 0; r < kBlockRows; ++r) {
#pragma GCC unroll 6
    for (size_t v = 0; v < kVectors; ++v) {
      sums[r][v] = _mm512_loadu_si512(bytes.score_starts + column + v * kLanes);
    }
  }
  AddByteProducts<kVectors>(queries, bytes.groups, bytes.keys + column, bytes.columns, sums);
#pragma GCC unroll 6
  for (size_t r = 0; r < kBlockRows; ++r) {
#pragma GCC unroll 6
    for (size_t v = 0; v < kVectors; ++v) {
      largest[r] = _mm512_maskz_max_epi32(0xffff, largest[r], sums[r][v]);
      _mm512_storeu_si512(bytes.scores + r * bytes.columns + column + v * kLanes, sums[r][v]);
    }
  }
}

// 2^x to the nearest whole number, for x in [-100, 8]; 2^r by a polynomial with 7e-5 relative
// error.
inline Ints RoundedPower(Floats x) {
  const Floats k = Round(x);
  const Floats r = x - k;
  Floats p = Splat(0.05517162f);
  p = Fma(p, r, Splat(0.24261112f));
  p = Fma(p, r, Splat(0.69326099f));
  p = Fma(p, r, Splat(0.99992807f));
  const __m512 power = _mm512_maskz_scalef_ps(0xffff, p, k);
  return reinterpret_cast<Ints>(_mm512_maskz_cvtps_epi32(0xffff, power));
}

// The row's scores to bytes; returns 1 / their sum.
inline float BytesOfScores(const ByteAttention& bytes, size_t row, __m512i largest) {
  constexpr float kLog2Of255 = 7.99435344f;
  const float maximum = Largest(ToFloats(reinterpret_cast<Ints>(largest)));
  const Floats factor = Splat(bytes.factor);
  const Floats shift = Splat(kLog2Of255 - maximum * bytes.factor);
  const int32_t* const scores = bytes.scores + row * bytes.columns;
  int32_t* const out = bytes.probabilities + row * bytes.columns / kGroup;
  Ints sum = {};
  for (size_t t = 0; t < bytes.columns; t += kLanes) {
    const Floats x = Fma(ToFloats(LoadInts(scores + t, kLanes)), factor, shift);
    const Ints byte = RoundedPower(Max(x, Splat(-100.0f)));
    sum += byte;
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + t / kGroup), Narrow(byte));
  }
  return 1.0f / static_cast<float>(Sum(sum));
}

// kVectors x kLanes columns, `count` of them wanted, of the first `rows` rows.
template <size_t kVectors>
inline void MixColumns(const ByteAttention& bytes, size_t column, const float* inverse, size_t rows,
                       size_t count, float* out, size_t out_stride) {
  __m512i sums[kBlockRows][kVectors] = {};
  const size_t groups = bytes.columns / kGroup;
  const int32_t* probabilities[kBlockRows];
  for (size_t r = 0; r < kBlockRows; ++r) probabilities[r] = bytes.probabilities + r * groups;
  AddByteProducts<kVectors>(probabilities, groups, bytes.values + column, bytes.width, sums);
#pragma GCC unroll 6
  for (size_t r = 0; r < kBlockRows; ++r) {
    if (r >= rows) break;
#pragma GCC unroll 6
    for (size_t v = 0; v < kVectors; ++v) {
      const Floats scale = Load(bytes.value_scales + column + v * kLanes) * Splat(inverse[r]);
      Store(out + r * out_stride + v * kLanes, ToFloats(reinterpret_cast<Ints>(sums[r][v])) * scale,
            count - v * kLanes);
    }
  }
}

void AttendInt8(const AttentionInput& input, float* scratch, float* out, size_t out_stride) {
  ByteAttention bytes(input, scratch);
  const float query_unit = PackQueries(input, bytes);
  bytes.factor = FactorOf(query_unit, PackKeys(input, bytes), input.width);
  PackValues(input, bytes);
  for (size_t begin = 0; begin < input.tokens; begin += kBlockRows) {
    const size_t rows = Least(kBlockRows, input.tokens - begin);
    const int32_t* queries[kBlockRows];
    __m512i largest[kBlockRows];
    for (size_t r = 0; r < kBlockRows; ++r) {
      // Rows beyond the last repeat it, and are not written.
      queries[r] = bytes.queries + Least(begin + r, input.tokens - 1) * bytes.groups;
      largest[r] = _mm512_set1_epi32(-(1 << 30));
    }
    size_t column = 0;
    for (; column + 4 * kLanes <= bytes.columns; column += 4 * kLanes) {
      ScoreColumns<4>(bytes, queries, column, largest);
    }
    for (; column < bytes.columns; column += kLanes) {
      ScoreColumns<1>(bytes, queries, column, largest);
    }
    float inverse[kBlockRows] = {};
    for (size_t r = 0; r < rows; ++r) inverse[r] = BytesOfScores(bytes, r, largest[r]);
    float* const rows_out = out + begin * out_stride;
    for (column = 0; column + 2 * kLanes <= bytes.width; column += 2 * kLanes) {
      MixColumns<2>(bytes, column, inverse, rows, input.width - column, rows_out + column,
                    out_stride);
    }
    if (column < bytes.width) {
      MixColumns<1>(bytes, column, inverse, rows, input.width - column, rows_out + column,
                    out_stride);
    }
  }
}

}  // namespace
}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_KERNELS_ATTENTION_INT8_H_
