#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "model/cpu/linear.h"

namespace foraker::model {
namespace {

using Row = std::vector<float>;

struct Shape {
  size_t rows;
  size_t in;
  size_t out;
};

constexpr Shape kShapes[] = {{1, 1, 1},      {5, 20, 60},     {16, 32, 48},   {33, 128, 384},
                             {70, 384, 100}, {100, 384, 960}, {47, 1536, 384}};

Row Random(size_t n, float spread, std::mt19937_64& random) {
  std::normal_distribution<float> normal(0, spread);
  Row row(n);
  for (float& x : row) x = normal(random);
  return row;
}

Row Product(const Linear& linear, const Row& x, size_t rows, Precision precision) {
  const OneThread one_thread;
  const Kernels& kernels = BestKernels();
  Activations activations(precision, kernels);
  activations.Resize(rows, linear.in());
  for (size_t r = 0; r < rows; ++r) activations.Store(r, x.data() + r * linear.in());
  LinearScratch scratch;
  Row y(rows * linear.out());
  Multiply(linear, activations, kernels, scratch, y.data());
  return y;
}

class LinearTest : public testing::TestWithParam<Precision> {
 protected:
  void SetUp() override {
    if (!Supports(GetParam())) GTEST_SKIP() << "no VNNI here";
  }
  std::mt19937_64 random_{23};
};

TEST_P(LinearTest, ProductsAreThoseOfPlainLoops) {
  const bool int8 = GetParam() == Precision::kInt8;
  for (const auto& [rows, in, out] : kShapes) {
    SCOPED_TRACE(testing::Message() << rows << " rows, " << in << " to " << out << ", seed 23");
    const Row x = Random(rows * in, 1, random_);
    const Row weight = Random(in * out, 1, random_);
    const Row bias = Random(out, 1, random_);
    const Linear linear(in, out, weight, bias, GetParam());
    const Row y = Product(linear, x, rows, GetParam());
    // Rounding to bytes: a third of a step's square a factor, some 1/100 of it relative.
    const double tolerance = std::sqrt(static_cast<double>(in)) * (int8 ? 0.15 : 5e-6) + 1e-5;
    for (size_t r = 0; r < rows; ++r) {
      for (size_t o = 0; o < out; ++o) {
        double expected = bias[o];
        for (size_t i = 0; i < in; ++i)
          expected += double{x[r * in + i]} * double{weight[o * in + i]};
        ASSERT_NEAR(y[r * out + o], expected, tolerance) << r << " " << o;
      }
    }
  }
}

TEST_P(LinearTest, ARowsBitsDoNotDependOnItsPlaceNorOnTheOthers) {
  for (const auto& [rows, in, out] : kShapes) {
    SCOPED_TRACE(testing::Message() << rows << " rows, " << in << " to " << out << ", seed 23");
    const Row x = Random(rows * in, 1, random_);
    const Row weight = Random(in * out, 1, random_);
    const Linear linear(in, out, weight, {}, GetParam());
    const Row together = Product(linear, x, rows, GetParam());
    for (size_t r = 0; r < rows; ++r) {
      const Row row(x.begin() + static_cast<ptrdiff_t>(r * in),
                    x.begin() + static_cast<ptrdiff_t>((r + 1) * in));
      const Row alone = Product(linear, row, 1, GetParam());
      for (size_t o = 0; o < out; ++o) ASSERT_EQ(alone[o], together[r * out + o]) << r << " " << o;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, LinearTest, testing::Values(Precision::kF32, Precision::kInt8),
                         [](const auto& param) { return std::string(PrecisionName(param.param)); });

}  // namespace
}  // namespace foraker::model
