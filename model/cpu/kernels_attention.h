// Attention of one head over one text, behind every variant of kernels.h; see lanes.h for how it is
// compiled.
//
// Both products, queries x keys and probabilities x values, are the same: kBlockRows rows at once,
// each element of a row times a vector row of the other matrix, sums in registers. Keys are
// transposed for that, once a head. Only kBlockRows rows of scores exist at a time.

#ifndef FORAKER_MODEL_CPU_KERNELS_ATTENTION_H_
#define FORAKER_MODEL_CPU_KERNELS_ATTENTION_H_

#include <cmath>
#include <cstddef>

#include "model/cpu/kernels.h"
#include "model/cpu/lanes.h"

namespace foraker::model {
namespace {

// 6 x 4 sums, 4 vectors and one element fill the 32 registers of AVX-512; 4 x 2 the others' 16.
constexpr size_t kBlockRows = kLanes == 16 ? 6 : 4;
constexpr size_t kBlockVectors = kLanes == 16 ? 4 : 2;

struct Operand {
  const float* data;
  size_t stride;
};

// Loops over sums are unrolled in full: they are registers only where every index is a constant.
// out[kBlockRows, kVectors x kLanes] = rows[kBlockRows, inner] x matrix[inner, ...].
template <size_t kVectors>
inline void BlockProduct(const float* const* rows, size_t inner, Operand matrix, float* out,
                         size_t out_stride) {
  Floats sums[kBlockRows][kVectors] = {};
  for (size_t k = 0; k < inner; ++k) {
    Floats column[kVectors];
#pragma GCC unroll 6
    for (size_t v = 0; v < kVectors; ++v) {
      column[v] = Load(matrix.data + k * matrix.stride + v * kLanes);
    }
#pragma GCC unroll 6
    for (size_t r = 0; r < kBlockRows; ++r) {
      const Floats element = Splat(rows[r][k]);
#pragma GCC unroll 6
      for (size_t v = 0; v < kVectors; ++v) sums[r][v] = Fma(element, column[v], sums[r][v]);
    }
  }
#pragma GCC unroll 6
  for (size_t r = 0; r < kBlockRows; ++r) {
#pragma GCC unroll 6
    for (size_t v = 0; v < kVectors; ++v) Store(out + r * out_stride + v * kLanes, sums[r][v]);
  }
}

// `width` is a multiple of kLanes.
void RowsProduct(const float* const* rows, size_t inner, Operand matrix, size_t width, float* out,
                 size_t out_stride) {
  size_t column = 0;
  for (; column + kBlockVectors * kLanes <= width; column += kBlockVectors * kLanes) {
    BlockProduct<kBlockVectors>(rows, inner, {matrix.data + column, matrix.stride}, out + column,
                                out_stride);
  }
  if constexpr (kBlockVectors == 4) {
    if (column + 2 * kLanes <= width) {
      BlockProduct<2>(rows, inner, {matrix.data + column, matrix.stride}, out + column, out_stride);
      column += 2 * kLanes;
    }
  }
  if (column < width) {
    BlockProduct<1>(rows, inner, {matrix.data + column, matrix.stride}, out + column, out_stride);
  }
}

// scores[n] to e^(score - maximum); returns 1 / their sum.
inline float ExpOfScores(size_t n, float* scores) {
  Floats largest = Splat(scores[0]);
  const size_t whole = n / kLanes * kLanes;
  for (size_t i = 0; i < whole; i += kLanes) largest = Max(largest, Load(scores + i));
  float maximum = Largest(largest);
  for (size_t i = whole; i < n; ++i) maximum = scores[i] > maximum ? scores[i] : maximum;
  Floats sum = {};
  for (size_t i = 0; i < whole; i += kLanes) {
    const Floats e = Exp(Load(scores + i) - Splat(maximum));
    Store(scores + i, e);
    sum += e;
  }
  float total = Sum(sum);
  if (whole < n) {
    const Floats e = Exp(Load(scores + whole, n - whole) - Splat(maximum));
    Store(scores + whole, e, n - whole);
    for (size_t i = whole; i < n; ++i) total += scores[i];
  }
  return 1.0f / total;
}

inline size_t RoundUpToLanes(size_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

void Attend(const AttentionInput& input, float* scratch, float* out, size_t out_stride) {
  const size_t tokens = input.tokens;
  const size_t columns = RoundUpToLanes(tokens);
  const size_t width = RoundUpToLanes(input.width);
  float* const keys = scratch;                         // [width, columns], transposed
  float* const values = keys + input.width * columns;  // [tokens, width]
  float* const scores = values + tokens * width;       // [kBlockRows, columns]
  float* const sums = scores + kBlockRows * columns;   // [kBlockRows, width]
  const float scale = 1.0f / std::sqrt(static_cast<float>(input.width));
  for (size_t d = 0; d < input.width; ++d) {
    for (size_t t = 0; t < tokens; ++t) {
      keys[d * columns + t] = input.keys[t * input.stride + d] * scale;
    }
    for (size_t t = tokens; t < columns; ++t) keys[d * columns + t] = 0;
  }
  for (size_t t = 0; t < tokens; ++t) {
    for (size_t d = 0; d < input.width; d += kLanes) {
      Store(values + t * width + d, Load(input.values + t * input.stride + d, input.width - d));
    }
  }
  for (size_t begin = 0; begin < tokens; begin += kBlockRows) {
    // Rows beyond the last repeat it, and are not written.
    const float* queries[kBlockRows];
    const float* probabilities[kBlockRows];
    for (size_t r = 0; r < kBlockRows; ++r) {
      queries[r] = input.queries + Least(begin + r, tokens - 1) * input.stride;
      probabilities[r] = scores + r * columns;
    }
    const size_t rows = Least(kBlockRows, tokens - begin);
    RowsProduct(queries, input.width, {keys, columns}, columns, scores, columns);
    float inverse[kBlockRows];
    for (size_t r = 0; r < rows; ++r) inverse[r] = ExpOfScores(tokens, scores + r * columns);
    RowsProduct(probabilities, tokens, {values, width}, width, sums, width);
    for (size_t r = 0; r < rows; ++r) {
      for (size_t d = 0; d < input.width; d += kLanes) {
        Store(out + (begin + r) * out_stride + d, Load(sums + r * width + d) * Splat(inverse[r]),
              input.width - d);
      }
    }
  }
}

}  // namespace
}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_KERNELS_ATTENTION_H_
