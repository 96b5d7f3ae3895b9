#include "model/cpu/precision.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace foraker::model {
namespace {

// Without VNNI oneDNN's int8 products go through 16-bit sums that saturate: other results.
bool HasVnni() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vl")) return true;
  if (!__builtin_cpu_supports("avx2")) return false;
  // AVX-VNNI: leaf 7, subleaf 1, EAX bit 4.
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  return __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && ((a >> 4) & 1) != 0;
#else
  return false;
#endif
}

}  // namespace

std::string_view PrecisionName(Precision precision) {
  return precision == Precision::kInt8 ? "int8" : "f32";
}

bool Supports(Precision precision) {
  static const bool vnni = HasVnni();
  return precision == Precision::kF32 || vnni;
}

}  // namespace foraker::model
