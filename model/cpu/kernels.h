// The models' loops over rows of activations, compiled for several instruction sets; the best one
// that the processor has is chosen once. Variants agree to a few units in the last place
// (tests/model/cpu_kernels_test.cc holds them against plain loops in double); within a variant a
// row's result depends on that row alone.
//
// No alignment is asked of any pointer, no length must be a multiple of anything.

#ifndef FORAKER_MODEL_CPU_KERNELS_H_
#define FORAKER_MODEL_CPU_KERNELS_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "model/cpu/aligned_array.h"

namespace foraker::model {

// value = scale x (byte - zero) for the bytes of one quantised row.
struct RowScale {
  float scale;
  float zero;  // a whole number in [0, 255]
};

// What turns a column of int32 sums over quantised rows and weights back into numbers.
struct ColumnScales {
  const float* scale;  // [n] of the column's weights
  const float* sum;    // [n] of the column's weights, in their int8 units
  const float* bias;   // [n]
};

// A tile of int32 sums over quantised rows and weights.
struct SumTile {
  const int32_t* sums;  // [rows, columns]
  size_t rows;
  size_t columns;
  const float* column_scale;   // [columns] of the weights
  const float* column_sum;     // [columns] of the weights, in their int8 units
  const RowScale* row_scales;  // [rows]
};

// Rows of keys, queries and values of one text side by side.
struct AttentionInput {
  const float* queries;  // [tokens, width], `stride` floats from row to row; likewise
  const float* keys;
  const float* values;
  size_t stride;
  size_t tokens;
  size_t width;  // of the head
};

// Rows of keys and values, [count, width], `stride` floats from row to row.
struct KeyRows {
  const float* keys;
  const float* values;
  size_t stride;
  size_t count;
};

// Queries of heads that share keys, and the keys that they may see: query r sees all of `before`,
// and the first own_seen + r + 1 rows of `own`. Keys are taken in this order.
struct MaskedAttentionInput {
  const float* queries;  // [rows, heads, width], `stride` floats from row to row
  size_t stride;
  size_t rows;
  size_t heads;
  size_t width;  // of a head
  std::span<const KeyRows> before;
  KeyRows own;
  size_t own_seen;
};

struct MaskedAttentionScratch {
  MaskedAttentionScratch(size_t width, size_t heads);
  AlignedArray<float> floats;
  AlignedArray<double> doubles;
};

struct Kernels {
  const char* name;

  // x[n] += y[n].
  void (*add)(const float* y, size_t n, float* x);
  // x[n] *= y[n].
  void (*multiply)(const float* y, size_t n, float* x);

  // x[n] = (x - mean) / sqrt(variance + epsilon) x gamma + beta.
  void (*layer_norm)(const float* gamma, const float* beta, float epsilon, size_t n, float* x);

  // y[n] = x / sqrt(mean of squares + epsilon) x gamma; y may be x.
  void (*rms_norm)(const float* x, const float* gamma, float epsilon, size_t n, float* y);
  // y[n] = silu(gate) x up; y may be one of them.
  void (*silu_multiply)(const float* gate, const float* up, size_t n, float* y);
  // Turns the pairs (x[i], x[i + half]) by the angles of these cosines and sines, [half].
  void (*rotate)(const float* cosines, const float* sines, size_t half, float* x);
  float (*dot)(const float* x, const float* y, size_t n);
  // floats[n] of bfloat16.
  void (*expand_bf16)(const uint16_t* bits, size_t n, float* floats);

  // x[n] = f(x). GELU with erf to 2e-7 absolute (Abramowitz and Stegun, 7.1.26), and its tanh form.
  void (*gelu)(size_t n, float* x);
  // GELU to 3e-4, or 1.2e-4 x |x| where that is more, for rows that are quantised next.
  void (*gelu_int8)(size_t n, float* x);
  void (*gelu_tanh)(size_t n, float* x);
  void (*relu)(size_t n, float* x);
  void (*silu)(size_t n, float* x);

  // bytes[n] of x[n] such that the whole range of x, and 0 exactly, can be told.
  RowScale (*quantise)(const float* x, size_t n, uint8_t* bytes);
  // y[n] = row.scale x columns.scale x (sums - row.zero x columns.sum) + columns.bias.
  void (*dequantise)(const int32_t* sums, const ColumnScales& columns, RowScale row, size_t n,
                     float* y);

  // out[rows, columns] (`out_stride` apart) = the numbers that a tile's sums stand for.
  void (*dequantise_tile)(const SumTile& tile, float* out, size_t out_stride);
  // out += them.
  void (*dequantise_add_tile)(const SumTile& tile, float* out, size_t out_stride);
  // out[rows, columns / 2] = silu(their first half) x their second half.
  void (*dequantise_gate_tile)(const SumTile& tile, float* out, size_t out_stride);

  // Softmax of queries x keys / sqrt(width) over the tokens, times values: out[tokens, width] with
  // `out_stride`. scratch has AttentionScratch(tokens, width) floats.
  void (*attend)(const AttentionInput& input, float* scratch, float* out, size_t out_stride);
  // The same with products of 8-bit integers where the variant has them.
  void (*attend_int8)(const AttentionInput& input, float* scratch, float* out, size_t out_stride);

  // Softmax of queries x keys / sqrt(width) over the keys that a query sees, times values:
  // out[rows, heads, width] with `out_stride`; out may be the queries. Long runs of keys are taken
  // in chunks whose parts are added in double, so that their order hardly matters; memory does not
  // grow with them.
  void (*attend_masked)(const MaskedAttentionInput& input, MaskedAttentionScratch& scratch,
                        float* out, size_t out_stride);
  // The same with operands rounded to bfloat16 where the variant has matrix tiles.
  void (*attend_masked_bf16)(const MaskedAttentionInput& input, MaskedAttentionScratch& scratch,
                             float* out, size_t out_stride);

  // For every column j < n: the maximum of best[j] and of rows[r][j], r < count, and where it is
  // larger than all before, source[j] = first + r. A null source is not written.
  void (*row_maxima)(const float* rows, size_t stride, size_t count, size_t n, uint32_t first,
                     float* best, uint32_t* source);
  // The same over scales[r].scale x (rows[r][j] - scales[r].zero x column_sums[j]).
  void (*scaled_row_maxima)(const int32_t* rows, size_t stride, const RowScale* scales,
                            size_t count, const float* column_sums, size_t n, uint32_t first,
                            float* best, uint32_t* source);
};

// Enough floats for Kernels::attend of every variant.
size_t AttentionScratch(size_t tokens, size_t width);

// The variant for this processor.
const Kernels& BestKernels();

// All variants that this processor can run, the plainest first.
std::span<const Kernels* const> RunnableKernels();

}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_KERNELS_H_
