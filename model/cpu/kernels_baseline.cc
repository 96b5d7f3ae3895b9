// Four lanes, for every processor of the build's architecture.

#define FORAKER_LANES 4
#include "model/cpu/kernels_table.h"
#include "model/cpu/kernels_variants.h"

namespace foraker::model {

const Kernels& BaselineKernels() {
  static constexpr Kernels kernels = TableOfVariant("baseline");
  return kernels;
}

}  // namespace foraker::model
