// Sixteen lanes, and attention in bytes through VNNI.

#include "model/cpu/kernels_variants.h"

#if defined(__x86_64__) && defined(__GNUC__)
// Outside of the target region: what other files may share must not be compiled for it.
#include <immintrin.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#define FORAKER_LANES 16
#define FORAKER_VNNI 1
#if defined(__clang__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")
#endif
#include "model/cpu/kernels_table.h"
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace foraker::model {

const Kernels* Avx512VnniKernels() {
  static constexpr Kernels kernels = TableOfVariant("avx512-vnni");
  const bool runs = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                    __builtin_cpu_supports("avx512vnni");
  return runs ? &kernels : nullptr;
}

}  // namespace foraker::model

#else

namespace foraker::model {
const Kernels* Avx512VnniKernels() { return nullptr; }
}  // namespace foraker::model

#endif
