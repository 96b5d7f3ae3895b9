#include "index/query/kernels.h"

#include <vector>

#include "index/query/kernels_loops.h"
#include "index/query/kernels_variants.h"

namespace foraker::index {

const Kernels kBaselineKernels = {"baseline", AddDense,     AddSparse,   RankWords,
                                  Locate,     CountAtLeast, FindAtLeast, Maximum};

std::span<const Kernels* const> RunnableKernels() {
  static const std::vector<const Kernels*> runnable = [] {
    std::vector<const Kernels*> variants = {&kBaselineKernels};
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

}  // namespace foraker::index
