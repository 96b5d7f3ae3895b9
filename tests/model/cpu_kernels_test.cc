#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "model/cpu/kernels.h"
#include "tests/model/kernels_fixture.h"

namespace foraker::model {
namespace {

class KernelsTest : public KernelsFixture {};

double Gelu(double x) { return x * 0.5 * std::erfc(-x / std::sqrt(2.0)); }

double GeluTanh(double x) {
  return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
}

TEST_P(KernelsTest, SumsAndProductsAreThoseOfPlainLoops) {
  for (const size_t n : kLengths) {
    const Row a = Random(n, 2);
    const Row b = Random(n, 2);
    Row sum = a;
    kernels().add(b.data(), n, sum.data());
    Row product = a;
    kernels().multiply(b.data(), n, product.data());
    for (size_t i = 0; i < n; ++i) {
      ASSERT_EQ(sum[i], a[i] + b[i]);
      ASSERT_EQ(product[i], a[i] * b[i]);
    }
  }
}

TEST_P(KernelsTest, LayerNormIsThatOfDoublePrecision) {
  for (const size_t n : kLengths) {
    const Row x = Random(n, 3);
    const Row gamma = Random(n, 1);
    const Row beta = Random(n, 1);
    double mean = 0;
    for (const float v : x) mean += v / static_cast<double>(n);
    double variance = 0;
    for (const float v : x) variance += (v - mean) * (v - mean) / static_cast<double>(n);
    Row y = x;
    kernels().layer_norm(gamma.data(), beta.data(), 1e-6f, n, y.data());
    for (size_t i = 0; i < n; ++i) {
      const double expected = (x[i] - mean) / std::sqrt(variance + 1e-6) * gamma[i] + beta[i];
      ASSERT_NEAR(y[i], expected, 1e-5 * (1 + std::abs(expected))) << n << " " << i;
    }
  }
}

TEST_P(KernelsTest, ActivationsAreThoseOfDoublePrecision) {
  Row x;
  for (float v = -30; v <= 30; v += 0.0037f) x.push_back(v);
  for (const float v : {-1e4f, -100.0f, 0.0f, 100.0f, 1e4f}) x.push_back(v);
  const auto check = [&](auto kernel, auto exact, double tolerance, const char* name) {
    Row y = x;
    kernel(y.size(), y.data());
    for (size_t i = 0; i < x.size(); ++i) {
      const double expected = exact(static_cast<double>(x[i]));
      ASSERT_NEAR(y[i], expected, tolerance * std::max(1.0, double{std::abs(x[i])}))
          << name << " " << x[i];
    }
  };
  check(kernels().gelu, Gelu, 1e-6, "gelu");
  check(kernels().gelu_int8, Gelu, 3e-4, "gelu_int8");
  check(kernels().gelu_tanh, GeluTanh, 1e-6, "gelu_tanh");
  check(
      kernels().relu, [](double v) { return std::max(v, 0.0); }, 0, "relu");
  check(
      kernels().silu, [](double v) { return v / (1 + std::exp(-v)); }, 1e-6, "silu");
}

TEST_P(KernelsTest, AQuantisedRowIsHalfAStepOffAtMostAndZeroStaysZero) {
  for (const size_t n : kLengths) {
    Row x = Random(n, 2);
    x[n / 2] = 0;
    std::vector<uint8_t> bytes(n);
    const RowScale row = kernels().quantise(x.data(), n, bytes.data());
    for (size_t i = 0; i < n; ++i) {
      const float value = row.scale * (static_cast<float>(bytes[i]) - row.zero);
      ASSERT_NEAR(value, x[i], row.scale * 1.01f) << n;
      if (x[i] == 0) {
        ASSERT_EQ(value, 0);
      }
    }
  }
  const Row zeros(20, 0.0f);
  std::vector<uint8_t> bytes(20);
  const RowScale row = kernels().quantise(zeros.data(), 20, bytes.data());
  for (const uint8_t byte : bytes) EXPECT_EQ(row.scale * (static_cast<float>(byte) - row.zero), 0);
}

TEST_P(KernelsTest, DequantisedSumsAreThoseOfTheFormula) {
  for (const size_t n : kLengths) {
    std::vector<int32_t> sums(n);
    for (int32_t& sum : sums) sum = static_cast<int32_t>(random_() % 4'000'000) - 2'000'000;
    const Row scale = Random(n, 0.01f);
    const Row column_sum = Random(n, 1000);
    const Row bias = Random(n, 1);
    const RowScale row = {0.02f, 131};
    Row y(n);
    kernels().dequantise(sums.data(), {scale.data(), column_sum.data(), bias.data()}, row, n,
                         y.data());
    for (size_t i = 0; i < n; ++i) {
      const double units = sums[i] - 131.0 * column_sum[i];
      const double expected = double{row.scale} * scale[i] * units + bias[i];
      ASSERT_NEAR(y[i], expected, 1e-5 * (1 + std::abs(sums[i] * 0.02 * scale[i]))) << n;
    }
  }
}

// softmax(q k / sqrt(width)) v in double.
std::vector<double> Attention(const AttentionInput& in) {
  std::vector<double> out(in.tokens * in.width, 0.0);
  for (size_t i = 0; i < in.tokens; ++i) {
    std::vector<double> p(in.tokens, 0.0);
    for (size_t j = 0; j < in.tokens; ++j) {
      for (size_t d = 0; d < in.width; ++d) {
        p[j] += double{in.queries[i * in.stride + d]} * double{in.keys[j * in.stride + d]};
      }
      p[j] /= std::sqrt(static_cast<double>(in.width));
    }
    const double largest = *std::max_element(p.begin(), p.end());
    double sum = 0;
    for (double& v : p) sum += v = std::exp(v - largest);
    for (size_t j = 0; j < in.tokens; ++j) {
      for (size_t d = 0; d < in.width; ++d) {
        out[i * in.width + d] += p[j] / sum * in.values[j * in.stride + d];
      }
    }
  }
  return out;
}

TEST_P(KernelsTest, AttentionIsThatOfDoublePrecisionForEveryShape) {
  for (const size_t tokens : {1, 2, 5, 6, 7, 16, 33, 64, 65, 150, 300}) {
    for (const size_t width : {2, 5, 8, 16, 20, 32, 64, 72, 80}) {
      SCOPED_TRACE(testing::Message() << tokens << " tokens, " << width << " wide, seed 17");
      const size_t stride = 3 * width + 1;
      const Row rows = Random(tokens * stride, 1.5f);
      const AttentionInput in = {.queries = rows.data(),
                                 .keys = rows.data() + width,
                                 .values = rows.data() + 2 * width,
                                 .stride = stride,
                                 .tokens = tokens,
                                 .width = width};
      const std::vector<double> expected = Attention(in);
      // One float more than asked for: nothing may be written beyond.
      Row scratch(AttentionScratch(tokens, width) + 1, 123.0f);
      for (const bool int8 : {false, true}) {
        Row out(tokens * (width + 2), 7.0f);
        const auto attend = int8 ? kernels().attend_int8 : kernels().attend;
        attend(in, scratch.data(), out.data(), width + 2);
        ASSERT_EQ(scratch.back(), 123.0f);
        double squares = 0;
        for (size_t i = 0; i < tokens; ++i) {
          for (size_t d = 0; d < width; ++d) {
            const double error = out[i * (width + 2) + d] - expected[i * width + d];
            squares += error * error;
            ASSERT_LT(std::abs(error), int8 ? 0.25 : 1e-5) << i << " " << d;
          }
          ASSERT_EQ(out[i * (width + 2) + width], 7.0f);
        }
        const double mean_square = squares / static_cast<double>(tokens * width);
        EXPECT_LT(std::sqrt(mean_square), int8 ? 0.03 : 1e-6);
      }
    }
  }
}

TEST_P(KernelsTest, AttentionOverOneValueIsThatValueWhateverTheScores) {
  constexpr size_t kTokens = 70;
  constexpr size_t kWidth = 32;
  for (const float spread : {0.0f, 1.0f, 30.0f}) {
    Row rows = Random(kTokens * 3 * kWidth, spread);
    for (size_t t = 0; t < kTokens; ++t) {
      std::fill_n(rows.begin() + static_cast<ptrdiff_t>((t * 3 + 2) * kWidth), kWidth, -0.75f);
    }
    Row scratch(AttentionScratch(kTokens, kWidth));
    Row out(kTokens * kWidth);
    for (const auto attend : {kernels().attend, kernels().attend_int8}) {
      attend({rows.data(), rows.data() + kWidth, rows.data() + 2 * kWidth, 3 * kWidth, kTokens,
              kWidth},
             scratch.data(), out.data(), kWidth);
      for (const float x : out) ASSERT_NEAR(x, -0.75f, 1e-5) << "spread " << spread;
    }
  }
}

TEST_P(KernelsTest, MaximaComeFromTheFirstOfTheLargestRows) {
  for (const size_t n : kLengths) {
    const size_t stride = n + 3;
    const size_t count = 1 + random_() % 20;
    Row rows(count * stride);
    for (float& x : rows) x = static_cast<float>(random_() % 7);  // ties
    Row best(n, 2.0f);
    std::vector<uint32_t> source(n, 99);
    kernels().row_maxima(rows.data(), stride, count, n, 40, best.data(), source.data());
    Row without_source(n, 2.0f);
    kernels().row_maxima(rows.data(), stride, count, n, 40, without_source.data(), nullptr);
    EXPECT_EQ(best, without_source);
    for (size_t j = 0; j < n; ++j) {
      float largest = 2;
      uint32_t where = 99;
      for (size_t r = 0; r < count; ++r) {
        if (rows[r * stride + j] <= largest) continue;
        largest = rows[r * stride + j];
        where = static_cast<uint32_t>(40 + r);
      }
      ASSERT_EQ(best[j], largest);
      ASSERT_EQ(source[j], where);
    }
  }
}

TEST_P(KernelsTest, ScaledMaximaAreThoseOfTheRowsNumbersNotOfTheirSums) {
  for (const size_t n : kLengths) {
    const size_t count = 1 + random_() % 20;
    std::vector<int32_t> rows(count * n);
    for (int32_t& sum : rows) sum = static_cast<int32_t>(random_() % 2000) - 1000;
    std::vector<RowScale> scales(count);
    for (RowScale& scale : scales) {
      scale = {static_cast<float>(1 + random_() % 64) / 64, static_cast<float>(random_() % 256)};
    }
    Row column_sums(n);
    for (float& sum : column_sums) sum = static_cast<float>(random_() % 50) - 25;
    Row best(n, -1e30f);
    std::vector<uint32_t> source(n, 99);
    kernels().scaled_row_maxima(rows.data(), n, scales.data(), count, column_sums.data(), n, 5,
                                best.data(), source.data());
    for (size_t j = 0; j < n; ++j) {
      // Exact in float: small whole numbers and a power of two.
      const auto value = [&](size_t r) {
        return scales[r].scale *
               (static_cast<float>(rows[r * n + j]) - scales[r].zero * column_sums[j]);
      };
      size_t where = 0;
      for (size_t r = 1; r < count; ++r) {
        if (value(r) > value(where)) where = r;
      }
      ASSERT_EQ(best[j], value(where));
      ASSERT_EQ(source[j], 5 + where);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Variants, KernelsTest,
                         testing::ValuesIn(RunnableKernels().begin(), RunnableKernels().end()),
                         VariantName);

}  // namespace
}  // namespace foraker::model
