// Attention of one head's queries over keys in several places, causal in the last of them, behind
// every variant of kernels.h; see lanes.h for how it is compiled.
//
// kQueryBlock queries stand side by side, one a lane: queries are transposed, and keys and values
// are read where they lie. Scores of a chunk of keys, [keys, queries], then need no sum across
// lanes: their maximum, exponentials and sum go down the columns. A lane's result depends on its
// query alone, wherever it stands.
//
// Chunks are weighed against each other as in "Online normalizer calculation for softmax" (Milakov,
// Gimelshein, 2018), but each relative to its own maximum and added up in double.

#ifndef FORAKER_MODEL_CPU_KERNELS_MASKED_ATTENTION_H_
#define FORAKER_MODEL_CPU_KERNELS_MASKED_ATTENTION_H_

#include <cmath>
#include <cstddef>

#include "model/cpu/kernels.h"
#include "model/cpu/kernels_attention.h"
#include "model/cpu/lanes.h"
#include "model/cpu/masked_attention_scratch.h"

namespace foraker::model {
namespace {

constexpr float kUnseen = -3.0e38f;  // below every score

// Keys whose scores exist at once: at most two runs, kKeyChunk in all.
struct KeyChunk {
  KeyRows runs[2];
  size_t run_count;
  size_t keys;
  // Lane q sees the first seen_by_all + q keys, counted from here: negative in a later chunk.
  ptrdiff_t seen_by_all;
};

// Where a block of queries is worked on.
struct QueryBlock {
  size_t rows;
  size_t columns;  // rows, rounded up to whole vectors
  size_t width;
  float* queries;  // [width, columns], scaled
  float* scores;   // [keys, columns]
  float* maxima;   // [columns] of the chunk
  float* sums;     // [columns] of the chunk
  float* part;     // [rows, width] of the chunk
  double* whole_maxima;
  double* whole_sums;
  double* whole;  // [rows, width]
};

void TransposeQueries(const float* queries, size_t stride, const QueryBlock& block) {
  const float scale = 1.0f / std::sqrt(static_cast<float>(block.width));
  for (size_t d = 0; d < block.width; ++d) {
    float* const column = block.queries + d * block.columns;
    for (size_t r = 0; r < block.rows; ++r) column[r] = queries[r * stride + d] * scale;
    for (size_t r = block.rows; r < block.columns; ++r) column[r] = 0;
  }
}

// Scores of a chunk's keys, where a lane of the vector sees them. Rows beyond the last repeat it.
void ScoreKeys(const KeyChunk& chunk, const QueryBlock& block) {
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
      RowsProduct(rows, block.width, {block.queries + first, block.columns}, block.columns - first,
                  scores + t * block.columns + first, block.columns);
    }
    scores += run.count * block.columns;
    seen_by_all -= static_cast<ptrdiff_t>(run.count);
  }
}

inline Ints LaneNumbers(size_t first) {
  Ints lanes = {};
  for (size_t i = 0; i < kLanes; ++i) lanes[i] = static_cast<int32_t>(first + i);
  return lanes;
}

// Scores to e^(score - maximum), maximum and sum going down each column.
void ExpOfColumns(const KeyChunk& chunk, const QueryBlock& block) {
  for (size_t first = 0; first < block.columns; first += kLanes) {
    const Ints lanes = LaneNumbers(first);
    float* const column = block.scores + first;
    const size_t plain =
        chunk.seen_by_all > 0 ? Least(chunk.keys, static_cast<size_t>(chunk.seen_by_all)) : 0;
    Floats largest = Splat(kUnseen);
    for (size_t t = 0; t < plain; ++t) largest = Max(largest, Load(column + t * block.columns));
    for (size_t t = plain; t < chunk.keys; ++t) {
      float* const scores = column + t * block.columns;
      const Ints begin =
          Ints{} + static_cast<int32_t>(static_cast<ptrdiff_t>(t) + 1 - chunk.seen_by_all);
      const Floats seen = lanes < begin ? Splat(kUnseen) : Load(scores);
      Store(scores, seen);
      largest = Max(largest, seen);
    }
    Floats sum = {};
    for (size_t t = 0; t < plain; ++t) {
      const Floats e = Exp(Load(column + t * block.columns) - largest);
      Store(column + t * block.columns, e);
      sum += e;
    }
    for (size_t t = plain; t < chunk.keys; ++t) {
      float* const scores = column + t * block.columns;
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
// kVectors vectors, the last of which has `lanes` lanes; row r x factors[r] is written where r <
// rows.
template <size_t kVectors>
inline void WeighValues(const KeyChunk& chunk, size_t keys, const float* scores, size_t columns,
                        size_t first, size_t lanes, const float* factors, size_t rows, float* out,
                        size_t out_stride) {
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
    const Floats factor = Splat(factors[r]);
    float* const row = out + r * out_stride + first;
#pragma GCC unroll 6
    for (size_t v = 0; v < kVectors; ++v) {
      if constexpr (kVectors == 1) {
        Store(row, sums[r][v] * factor, lanes);
      } else {
        Store(row + v * kLanes, sums[r][v] * factor);
      }
    }
  }
}

void WeighChunk(const KeyChunk& chunk, const QueryBlock& block, const float* factors, float* out,
                size_t out_stride) {
  for (size_t q = 0; q < block.rows; q += kBlockRows) {
    const float* const scores = block.scores + q;
    const size_t rows = Least(kBlockRows, block.rows - q);
    float* const to = out + q * out_stride;
    // What the last of these queries sees.
    const ptrdiff_t seen = chunk.seen_by_all + static_cast<ptrdiff_t>(q + rows - 1);
    const size_t keys = seen > 0 ? Least(chunk.keys, static_cast<size_t>(seen)) : 0;
    size_t d = 0;
    for (; d + kBlockVectors * kLanes <= block.width; d += kBlockVectors * kLanes) {
      WeighValues<kBlockVectors>(chunk, keys, scores, block.columns, d, kLanes, factors + q, rows,
                                 to, out_stride);
    }
    for (; d < block.width; d += kLanes) {
      WeighValues<1>(chunk, keys, scores, block.columns, d, block.width - d, factors + q, rows, to,
                     out_stride);
    }
  }
}

// A chunk's part joins the whole.
void AddChunk(const KeyChunk& chunk, const QueryBlock& block) {
  float ones[kQueryBlock];
  for (float& one : ones) one = 1;
  ScoreKeys(chunk, block);
  ExpOfColumns(chunk, block);
  WeighChunk(chunk, block, ones, block.part, block.width);
  for (size_t r = 0; r < block.rows; ++r) {
    const double part_maximum = double{block.maxima[r]};
    const double before = block.whole_maxima[r];
    const double maximum = before > part_maximum ? before : part_maximum;
    const double old_factor = std::exp(before - maximum);
    const double new_factor = std::exp(part_maximum - maximum);
    double* const whole = block.whole + r * block.width;
    const float* const part = block.part + r * block.width;
    for (size_t d = 0; d < block.width; ++d) {
      whole[d] = whole[d] * old_factor + double{part[d]} * new_factor;
    }
    block.whole_maxima[r] = maximum;
    block.whole_sums[r] = block.whole_sums[r] * old_factor + double{block.sums[r]} * new_factor;
  }
}

// The keys of a run, kKeyChunk at a time.
void AddRun(const KeyRows& run, ptrdiff_t seen_by_all, const QueryBlock& block) {
  for (size_t t = 0; t < run.count; t += kKeyChunk) {
    const size_t keys = Least(kKeyChunk, run.count - t);
    const KeyRows part = {run.keys + t * run.stride, run.values + t * run.stride, run.stride, keys};
    AddChunk({{part, {}}, 1, keys, seen_by_all - static_cast<ptrdiff_t>(t)}, block);
  }
}

void AttendInChunks(const MaskedAttentionInput& input, const KeyRows& own, ptrdiff_t seen_by_all,
                    const QueryBlock& block, float* out, size_t out_stride) {
  for (size_t r = 0; r < block.rows; ++r) {
    block.whole_maxima[r] = double{kUnseen};
    block.whole_sums[r] = 0;
  }
  for (size_t i = 0; i < block.rows * block.width; ++i) block.whole[i] = 0;
  for (const KeyRows& run : input.before) AddRun(run, static_cast<ptrdiff_t>(run.count), block);
  AddRun(own, seen_by_all, block);
  for (size_t r = 0; r < block.rows; ++r) {
    const double inverse = 1 / block.whole_sums[r];
    for (size_t d = 0; d < block.width; ++d) {
      out[r * out_stride + d] = static_cast<float>(block.whole[r * block.width + d] * inverse);
    }
  }
}

// One run before and the own one, at once.
void AttendAtOnce(const MaskedAttentionInput& input, const KeyRows& own, ptrdiff_t seen_by_all,
                  const QueryBlock& block, float* out, size_t out_stride) {
  KeyChunk chunk = {{own, {}}, 1, own.count, seen_by_all};
  if (!input.before.empty()) {
    const KeyRows& before = input.before[0];
    chunk = {{before, own},
             2,
             before.count + own.count,
             static_cast<ptrdiff_t>(before.count) + seen_by_all};
  }
  ScoreKeys(chunk, block);
  ExpOfColumns(chunk, block);
  for (size_t r = 0; r < block.rows; ++r) block.sums[r] = 1.0f / block.sums[r];
  WeighChunk(chunk, block, block.sums, out, out_stride);
}

void AttendMasked(const MaskedAttentionInput& input, MaskedAttentionScratch& scratch, float* out,
                  size_t out_stride) {
  for (size_t begin = 0; begin < input.rows; begin += kQueryBlock) {
    const size_t rows = Least(kQueryBlock, input.rows - begin);
    float* const floats = scratch.floats.data();
    double* const doubles = scratch.doubles.data();
    float* const maxima = floats + kQueryBlock * input.width;
    float* const scores = maxima + 2 * kQueryBlock;
    const QueryBlock block = {
        .rows = rows,
        .columns = RoundUpToLanes(rows),
        .width = input.width,
        .queries = floats,
        .scores = scores,
        .maxima = maxima,
        .sums = maxima + kQueryBlock,
        .part = scores + (kKeyChunk + kSpareRows) * kQueryBlock,
        .whole_maxima = doubles,
        .whole_sums = doubles + kQueryBlock,
        .whole = doubles + 2 * kQueryBlock,
    };
    TransposeQueries(input.queries + begin * input.stride, input.stride, block);
    const size_t seen_by_all = input.own_seen + begin + 1;
    KeyRows own = input.own;
    own.count = Least(own.count, seen_by_all + rows - 1);
    const size_t before = input.before.empty() ? 0 : input.before[0].count;
    const bool fits = input.before.size() <= 1 && before + own.count <= kKeyChunk;
    const auto attend = fits ? AttendAtOnce : AttendInChunks;
    attend(input, own, static_cast<ptrdiff_t>(seen_by_all), block, out + begin * out_stride,
           out_stride);
  }
}

}  // namespace
}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_KERNELS_MASKED_ATTENTION_H_
