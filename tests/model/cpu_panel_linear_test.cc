#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "model/cpu/panel_linear.h"

namespace foraker::model {
namespace {

using Row = std::vector<float>;

struct Shape {
  size_t rows;
  size_t in;
  size_t out;
};

constexpr Shape kShapes[] = {{1, 1, 1},      {5, 20, 60},     {64, 32, 256},
                             {65, 100, 257}, {130, 384, 600}, {200, 700, 90}};

Row Random(size_t n, std::mt19937_64& random) {
  std::normal_distribution<float> normal(0, 1);
  Row row(n);
  for (float& x : row) x = normal(random);
  return row;
}

Row Product(const PanelLinear& linear, const Row& x, size_t rows) {
  const OneThread one_thread;
  const Kernels& kernels = BestKernels();
  Activations activations(linear.precision(), kernels);
  activations.Resize((rows + kPanelRows - 1) / kPanelRows * kPanelRows, linear.in());
  for (size_t r = 0; r < rows; ++r) activations.Store(r, x.data() + r * linear.in());
  PanelScratch scratch;
  Row y(rows * linear.out());
  ForEachTile(linear, activations, rows, kernels, scratch,
              [&](size_t first, size_t count, const PanelRun& run) {
                run.CopyTo(count, y.data() + first * linear.out() + run.first_column(),
                           linear.out());
              });
  return y;
}

class PanelLinearTest : public testing::TestWithParam<WeightFormat> {
 protected:
  void SetUp() override {
    if (GetParam() == WeightFormat::kInt8 && !Supports(Precision::kInt8)) {
      GTEST_SKIP() << "no VNNI here";
    }
  }
  std::mt19937_64 random_{23};
};

TEST_P(PanelLinearTest, ProductsAreThoseOfPlainLoops) {
  for (const auto& [rows, in, out] : kShapes) {
    SCOPED_TRACE(testing::Message() << rows << " rows, " << in << " to " << out << ", seed 23");
    const Row x = Random(rows * in, random_);
    Row weight = Random(in * out, random_);
    const Row y = Product(PanelLinear(in, out, weight, GetParam()), x, rows);
    if (GetParam() == WeightFormat::kBf16) {
      for (float& w : weight) w = std::bit_cast<float>(uint32_t{RoundToBf16(w)} << 16);
    }
    const double step = GetParam() == WeightFormat::kInt8 ? 0.15 : 5e-6;
    const double tolerance = std::sqrt(static_cast<double>(in)) * step + 1e-5;
    for (size_t r = 0; r < rows; ++r) {
      for (size_t o = 0; o < out; ++o) {
        double expected = 0;
        for (size_t i = 0; i < in; ++i) {
          expected += double{x[r * in + i]} * double{weight[o * in + i]};
        }
        ASSERT_NEAR(y[r * out + o], expected, tolerance) << r << " " << o;
      }
    }
  }
}

TEST_P(PanelLinearTest, ARowsBitsDoNotDependOnItsPlaceNorOnTheOthers) {
  for (const auto& [rows, in, out] : kShapes) {
    SCOPED_TRACE(testing::Message() << rows << " rows, " << in << " to " << out << ", seed 23");
    const Row x = Random(rows * in, random_);
    const PanelLinear linear(in, out, Random(in * out, random_), GetParam());
    const Row together = Product(linear, x, rows);
    for (size_t r = 0; r < rows; ++r) {
      const Row row(x.begin() + static_cast<ptrdiff_t>(r * in),
                    x.begin() + static_cast<ptrdiff_t>((r + 1) * in));
      const Row alone = Product(linear, row, 1);
      for (size_t o = 0; o < out; ++o) ASSERT_EQ(alone[o], together[r * out + o]) << r << " " << o;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, PanelLinearTest,
                         testing::Values(WeightFormat::kF32, WeightFormat::kBf16,
                                         WeightFormat::kInt8),
                         [](const auto& param) {
                           if (param.param == WeightFormat::kF32) return std::string("f32");
                           return std::string(param.param == WeightFormat::kBf16 ? "bf16" : "int8");
                         });

TEST(RoundToBf16Test, RoundsToTheNearestAndTiesToEven) {
  EXPECT_EQ(RoundToBf16(1.0f), 0x3f80);
  EXPECT_EQ(RoundToBf16(std::bit_cast<float>(0x3f808000u)), 0x3f80);
  EXPECT_EQ(RoundToBf16(std::bit_cast<float>(0x3f818000u)), 0x3f82);
  EXPECT_EQ(RoundToBf16(std::bit_cast<float>(0x3f808001u)), 0x3f81);
  EXPECT_EQ(RoundToBf16(-0.0f), 0x8000);
  EXPECT_TRUE(std::isnan(
      std::bit_cast<float>(uint32_t{RoundToBf16(std::bit_cast<float>(0x7f800001u))} << 16)));
}

}  // namespace
}  // namespace foraker::model
