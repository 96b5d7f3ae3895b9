// Private to the kernels_*.cc files: the variants that this build has. Null where the build's
// architecture has none.

#ifndef FORAKER_INDEX_QUERY_KERNELS_VARIANTS_H_
#define FORAKER_INDEX_QUERY_KERNELS_VARIANTS_H_

#include "index/query/kernels.h"

namespace foraker::index {

extern const Kernels kBaselineKernels;
const Kernels* Avx2Kernels();    // null unless the processor has AVX2
const Kernels* Avx512Kernels();  // null unless it has AVX-512 BW, VL and VBMI2

}  // namespace foraker::index

#endif  // FORAKER_INDEX_QUERY_KERNELS_VARIANTS_H_
