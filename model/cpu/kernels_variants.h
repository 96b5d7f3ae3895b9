// Private to the kernels*.cc files: the variants that this build has. Null where the build's
// architecture or the processor has none.

#ifndef FORAKER_MODEL_CPU_KERNELS_VARIANTS_H_
#define FORAKER_MODEL_CPU_KERNELS_VARIANTS_H_

#include "model/cpu/kernels.h"

namespace foraker::model {

const Kernels& BaselineKernels();
const Kernels* Avx2Kernels();        // needs AVX2 and FMA
const Kernels* Avx512Kernels();      // needs AVX-512 F, BW, DQ and VL
const Kernels* Avx512VnniKernels();  // needs VNNI too
const Kernels* Avx512AmxKernels();   // needs VNNI, BF16, and AMX with BF16

}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_KERNELS_VARIANTS_H_
