// Private to the kernels' files: sizes of what Kernels::attend_masked works in, the same for every
// variant.

#ifndef FORAKER_MODEL_CPU_MASKED_ATTENTION_SCRATCH_H_
#define FORAKER_MODEL_CPU_MASKED_ATTENTION_SCRATCH_H_

#include <cstddef>

namespace foraker::model {

inline constexpr size_t kQueryBlock = 64;  // queries side by side
inline constexpr size_t kKeyChunk = 512;   // keys whose scores exist at a time
inline constexpr size_t kSpareRows = 8;    // of keys, since scores are made several rows at once

// A head's width in whole matrix tiles of bfloat16.
constexpr size_t PaddedWidth(size_t width) { return (width + 31) / 32 * 32; }

// Where the parts lie, in floats from the scratch's begin. Each begins a cache line.
struct MaskedAttentionLayout {
  constexpr MaskedAttentionLayout(size_t width, size_t heads)
      : queries_of_head(kQueryBlock * PaddedWidth(width)),
        scores(heads * queries_of_head),
        maxima(scores + (kKeyChunk + kSpareRows) * kQueryBlock),
        sums(maxima + kQueryBlock),
        part(sums + kQueryBlock),
        probabilities(part + kQueryBlock * PaddedWidth(width)),
        keys(probabilities + kQueryBlock * kKeyChunk / 2),
        values(keys + kKeyChunk * PaddedWidth(width) / 2),
        floats(values + kKeyChunk * PaddedWidth(width) / 2),
        doubles_of_head(kQueryBlock * (width + 2)) {}

  size_t queries_of_head;  // [heads] of these from the begin on
  size_t scores;
  size_t maxima;
  size_t sums;
  size_t part;           // a chunk's output
  size_t probabilities;  // bfloat16, as keys and values
  size_t keys;
  size_t values;
  size_t floats;           // of all of it
  size_t doubles_of_head;  // for each query a maximum, a sum, and the output so far
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_MASKED_ATTENTION_SCRATCH_H_
