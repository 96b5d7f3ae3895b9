// Eight lanes with fused multiply-add.

#include "model/cpu/kernels_variants.h"

#if defined(__x86_64__) && defined(__GNUC__)
// Outside of the target region: what other files may share must not be compiled for it.
#include <immintrin.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#define FORAKER_LANES 8
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
#include "model/cpu/kernels_table.h"
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace foraker::model {

const Kernels* Avx2Kernels() {
  static constexpr Kernels kernels = TableOfVariant("avx2");
  const bool runs = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return runs ? &kernels : nullptr;
}

}  // namespace foraker::model

#else

namespace foraker::model {
const Kernels* Avx2Kernels() { return nullptr; }
}  // namespace foraker::model

#endif
