// Attention over keys in several places, causal in the last of them, behind every variant of
// kernels.h: which keys are taken at a time, and how their parts come together. The arithmetic is
// that of kernels_masked_f32.h or kernels_masked_amx.h; see lanes.h for how all is compiled.
//
// Chunks are weighed against each other as in "Online normalizer calculation for softmax" (Milakov,
// Gimelshein, 2018), but each relative to its own maximum and added up in double.

#ifndef FORAKER_MODEL_CPU_KERNELS_MASKED_ATTENTION_H_
#define FORAKER_MODEL_CPU_KERNELS_MASKED_ATTENTION_H_

#include <cmath>
#include <cstddef>

#include "model/cpu/kernels.h"
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
  // Query q sees the first seen_by_all + q keys, counted from here: negative in a later chunk.
  ptrdiff_t seen_by_all;

  // How many keys query q sees.
  size_t Seen(size_t q) const {
    const ptrdiff_t seen = seen_by_all + static_cast<ptrdiff_t>(q);
    return seen > 0 ? Least(keys, static_cast<size_t>(seen)) : 0;
  }
};

// Where a block of queries is worked on.
struct QueryBlock {
  size_t rows;
  size_t width;
  float* scores;
  float* maxima;  // [rows] of the chunk
  float* sums;    // [rows] of the chunk
  float* part;    // [rows, part_stride] of the chunk: sums of e^(score - maximum) x values
  size_t part_stride;
  float* probabilities;
  float* keys;
  float* values;
};

// What the chunks of a head's queries have come to.
struct WholeOutput {
  double* maxima;  // [rows]
  double* sums;    // [rows]
  double* values;  // [rows, width]
};

void ClearWhole(const QueryBlock& block, const WholeOutput& whole) {
  for (size_t r = 0; r < block.rows; ++r) {
    whole.maxima[r] = double{kUnseen};
    whole.sums[r] = 0;
  }
  for (size_t i = 0; i < block.rows * block.width; ++i) whole.values[i] = 0;
}

void AddPart(const QueryBlock& block, const WholeOutput& whole) {
  for (size_t r = 0; r < block.rows; ++r) {
    const double part_maximum = double{block.maxima[r]};
    const double before = whole.maxima[r];
    const double maximum = before > part_maximum ? before : part_maximum;
    const double old_factor = std::exp(before - maximum);
    const double new_factor = std::exp(part_maximum - maximum);
    double* const values = whole.values + r * block.width;
    const float* const part = block.part + r * block.part_stride;
    for (size_t d = 0; d < block.width; ++d) {
      values[d] = values[d] * old_factor + double{part[d]} * new_factor;
    }
    whole.maxima[r] = maximum;
    whole.sums[r] = whole.sums[r] * old_factor + double{block.sums[r]} * new_factor;
  }
}

void WriteWhole(const QueryBlock& block, const WholeOutput& whole, float* out, size_t out_stride) {
  for (size_t r = 0; r < block.rows; ++r) {
    const double inverse = 1 / whole.sums[r];
    for (size_t d = 0; d < block.width; ++d) {
      out[r * out_stride + d] = static_cast<float>(whole.values[r * block.width + d] * inverse);
    }
  }
}

void WritePart(const QueryBlock& block, float* out, size_t out_stride) {
  for (size_t r = 0; r < block.rows; ++r) {
    const Floats inverse = Splat(1.0f / block.sums[r]);
    for (size_t d = 0; d < block.width; d += kLanes) {
      const size_t lanes = block.width - d;
      Store(out + r * out_stride + d, Load(block.part + r * block.part_stride + d, lanes) * inverse,
            lanes);
    }
  }
}

// A block of queries of all heads. Arithmetic: TakeQueries, TakeKeys, Attend.
template <typename Arithmetic>
class BlockAttention {
 public:
  BlockAttention(const MaskedAttentionInput& input, size_t begin, MaskedAttentionScratch& scratch,
                 float* out, size_t out_stride)
      : input_(input),
        begin_(begin),
        layout_(input.width, input.heads),
        floats_(scratch.floats.data()),
        doubles_(scratch.doubles.data()),
        block_{.rows = Least(kQueryBlock, input.rows - begin),
               .width = input.width,
               .scores = floats_ + layout_.scores,
               .maxima = floats_ + layout_.maxima,
               .sums = floats_ + layout_.sums,
               .part = floats_ + layout_.part,
               .part_stride = PaddedWidth(input.width),
               .probabilities = floats_ + layout_.probabilities,
               .keys = floats_ + layout_.keys,
               .values = floats_ + layout_.values},
        out_(out + begin * out_stride),
        out_stride_(out_stride) {}

  void Run() {
    for (size_t head = 0; head < input_.heads; ++head) {
      const float* const queries = input_.queries + begin_ * input_.stride + head * input_.width;
      Arithmetic::TakeQueries(queries, input_.stride, block_, QueriesOf(head));
    }
    const size_t seen_by_all = input_.own_seen + begin_ + 1;
    KeyRows own = input_.own;
    own.count = Least(own.count, seen_by_all + block_.rows - 1);
    const size_t before = input_.before.empty() ? 0 : input_.before[0].count;
    if (input_.before.size() <= 1 && before + own.count <= kKeyChunk) {
      AttendAtOnce(own, static_cast<ptrdiff_t>(seen_by_all));
    } else {
      AttendInChunks(own, static_cast<ptrdiff_t>(seen_by_all));
    }
  }

 private:
  float* QueriesOf(size_t head) const { return floats_ + head * layout_.queries_of_head; }
  WholeOutput WholeOf(size_t head) const {
    double* const doubles = doubles_ + head * layout_.doubles_of_head;
    return {doubles, doubles + kQueryBlock, doubles + 2 * kQueryBlock};
  }

  // One run before and the own one.
  void AttendAtOnce(const KeyRows& own, ptrdiff_t seen_by_all) {
    KeyChunk chunk = {{own, {}}, 1, own.count, seen_by_all};
    if (!input_.before.empty()) {
      const KeyRows& before = input_.before[0];
      chunk = {{before, own},
               2,
               before.count + own.count,
               static_cast<ptrdiff_t>(before.count) + seen_by_all};
    }
    Arithmetic::TakeKeys(chunk, block_);
    for (size_t head = 0; head < input_.heads; ++head) {
      Arithmetic::Attend(chunk, QueriesOf(head), block_);
      WritePart(block_, out_ + head * input_.width, out_stride_);
    }
  }

  void AttendInChunks(const KeyRows& own, ptrdiff_t seen_by_all) {
    for (size_t head = 0; head < input_.heads; ++head) ClearWhole(block_, WholeOf(head));
    for (const KeyRows& run : input_.before) AddRun(run, static_cast<ptrdiff_t>(run.count));
    AddRun(own, seen_by_all);
    for (size_t head = 0; head < input_.heads; ++head) {
      WriteWhole(block_, WholeOf(head), out_ + head * input_.width, out_stride_);
    }
  }

  // The keys of a run, kKeyChunk at a time.
  void AddRun(const KeyRows& run, ptrdiff_t seen_by_all) {
    for (size_t t = 0; t < run.count; t += kKeyChunk) {
      const size_t keys = Least(kKeyChunk, run.count - t);
      const KeyRows part = {run.keys + t * run.stride, run.values + t * run.stride, run.stride,
                            keys};
      const KeyChunk chunk = {{part, {}}, 1, keys, seen_by_all - static_cast<ptrdiff_t>(t)};
      Arithmetic::TakeKeys(chunk, block_);
      for (size_t head = 0; head < input_.heads; ++head) {
        Arithmetic::Attend(chunk, QueriesOf(head), block_);
        AddPart(block_, WholeOf(head));
      }
    }
  }

  const MaskedAttentionInput& input_;
  const size_t begin_;
  const MaskedAttentionLayout layout_;
  float* const floats_;
  double* const doubles_;
  const QueryBlock block_;
  float* const out_;
  const size_t out_stride_;
};

template <typename Arithmetic>
void AttendMasked(const MaskedAttentionInput& input, MaskedAttentionScratch& scratch, float* out,
                  size_t out_stride) {
  for (size_t begin = 0; begin < input.rows; begin += kQueryBlock) {
    BlockAttention<Arithmetic>(input, begin, scratch, out, out_stride).Run();
  }
}

}  // namespace
}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_KERNELS_MASKED_ATTENTION_H_
