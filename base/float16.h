// IEEE 754 binary16, the type of every stored weight. Conversion to float is exact; conversion from
// float rounds to nearest, ties to even. Values are passed about as their 16 bits.

#ifndef FORAKER_BASE_FLOAT16_H_
#define FORAKER_BASE_FLOAT16_H_

#include <bit>
#include <cstdint>

namespace foraker::base {

using Float16Bits = uint16_t;

// Weights outside are refused: below, binary16 is subnormal; above, it is infinite.
inline constexpr float kMinWeight = 0x1p-14f;
inline constexpr float kMaxWeight = 65504.0f;

inline float Float16ToFloat(Float16Bits bits) {
  const uint32_t sign = (bits & 0x8000u) << 16;
  const uint32_t exponent = (bits >> 10) & 0x1fu;
  const uint32_t mantissa = bits & 0x3ffu;
  if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000u | (mantissa << 13));
  if (exponent != 0)
    return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (mantissa << 13));
  const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
  return sign ? -magnitude : magnitude;
}

inline Float16Bits FloatToFloat16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<Float16Bits>((bits >> 16) & 0x8000u);
  const uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude >= 0x7f800000u) {  // infinity, NaN
    return static_cast<Float16Bits>(sign | 0x7c00u | (magnitude > 0x7f800000u ? 0x200u : 0u));
  }
  if (magnitude >= 0x477ff000u) return static_cast<Float16Bits>(sign | 0x7c00u);  // rounds to 2^16
  if (magnitude < 0x38800000u) {  // below 2^-14: the addition rounds to a multiple of 2^-24
    const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<Float16Bits>(sign | (std::bit_cast<uint32_t>(shifted) - 0x3f000000u));
  }
  const uint32_t odd = (magnitude >> 13) & 1u;
  return static_cast<Float16Bits>(sign | ((magnitude - 0x38000000u + 0xfffu + odd) >> 13));
}

}  // namespace foraker::base

#endif  // FORAKER_BASE_FLOAT16_H_
