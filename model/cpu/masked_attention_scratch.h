// Private to the kernels' files: sizes of what Kernels::attend_masked works in, the same for every
// variant.

#ifndef FORAKER_MODEL_CPU_MASKED_ATTENTION_SCRATCH_H_
#define FORAKER_MODEL_CPU_MASKED_ATTENTION_SCRATCH_H_

#include <cstddef>

namespace foraker::model {

inline constexpr size_t kQueryBlock = 64;  // queries side by side
inline constexpr size_t kKeyChunk = 512;   // keys whose scores exist at a time
inline constexpr size_t kSpareRows = 8;    // of keys, since scores are made several rows at once

// Queries, scores, and for each query a maximum and a sum; then a chunk's output.
constexpr size_t MaskedAttentionFloats(size_t width) {
  return kQueryBlock * (2 * width + kKeyChunk + kSpareRows + 2);
}

// For each query a maximum, a sum and the output so far.
constexpr size_t MaskedAttentionDoubles(size_t width) { return kQueryBlock * (width + 2); }

}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_MASKED_ATTENTION_SCRATCH_H_
