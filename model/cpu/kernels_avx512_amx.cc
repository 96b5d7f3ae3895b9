// Sixteen lanes, attention in bytes through VNNI and in bfloat16 through AMX.

#include "model/cpu/kernels_variants.h"

#if defined(__x86_64__) && defined(__GNUC__)
// Outside of the target region: what other files may share must not be compiled for it.
#include <cpuid.h>
#include <immintrin.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#define FORAKER_LANES 16
#define FORAKER_VNNI 1
#define FORAKER_AMX 1
#if defined(__clang__)
#pragma clang attribute push(                                                                   \
    __attribute__((                                                                             \
        target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16,amx-tile,amx-bf16"))), \
    apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16,amx-tile,amx-bf16")
#endif
#include "model/cpu/kernels_table.h"
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace foraker::model {
namespace {

// AVX512_BF16: leaf 7, subleaf 1, EAX bit 5. AMX-BF16 and AMX-TILE: leaf 7, EDX bits 22 and 24.
bool HasTiles() {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return false;
  if (((d >> 22) & 1) == 0 || ((d >> 24) & 1) == 0) return false;
  return __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && ((a >> 5) & 1) != 0;
}

// Linux lends the tiles' state to processes that ask for it: arch_prctl(2), ARCH_REQ_XCOMP_PERM of
// feature 18.
bool MayUseTiles() {
#if defined(__linux__)
  constexpr int kRequestPermission = 0x1023;
  constexpr int kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

}  // namespace

const Kernels* Avx512AmxKernels() {
  static constexpr Kernels kernels = TableOfVariant("avx512-amx");
  static const bool runs =
      __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512vnni") && HasTiles() && MayUseTiles();
  return runs ? &kernels : nullptr;
}

}  // namespace foraker::model

#else

namespace foraker::model {
const Kernels* Avx512AmxKernels() { return nullptr; }
}  // namespace foraker::model

#endif
