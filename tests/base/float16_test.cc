#include "base/float16.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace foraker::base {
namespace {

// Value of finite bits by the definition of binary16, in double.
double Definition(Float16Bits bits) {
  const int exponent = (bits >> 10) & 0x1f;
  const int mantissa = bits & 0x3ff;
  const double magnitude =
      exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
  return (bits & 0x8000) ? -magnitude : magnitude;
}

TEST(Float16Test, EveryFiniteValueConvertsExactlyAndBack) {
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    if (((bits >> 10) & 0x1f) == 0x1f) continue;
    const auto half = static_cast<Float16Bits>(bits);
    EXPECT_EQ(static_cast<double>(Float16ToFloat(half)), Definition(half)) << bits;
    EXPECT_EQ(FloatToFloat16(Float16ToFloat(half)), half) << bits;
  }
}

TEST(Float16Test, RoundsToTheNearestAndTiesToEven) {
  for (uint32_t bits = 0; bits < 0x7bff; ++bits) {
    const auto low = static_cast<Float16Bits>(bits);
    const auto high = static_cast<Float16Bits>(bits + 1);
    const float middle = static_cast<float>((Definition(low) + Definition(high)) / 2);
    EXPECT_EQ(FloatToFloat16(middle), (bits & 1) ? high : low) << bits;
    EXPECT_EQ(FloatToFloat16(std::nextafter(middle, 0.0f)), low) << bits;
    EXPECT_EQ(FloatToFloat16(std::nextafter(middle, 1e9f)), high) << bits;
  }
}

TEST(Float16Test, LargeValuesBecomeInfiniteAndNanStaysNan) {
  EXPECT_EQ(FloatToFloat16(65504.0f), 0x7bff);
  EXPECT_EQ(FloatToFloat16(65519.996f), 0x7bff);
  EXPECT_EQ(FloatToFloat16(65520.0f), 0x7c00);
  EXPECT_EQ(FloatToFloat16(-std::numeric_limits<float>::infinity()), 0xfc00);
  EXPECT_TRUE(std::isnan(Float16ToFloat(FloatToFloat16(std::nanf("")))));
}

}  // namespace
}  // namespace foraker::base
