#include "model/cpu/kernels.h"

#include <vector>

#include "model/cpu/kernels_variants.h"

namespace foraker::model {

size_t AttentionScratch(size_t tokens, size_t width) {
  constexpr size_t kLargestLanes = 16;
  constexpr size_t kLargestRows = 6;
  const size_t columns = (tokens + kLargestLanes - 1) / kLargestLanes * kLargestLanes;
  const size_t padded = (width + kLargestLanes - 1) / kLargestLanes * kLargestLanes;
  return width * columns + tokens * padded + kLargestRows * (columns + padded);
}

std::span<const Kernels* const> RunnableKernels() {
  static const std::vector<const Kernels*> runnable = [] {
    std::vector<const Kernels*> variants = {&BaselineKernels()};
    if (const Kernels* avx2 = Avx2Kernels()) variants.push_back(avx2);
    if (const Kernels* avx512 = Avx512Kernels()) variants.push_back(avx512);
    return variants;
  }();
  return runnable;
}

const Kernels& BestKernels() {
  static const Kernels& best = *RunnableKernels().back();
  return best;
}

}  // namespace foraker::model
