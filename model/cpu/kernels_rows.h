// Loops over one row behind every variant of kernels.h; see lanes.h for how they are compiled.

#ifndef FORAKER_MODEL_CPU_KERNELS_ROWS_H_
#define FORAKER_MODEL_CPU_KERNELS_ROWS_H_

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "model/cpu/kernels.h"
#include "model/cpu/lanes.h"

namespace foraker::model {
namespace {

void Add(const float* y, size_t n, float* x) {
  for (size_t i = 0; i < n; i += kLanes) {
    const size_t count = n - i;
    Store(x + i, Load(x + i, count) + Load(y + i, count), count);
  }
}

void Multiply(const float* y, size_t n, float* x) {
  for (size_t i = 0; i < n; i += kLanes) {
    const size_t count = n - i;
    Store(x + i, Load(x + i, count) * Load(y + i, count), count);
  }
}

void LayerNorm(const float* gamma, const float* beta, float epsilon, size_t n, float* x) {
  Floats sum = {};
  for (size_t i = 0; i < n; i += kLanes) sum += Load(x + i, n - i);
  const float mean = Sum(sum) / static_cast<float>(n);
  const size_t whole = n / kLanes * kLanes;
  Floats squares = {};
  for (size_t i = 0; i < whole; i += kLanes) {
    const Floats d = Load(x + i) - Splat(mean);
    squares = Fma(d, d, squares);
  }
  float square_sum = Sum(squares);
  for (size_t i = whole; i < n; ++i) square_sum += (x[i] - mean) * (x[i] - mean);
  const float inverse = 1.0f / std::sqrt(square_sum / static_cast<float>(n) + epsilon);
  for (size_t i = 0; i < n; i += kLanes) {
    const size_t count = n - i;
    const Floats d = (Load(x + i, count) - Splat(mean)) * Splat(inverse);
    Store(x + i, Fma(d, Load(gamma + i, count), Load(beta + i, count)), count);
  }
}

// Several sums at once: one alone would wait for each addition.
void RmsNorm(const float* x, const float* gamma, float epsilon, size_t n, float* y) {
  constexpr size_t kSums = 4;
  Floats squares[kSums] = {};
  size_t i = 0;
  for (; i + kSums * kLanes <= n; i += kSums * kLanes) {
    for (size_t k = 0; k < kSums; ++k) {
      const Floats v = Load(x + i + k * kLanes);
      squares[k] = Fma(v, v, squares[k]);
    }
  }
  for (; i < n; i += kLanes) {
    const Floats v = Load(x + i, n - i);
    squares[0] = Fma(v, v, squares[0]);
  }
  const float sum = Sum((squares[0] + squares[1]) + (squares[2] + squares[3]));
  const Floats inverse = Splat(1.0f / std::sqrt(sum / static_cast<float>(n) + epsilon));
  const size_t whole = n / kLanes * kLanes;
  for (i = 0; i < whole; i += kLanes) Store(y + i, Load(x + i) * inverse * Load(gamma + i));
  if (whole < n) {
    const size_t rest = n - whole;
    Store(y + whole, Load(x + whole, rest) * inverse * Load(gamma + whole, rest), rest);
  }
}

void Rotate(const float* cosines, const float* sines, size_t half, float* x) {
  for (size_t i = 0; i < half; i += kLanes) {
    const size_t count = half - i;
    const Floats a = Load(x + i, count);
    const Floats b = Load(x + half + i, count);
    const Floats cosine = Load(cosines + i, count);
    const Floats sine = Load(sines + i, count);
    Store(x + i, a * cosine - b * sine, count);
    Store(x + half + i, b * cosine + a * sine, count);
  }
}

float Dot(const float* x, const float* y, size_t n) {
  Floats sum = {};
  for (size_t i = 0; i < n; i += kLanes) sum = Fma(Load(x + i, n - i), Load(y + i, n - i), sum);
  return Sum(sum);
}

void ExpandBf16(const uint16_t* bits, size_t n, float* floats) {
  for (size_t i = 0; i < n; ++i) {
    const uint32_t wide = uint32_t{bits[i]} << 16;
    std::memcpy(floats + i, &wide, sizeof wide);
  }
}

// x Phi(x) = max(x, 0) - |x| erfc(|x| / sqrt 2) / 2, erfc by formula 7.1.26.
inline Floats GeluOf(Floats x) {
  const Floats magnitude = Max(x, -x);
  const Floats z = magnitude * Splat(0.70710678f);
  const Floats t = Splat(1.0f) / Fma(z, Splat(0.3275911f), Splat(1.0f));
  Floats p = Splat(1.061405429f);
  p = Fma(p, t, Splat(-1.453152027f));
  p = Fma(p, t, Splat(1.421413741f));
  p = Fma(p, t, Splat(-0.284496736f));
  p = Fma(p, t, Splat(0.254829592f));
  const Floats erfc = p * t * Exp(-z * z);
  return Fma(magnitude * Splat(-0.5f), erfc, Max(x, Floats{}));
}

// x (1/2 + z Q(z^2)), z = x clamped to [-3.8, 3.8]: a minimax fit of (Phi(z) - 1/2) / z in
// (z / 3.8)^2, weighted by z^2.
inline Floats CoarseGeluOf(Floats x) {
  const Floats z = Min(Max(x, Splat(-3.8f)), Splat(3.8f));
  const Floats u = z * z * Splat(1.0f / (3.8f * 3.8f));
  Floats q = Splat(0.27427143f);
  q = Fma(q, u, Splat(-1.22861826f));
  q = Fma(q, u, Splat(2.37485893f));
  q = Fma(q, u, Splat(-2.63284464f));
  q = Fma(q, u, Splat(1.88615921f));
  q = Fma(q, u, Splat(-0.94051583f));
  q = Fma(q, u, Splat(0.39825665f));
  return x * Fma(z, q, Splat(0.5f));
}

inline Floats SiluOf(Floats x) { return x / (Exp(-x) + Splat(1.0f)); }

void SiluMultiply(const float* gate, const float* up, size_t n, float* y) {
  for (size_t i = 0; i < n; i += kLanes) {
    const size_t count = n - i;
    Store(y + i, SiluOf(Load(gate + i, count)) * Load(up + i, count), count);
  }
}

// x (1 + tanh u) / 2 = x sigmoid(2 u), u = sqrt(2 / pi) (x + .044715 x^3).
inline Floats GeluTanhOf(Floats x) {
  const Floats u = x * Fma(x * x, Splat(0.044715f), Splat(1.0f));
  return x / (Exp(u * Splat(-1.5957691216f)) + Splat(1.0f));
}

inline Floats ReluOf(Floats x) { return Max(x, Floats{}); }

template <Floats (*kFunction)(Floats)>
void Map(size_t n, float* x) {
  for (size_t i = 0; i < n; i += kLanes) {
    const size_t count = n - i;
    Store(x + i, kFunction(Load(x + i, count)), count);
  }
}

inline void StoreBytes(uint8_t* bytes, Ints v, size_t count) {
  const Bytes narrow = __builtin_convertvector(v, Bytes);
  if (count >= kLanes) {
    std::memcpy(bytes, &narrow, sizeof narrow);
  } else {
    std::memcpy(bytes, &narrow, count);
  }
}

RowScale Quantise(const float* x, size_t n, uint8_t* bytes) {
  constexpr size_t kAtOnce = 4;
  Floats low[kAtOnce] = {};
  Floats high[kAtOnce] = {};
  size_t begin = 0;
  for (; begin + kAtOnce * kLanes <= n; begin += kAtOnce * kLanes) {
    for (size_t k = 0; k < kAtOnce; ++k) {
      const Floats v = Load(x + begin + k * kLanes);
      low[k] = Min(low[k], v);
      high[k] = Max(high[k], v);
    }
  }
  for (; begin < n; begin += kLanes) {
    const Floats v = Load(x + begin, n - begin);
    low[0] = Min(low[0], v);
    high[0] = Max(high[0], v);
  }
  const float lowest = -Largest(-Min(Min(low[0], low[1]), Min(low[2], low[3])));
  const float range = Largest(Max(Max(high[0], high[1]), Max(high[2], high[3]))) - lowest;
  const float inverse = range > 0 ? 255.0f / range : 0.0f;
  const float zero = std::nearbyint(-lowest * inverse);
  for (size_t i = 0; i < n; i += kLanes) {
    const size_t count = n - i;
    const Floats byte = Round(Fma(Load(x + i, count), Splat(inverse), Splat(zero)));
    StoreBytes(bytes + i, ToInts(Min(Max(byte, Floats{}), Splat(255.0f))), count);
  }
  return {range / 255.0f, zero};
}

void Dequantise(const int32_t* sums, const ColumnScales& columns, RowScale row, size_t n,
                float* y) {
  const Floats scale = Splat(row.scale);
  const Floats shift = Splat(-row.scale * row.zero);
  for (size_t i = 0; i < n; i += kLanes) {
    const size_t count = n - i;
    const Floats sum = ToFloats(LoadInts(sums + i, count));
    const Floats product = Fma(sum, scale, shift * Load(columns.sum + i, count));
    Store(y + i, Fma(product, Load(columns.scale + i, count), Load(columns.bias + i, count)),
          count);
  }
}

// One vector of columns over `count` rows; `value(r)` gives row r's.
template <bool kWithSource, typename Value>
inline void MaximaOfColumns(const Value& value, size_t count, uint32_t first, size_t lanes,
                            float* best, uint32_t* source) {
  Floats largest = Load(best, lanes);
  Ints where = {};
  if constexpr (kWithSource) where = LoadInts(reinterpret_cast<const int32_t*>(source), lanes);
  Ints row = Ints{} + static_cast<int32_t>(first);
  for (size_t r = 0; r < count; ++r) {
    const Floats v = value(r);
    if constexpr (kWithSource) where = v > largest ? row : where;
    largest = Max(v, largest);
    row += 1;
  }
  Store(best, largest, lanes);
  if constexpr (kWithSource) std::memcpy(source, &where, Least(lanes, kLanes) * sizeof *source);
}

struct PlainRows {
  const float* rows;
  size_t stride;
  size_t lanes;
  Floats operator()(size_t r) const { return Load(rows + r * stride, lanes); }
};

struct ScaledRows {
  const int32_t* rows;
  size_t stride;
  const RowScale* scales;
  Floats column_sums;
  size_t lanes;
  Floats operator()(size_t r) const {
    const Floats shift = Splat(-scales[r].scale * scales[r].zero) * column_sums;
    return Fma(ToFloats(LoadInts(rows + r * stride, lanes)), Splat(scales[r].scale), shift);
  }
};

void RowMaxima(const float* rows, size_t stride, size_t count, size_t n, uint32_t first,
               float* best, uint32_t* source) {
  for (size_t i = 0; i < n; i += kLanes) {
    const PlainRows value = {rows + i, stride, n - i};
    if (source != nullptr) {
      MaximaOfColumns<true>(value, count, first, n - i, best + i, source + i);
    } else {
      MaximaOfColumns<false>(value, count, first, n - i, best + i, nullptr);
    }
  }
}

void ScaledRowMaxima(const int32_t* rows, size_t stride, const RowScale* scales, size_t count,
                     const float* column_sums, size_t n, uint32_t first, float* best,
                     uint32_t* source) {
  for (size_t i = 0; i < n; i += kLanes) {
    const ScaledRows value = {rows + i, stride, scales, Load(column_sums + i, n - i), n - i};
    if (source != nullptr) {
      MaximaOfColumns<true>(value, count, first, n - i, best + i, source + i);
    } else {
      MaximaOfColumns<false>(value, count, first, n - i, best + i, nullptr);
    }
  }
}

}  // namespace
}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_KERNELS_ROWS_H_
