// Vectors of FORAKER_LANES floats (4, 8 or 16), which the including kernels_*.cc defines before it
// opens its target region. Everything has internal linkage: each variant compiles its own.
//
// Plain operators come from the compilers' vector extension; here is what they lack.

#ifndef FORAKER_MODEL_CPU_LANES_H_
#define FORAKER_MODEL_CPU_LANES_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#if FORAKER_LANES > 4
#include <immintrin.h>
#endif

namespace foraker::model {
namespace {

constexpr size_t kLanes = FORAKER_LANES;
using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));
using Bytes = uint8_t __attribute__((vector_size(kLanes)));
using Ints = int32_t __attribute__((vector_size(kLanes * sizeof(int32_t))));

#if FORAKER_LANES == 16
inline Floats Splat(float x) { return _mm512_set1_ps(x); }
inline Floats Fma(Floats a, Floats b, Floats c) { return _mm512_fmadd_ps(a, b, c); }
// With a full mask, which compiles to the same: GCC 12 takes the plain forms' unused operand for an
// uninitialised variable.
inline Floats Max(Floats a, Floats b) { return _mm512_maskz_max_ps(0xffff, a, b); }
inline Floats Min(Floats a, Floats b) { return _mm512_maskz_min_ps(0xffff, a, b); }
#elif FORAKER_LANES == 8
inline Floats Splat(float x) { return _mm256_set1_ps(x); }
inline Floats Fma(Floats a, Floats b, Floats c) { return _mm256_fmadd_ps(a, b, c); }
inline Floats Max(Floats a, Floats b) { return _mm256_max_ps(a, b); }
inline Floats Min(Floats a, Floats b) { return _mm256_min_ps(a, b); }
#else
inline Floats Splat(float x) { return Floats{x, x, x, x}; }
inline Floats Fma(Floats a, Floats b, Floats c) { return a * b + c; }
inline Floats Max(Floats a, Floats b) { return a > b ? a : b; }
inline Floats Min(Floats a, Floats b) { return a < b ? a : b; }
#endif

inline size_t Least(size_t a, size_t b) { return a < b ? a : b; }

inline Floats Load(const float* p) {
  Floats v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

inline void Store(float* p, Floats v) { std::memcpy(p, &v, sizeof v); }

// The first `count` lanes, the others 0.
inline Floats Load(const float* p, size_t count) {
  if (count >= kLanes) return Load(p);
  Floats v = {};
  std::memcpy(&v, p, count * sizeof(float));
  return v;
}

inline void Store(float* p, Floats v, size_t count) {
  if (count >= kLanes) return Store(p, v);
  std::memcpy(p, &v, count * sizeof(float));
}

inline Ints LoadInts(const int32_t* p, size_t count) {
  Ints v = {};
  if (count >= kLanes) {
    std::memcpy(&v, p, sizeof v);
  } else {
    std::memcpy(&v, p, count * sizeof(int32_t));
  }
  return v;
}

inline Floats ToFloats(Ints v) { return __builtin_convertvector(v, Floats); }
inline Ints ToInts(Floats v) { return __builtin_convertvector(v, Ints); }

// Every lane beside the one kDistance (a power of two) apart.
template <int kDistance, typename Vector>
inline Vector Exchanged(Vector v) {
#if FORAKER_LANES == 16
  return __builtin_shufflevector(v, v, 0 ^ kDistance, 1 ^ kDistance, 2 ^ kDistance, 3 ^ kDistance,
                                 4 ^ kDistance, 5 ^ kDistance, 6 ^ kDistance, 7 ^ kDistance,
                                 8 ^ kDistance, 9 ^ kDistance, 10 ^ kDistance, 11 ^ kDistance,
                                 12 ^ kDistance, 13 ^ kDistance, 14 ^ kDistance, 15 ^ kDistance);
#elif FORAKER_LANES == 8
  return __builtin_shufflevector(v, v, 0 ^ kDistance, 1 ^ kDistance, 2 ^ kDistance, 3 ^ kDistance,
                                 4 ^ kDistance, 5 ^ kDistance, 6 ^ kDistance, 7 ^ kDistance);
#else
  return __builtin_shufflevector(v, v, 0 ^ kDistance, 1 ^ kDistance, 2 ^ kDistance, 3 ^ kDistance);
#endif
}

// Of a vector's lanes, in one order for every call.
template <typename Vector>
inline auto Sum(Vector v) {
  if constexpr (kLanes > 8) v += Exchanged<8>(v);
  if constexpr (kLanes > 4) v += Exchanged<4>(v);
  v += Exchanged<2>(v);
  v += Exchanged<1>(v);
  return v[0];
}

inline float Largest(Floats v) {
  if constexpr (kLanes > 8) v = Max(v, Exchanged<8>(v));
  if constexpr (kLanes > 4) v = Max(v, Exchanged<4>(v));
  v = Max(v, Exchanged<2>(v));
  return Max(v, Exchanged<1>(v))[0];
}

// To the nearest whole number, ties to even, for |x| < 2^22: the sum with 1.5 x 2^23 has no bits
// left for a fraction.
inline Floats Round(Floats x) {
  const Floats shift = Splat(12582912.0f);
  return (x + shift) - shift;
}

// e^x to 2 units in the last place; x is clamped to [-87, 88], where it is a normal number.
// x = k ln 2 + r, |r| <= ln 2 / 2; Taylor's polynomial of degree 7 for e^r.
inline Floats Exp(Floats x) {
  x = Min(Max(x, Splat(-87.0f)), Splat(88.0f));
  const Floats k = Round(x * Splat(1.44269504f));
  Floats r = Fma(k, Splat(-0.693359375f), x);  // ln 2 in two parts: k x the first is exact
  r = Fma(k, Splat(2.12194440e-4f), r);
  Floats p = Splat(1.0f / 5040);
  p = Fma(p, r, Splat(1.0f / 720));
  p = Fma(p, r, Splat(1.0f / 120));
  p = Fma(p, r, Splat(1.0f / 24));
  p = Fma(p, r, Splat(1.0f / 6));
  p = Fma(p, r, Splat(0.5f));
  p = Fma(p, r, Splat(1.0f));
  p = Fma(p, r, Splat(1.0f));
  const Ints exponent = (ToInts(k) + 127) << 23;
  Floats power;
  std::memcpy(&power, &exponent, sizeof power);
  return p * power;
}

}  // namespace
}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_LANES_H_
