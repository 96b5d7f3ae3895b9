// The plain loops, vectorised by the compiler for AVX2.

#include <bit>
#include <cstddef>
#include <cstdint>

#include "index/query/kernels.h"
#include "index/query/kernels_variants.h"

#if defined(__x86_64__) && defined(__GNUC__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,popcnt"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,popcnt")
#endif
#include "index/query/kernels_loops.h"
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace foraker::index {

const Kernels* Avx2Kernels() {
  static const Kernels kernels = {"avx2", AddDense,     AddSparse,   RankWords,
                                  Locate, CountAtLeast, FindAtLeast, Maximum};
  const bool runs = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                    __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
  return runs ? &kernels : nullptr;
}

}  // namespace foraker::index

#else

namespace foraker::index {
const Kernels* Avx2Kernels() { return nullptr; }
}  // namespace foraker::index

#endif
