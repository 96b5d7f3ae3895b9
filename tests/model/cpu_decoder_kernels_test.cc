// The kernels that decoders use, each variant against plain loops in double.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "model/cpu/kernels.h"

namespace foraker::model {
namespace {

using Row = std::vector<float>;

constexpr size_t kLengths[] = {1, 3, 4, 7, 8, 15, 16, 17, 20, 31, 64, 100, 128, 384, 1536};

class DecoderKernelsTest : public testing::TestWithParam<const Kernels*> {
 protected:
  const Kernels& kernels() const { return *GetParam(); }

  Row Random(size_t n, float spread) {
    std::normal_distribution<float> normal(0, spread);
    Row row(n);
    for (float& x : row) x = normal(random_);
    return row;
  }

  std::mt19937_64 random_{19};
};

TEST_P(DecoderKernelsTest, RmsNormIsThatOfDoublePrecision) {
  for (const size_t n : kLengths) {
    const Row x = Random(n, 3);
    const Row gamma = Random(n, 1);
    double squares = 0;
    for (const float v : x) squares += double{v} * double{v};
    const double inverse = 1 / std::sqrt(squares / static_cast<double>(n) + 1e-6);
    Row y(n + 1, 7.0f);
    kernels().rms_norm(x.data(), gamma.data(), 1e-6f, n, y.data());
    for (size_t i = 0; i < n; ++i) {
      const double expected = x[i] * inverse * double{gamma[i]};
      ASSERT_NEAR(y[i], expected, 1e-6 * std::abs(expected) + 1e-12) << n << " " << i;
    }
    ASSERT_EQ(y[n], 7.0f);
    Row in_place = x;
    kernels().rms_norm(in_place.data(), gamma.data(), 1e-6f, n, in_place.data());
    ASSERT_EQ(in_place, Row(y.begin(), y.end() - 1));
  }
}

TEST_P(DecoderKernelsTest, GatesTurnsAndProductsAreThoseOfDoublePrecision) {
  for (const size_t n : kLengths) {
    const Row x = Random(2 * n, 2);
    const Row y = Random(2 * n, 2);
    Row gate = x;
    kernels().silu_multiply(gate.data(), y.data(), n, gate.data());
    Row turned = x;
    Row cosines(n);
    Row sines(n);
    for (size_t i = 0; i < n; ++i) {
      cosines[i] = std::cos(static_cast<float>(i));
      sines[i] = std::sin(static_cast<float>(i));
    }
    kernels().rotate(cosines.data(), sines.data(), n, turned.data());
    double dot = 0;
    double magnitude = 0;
    for (size_t i = 0; i < n; ++i) {
      const double a = double{x[i]};
      const double b = double{x[n + i]};
      ASSERT_NEAR(gate[i], a / (1 + std::exp(-a)) * y[i], 1e-6 * (1 + std::abs(a * y[i])));
      ASSERT_EQ(gate[n + i], x[n + i]);
      ASSERT_NEAR(turned[i], a * cosines[i] - b * sines[i], 1e-5);
      ASSERT_NEAR(turned[n + i], b * cosines[i] + a * sines[i], 1e-5);
      dot += a * double{y[i]};
      magnitude += std::abs(a * double{y[i]});
    }
    ASSERT_NEAR(kernels().dot(x.data(), y.data(), n), dot, 1e-6 * magnitude);
  }
}

TEST_P(DecoderKernelsTest, BfloatsAreTheUpperHalfOfFloats) {
  std::vector<uint16_t> bits(1 << 16);
  for (size_t i = 0; i < bits.size(); ++i) bits[i] = static_cast<uint16_t>(i);
  Row floats(bits.size());
  kernels().expand_bf16(bits.data(), bits.size(), floats.data());
  for (size_t i = 0; i < bits.size(); ++i) {
    ASSERT_EQ(std::bit_cast<uint32_t>(floats[i]), static_cast<uint32_t>(i << 16));
  }
}

// Queries, and the runs of keys and values that they see, each in memory of its own.
struct AttentionCase {
  size_t rows, width, own_seen;
  std::vector<size_t> before;
};

std::vector<double> Expected(const MaskedAttentionInput& in) {
  std::vector<double> out(in.rows * in.width, 0.0);
  for (size_t r = 0; r < in.rows; ++r) {
    std::vector<const float*> keys;
    std::vector<const float*> values;
    const auto add = [&](const KeyRows& run, size_t count) {
      for (size_t t = 0; t < count; ++t) {
        keys.push_back(run.keys + t * run.stride);
        values.push_back(run.values + t * run.stride);
      }
    };
    for (const KeyRows& run : in.before) add(run, run.count);
    add(in.own, in.own_seen + r + 1);
    std::vector<double> p(keys.size(), 0.0);
    for (size_t j = 0; j < keys.size(); ++j) {
      for (size_t d = 0; d < in.width; ++d) {
        p[j] += double{in.queries[r * in.stride + d]} * double{keys[j][d]};
      }
      p[j] /= std::sqrt(static_cast<double>(in.width));
    }
    double largest = -1e300;
    for (const double v : p) largest = std::max(largest, v);
    double sum = 0;
    for (double& v : p) sum += v = std::exp(v - largest);
    for (size_t j = 0; j < keys.size(); ++j) {
      for (size_t d = 0; d < in.width; ++d) {
        out[r * in.width + d] += p[j] / sum * double{values[j][d]};
      }
    }
  }
  return out;
}

TEST_P(DecoderKernelsTest, MaskedAttentionIsThatOfDoublePrecisionForEveryShape) {
  std::vector<AttentionCase> cases = {
      {150, 64, 0, {90}},         {64, 128, 64, {500, 30}}, {70, 16, 470, {40, 1, 60}},
      {3, 80, 1200, {600, 1030}}, {1, 20, 0, {}},           {60, 64, 0, {85, 90, 90, 7, 90}}};
  for (const size_t rows : {1, 2, 5, 15, 16, 17, 63, 64, 65, 130}) {
    for (const size_t width : {2, 8, 16, 20, 48, 64, 80, 128}) {
      cases.push_back({rows, width, random_() % 3 * 40, {1 + random_() % 90}});
    }
  }
  for (const AttentionCase& c : cases) {
    SCOPED_TRACE(testing::Message() << c.rows << " rows, " << c.width << " wide, " << c.own_seen
                                    << " seen, " << c.before.size() << " runs, seed 19");
    const size_t stride = c.width + 3;
    const Row queries = Random((c.rows - 1) * stride + c.width, 1.5f);
    std::vector<Row> memory;
    const auto run_of = [&](size_t count) -> KeyRows {
      memory.push_back(Random((count - 1) * stride + c.width, 1.5f));
      memory.push_back(Random((count - 1) * stride + c.width, 1.5f));
      return {memory[memory.size() - 2].data(), memory.back().data(), stride, count};
    };
    std::vector<KeyRows> before;
    for (const size_t count : c.before) before.push_back(run_of(count));
    const MaskedAttentionInput in = {.queries = queries.data(),
                                     .stride = stride,
                                     .rows = c.rows,
                                     .width = c.width,
                                     .before = before,
                                     .own = run_of(c.own_seen + c.rows),
                                     .own_seen = c.own_seen};
    const std::vector<double> expected = Expected(in);
    MaskedAttentionScratch scratch(c.width);
    Row out(c.rows * (c.width + 2), 7.0f);
    kernels().attend_masked(in, scratch, out.data(), c.width + 2);
    for (size_t r = 0; r < c.rows; ++r) {
      for (size_t d = 0; d < c.width; ++d) {
        ASSERT_NEAR(out[r * (c.width + 2) + d], expected[r * c.width + d], 1e-5) << r << " " << d;
      }
      ASSERT_EQ(out[r * (c.width + 2) + c.width], 7.0f);
    }
    Row in_place = queries;
    MaskedAttentionInput same = in;
    same.queries = in_place.data();
    kernels().attend_masked(same, scratch, in_place.data(), stride);
    for (size_t r = 0; r < c.rows; ++r) {
      ASSERT_EQ(std::memcmp(&in_place[r * stride], &out[r * (c.width + 2)], c.width * 4), 0) << r;
    }
  }
}

TEST_P(DecoderKernelsTest, AQuerysAttentionHasTheSameBitsWhereverItStands) {
  constexpr size_t kRows = 100;
  constexpr size_t kWidth = 64;
  const Row queries = Random(kRows * kWidth, 1.5f);
  const Row own = Random(kRows * kWidth, 1.5f);
  const Row far = Random(90 * kWidth, 1.5f);
  const std::vector<KeyRows> before = {{far.data(), far.data(), kWidth, 90}};
  const KeyRows keys = {own.data(), own.data(), kWidth, kRows};
  MaskedAttentionScratch scratch(kWidth);
  Row together(kRows * kWidth);
  kernels().attend_masked({queries.data(), kWidth, kRows, kWidth, before, keys, 0}, scratch,
                          together.data(), kWidth);
  for (size_t r = 0; r < kRows; ++r) {
    Row alone(kWidth);
    kernels().attend_masked({queries.data() + r * kWidth, kWidth, 1, kWidth, before, keys, r},
                            scratch, alone.data(), kWidth);
    ASSERT_EQ(std::memcmp(alone.data(), &together[r * kWidth], kWidth * sizeof(float)), 0) << r;
  }
}

INSTANTIATE_TEST_SUITE_P(Variants, DecoderKernelsTest,
                         testing::ValuesIn(RunnableKernels().begin(), RunnableKernels().end()),
                         [](const auto& param) {
                           std::string name = param.param->name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace foraker::model
