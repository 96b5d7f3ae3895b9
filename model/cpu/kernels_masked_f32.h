// The arithmetic of kernels_masked_attention.h in float.
//
// kQueryBlock queries stand side by side, one a lane: queries are transposed, and keys and values
// are read where they lie. Scores of a chunk of keys, [keys, queries], then need no sum across
// lanes: their maximum, exponentials and sum go down the columns. A lane's result depends on its
// query alone, wherever it stands.

#ifndef FORAKER_MODEL_CPU_KERNELS_MASKED_F32_H_
#define FORAKER_MODEL_CPU_KERNELS_MASKED_F32_H_

#include <cmath>
#include <cstddef>

#include "model/cpu/kernels_attention.h"
#include "model/cpu/kernels_masked_attention.h"
#include "model/cpu/lanes.h"

namespace foraker::model {
namespace {

inline Ints LaneNumbers(size_t first) {
  Ints lanes = {};
  for (size_t i = 0; i < kLanes; ++i) lanes[i] = static_cast<int32_t>(first + i);
  return lanes;
}

// Scores of a chunk's keys, where a lane of the vector sees them. Rows beyond the last repeat it.
void ScoreKeys(const KeyChunk& chunk, const float* queries, const QueryBlock& block,
               size_t columns) {
  float* scores = block.scores;
  ptrdiff_t seen_by_all = chunk.seen_by_all;
  for (size_t i = 0; i < chunk.run_count; ++i) {
    const KeyRows& run = chunk.runs[i];
    for (size_t t = 0; t < run.count; t += kBlockRows) {
      const float* rows[kBlockRows];
      for (size_t r = 0; r < kBlockRows; ++r) {
        rows[r] = run.keys + Least(t + r, run.count - 1) * run.stride;
      }
      const ptrdiff_t unseen = static_cast<ptrdiff_t>(t) + 1 - seen_by_all;
      const size_t first = unseen > 0 ? static_cast<size_t>(unseen) / kLanes * kLanes : 0;
      RowsProduct(rows, block.width, {queries + first, columns}, columns - first,
                  scores + t * columns + first, columns);
    }
    scores += run.count * columns;
    seen_by_all -= static_cast<ptrdiff_t>(run.count);
  }
}

// Scores to e^(score - maximum), maximum and sum going down each column.
void ExpOfColumns(const KeyChunk& chunk, const QueryBlock& block, size_t columns) {
  const size_t plain = chunk.Seen(0);
  for (size_t first = 0; first < columns; first += kLanes) {
    const Ints lanes = LaneNumbers(first);
    float* const column = block.scores + first;
    Floats largest = Splat(kUnseen);
    for (size_t t = 0; t < plain; ++t) largest = Max(largest, Load(column + t * columns));
    for (size_t t = plain; t < chunk.keys; ++t) {
      float* const scores = column + t * columns;
      const Ints begin =
          Ints{} + static_cast<int32_t>(static_cast<ptrdiff_t>(t) + 1 - chunk.seen_by_all);
      const Floats seen = lanes < begin ? Splat(kUnseen) : Load(scores);
      Store(scores, seen);
      largest = Max(largest, seen);
    }
    Floats sum = {};
    for (size_t t = 0; t < plain; ++t) {
      const Floats e = Exp(Load(column + t * columns) - largest);
      Store(column + t * columns, e);
      sum += e;
    }
    for (size_t t = plain; t < chunk.keys; ++t) {
      float* const scores = column + t * columns;
      const Floats score = Load(scores);
      const Floats e = score == Splat(kUnseen) ? Floats{} : Exp(score - largest);
      Store(scores, e);
      sum += e;
    }
    Store(block.maxima + first, largest);
    Store(block.sums + first, sum);
  }
}

// out[r] = the sum over the first `keys` keys of scores[., r] x values, for kBlockRows queries and
// kVectors vectors, the last of which has `lanes` lanes; rows beyond `rows` are not written.
template <size_t kVectors>
inline void WeighValues(const KeyChunk& chunk, size_t keys, const float* scores, size_t columns,
                        size_t first, size_t lanes, size_t rows, float* out, size_t out_stride) {
  Floats sums[kBlockRows][kVectors] = {};
  for (size_t i = 0; i < chunk.run_count; ++i) {
    const float* values = chunk.runs[i].values + first;
    const size_t count = Least(chunk.runs[i].count, keys);
    keys -= count;
    for (size_t t = 0; t < count; ++t) {
      Floats value[kVectors];
#pragma GCC unroll 6
      for (size_t v = 0; v < kVectors; ++v) {
        value[v] = kVectors == 1 ? Load(values, lanes) : Load(values + v * kLanes);
      }
#pragma GCC unroll 6
      for (size_t r = 0; r < kBlockRows; ++r) {
        const Floats score = Splat(scores[r]);
#pragma GCC unroll 6
        for (size_t v = 0; v < kVectors; ++v) sums[r][v] = Fma(score, value[v], sums[r][v]);
      }
      scores += columns;
      values += chunk.runs[i].stride;
    }
  }
#pragma GCC unroll 6
  for (size_t r = 0; r < kBlockRows; ++r) {
    if (r >= rows) continue;
    float* const row = out + r * out_stride + first;
#pragma GCC unroll 6
    for (size_t v = 0; v < kVectors; ++v) {
      if constexpr (kVectors == 1) {
        Store(row, sums[r][v], lanes);
      } else {
        Store(row + v * kLanes, sums[r][v]);
      }
    }
  }
}

void WeighChunk(const KeyChunk& chunk, const QueryBlock& block, size_t columns) {
  for (size_t q = 0; q < block.rows; q += kBlockRows) {
    const float* const scores = block.scores + q;
    const size_t rows = Least(kBlockRows, block.rows - q);
    float* const part = block.part + q * block.part_stride;
    const size_t keys = chunk.Seen(q + rows - 1);
    size_t d = 0;
    for (; d + kBlockVectors * kLanes <= block.width; d += kBlockVectors * kLanes) {
      WeighValues<kBlockVectors>(chunk, keys, scores, columns, d, kLanes, rows, part,
                                 block.part_stride);
    }
    for (; d < block.width; d += kLanes) {
      WeighValues<1>(chunk, keys, scores, columns, d, block.width - d, rows, part,
                     block.part_stride);
    }
  }
}

struct MaskedF32 {
  // To [width, columns], scaled.
  static void TakeQueries(const float* from, size_t stride, const QueryBlock& block,
                          float* queries) {
    const size_t columns = RoundUpToLanes(block.rows);
    const float scale = 1.0f / std::sqrt(static_cast<float>(block.width));
    for (size_t d = 0; d < block.width; ++d) {
      float* const column = queries + d * columns;
      for (size_t r = 0; r < block.rows; ++r) column[r] = from[r * stride + d] * scale;
      for (size_t r = block.rows; r < columns; ++r) column[r] = 0;
    }
  }

  static void TakeKeys(const KeyChunk&, const QueryBlock&) {}

  static void Attend(const KeyChunk& chunk, const float* queries, const QueryBlock& block) {
    const size_t columns = RoundUpToLanes(block.rows);
    ScoreKeys(chunk, queries, block, columns);
    ExpOfColumns(chunk, block, columns);
    WeighChunk(chunk, block, columns);
  }
};

}  // namespace
}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_KERNELS_MASKED_F32_H_
