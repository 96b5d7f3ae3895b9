#include "model/cpu/kernels.h"

#include <vector>

#include "model/cpu/kernels_variants.h"
#include "model/cpu/masked_attention_scratch.h"

namespace foraker::model {

size_t AttentionScratch(size_t tokens, size_t width) {
  constexpr size_t kLargestLanes = 16;
  constexpr size_t kLargestRows = 6;
  const auto round_up = [](size_t n) {
    return (n + kLargestLanes - 1) / kLargestLanes * kLargestLanes;
  };
  const size_t columns = round_up(tokens);
  const size_t padded = round_up(width);
  // In float: keys, values, and rows of scores and of sums. In bytes keys and values take a quarter
  // and rows as much, but there are two scales or starts a token and a scale a column beside them.
  return 2 * columns * padded + kLargestRows * (2 * columns + 2 * padded) + 2 * columns + padded;
}

MaskedAttentionScratch::MaskedAttentionScratch(size_t width, size_t heads)
    : floats(MaskedAttentionLayout(width, heads).floats),
      doubles(heads * MaskedAttentionLayout(width, heads).doubles_of_head) {}

std::span<const Kernels* const> RunnableKernels() {
  static const std::vector<const Kernels*> runnable = [] {
    std::vector<const Kernels*> variants = {&BaselineKernels()};
    if (const Kernels* avx2 = Avx2Kernels()) variants.push_back(avx2);
    if (const Kernels* avx512 = Avx512Kernels()) variants.push_back(avx512);
    if (const Kernels* vnni = Avx512VnniKernels()) variants.push_back(vnni);
    if (const Kernels* amx = Avx512AmxKernels()) variants.push_back(amx);
    return variants;
  }();
  return runnable;
}

const Kernels& BestKernels() {
  static const Kernels& best = *RunnableKernels().back();
  return best;
}

}  // namespace foraker::model
