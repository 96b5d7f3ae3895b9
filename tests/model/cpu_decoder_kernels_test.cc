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
#include "tests/model/kernels_fixture.h"

namespace foraker::model {
namespace {

class DecoderKernelsTest : public KernelsFixture {};

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

TEST_P(DecoderKernelsTest, TilesOfSumsAreThoseOfDoublePrecision) {
  for (const size_t columns : {2, 6, 16, 34, 100, 128}) {
    for (const size_t rows : {1, 3, 4, 5, 64}) {
      std::vector<int32_t> sums(rows * columns);
      for (int32_t& sum : sums) sum = static_cast<int32_t>(random_() % 200001) - 100000;
      const Row column_scale = Random(columns, 0.01f);
      Row column_sum = Random(columns, 100);
      for (float& sum : column_sum) sum = std::round(sum);
      std::vector<RowScale> scales(rows);
      for (RowScale& scale : scales) {
        scale = {0.001f + static_cast<float>(random_() % 100) / 1e5f,
                 static_cast<float>(random_() % 256)};
      }
      const SumTile tile = {sums.data(),       rows,         columns, column_scale.data(),
                            column_sum.data(), scales.data()};
      const size_t stride = columns + 1;
      const Row before = Random(rows * stride, 1);
      Row copied = before;
      Row added = before;
      Row gated = before;
      kernels().dequantise_tile(tile, copied.data(), stride);
      kernels().dequantise_add_tile(tile, added.data(), stride);
      kernels().dequantise_gate_tile(tile, gated.data(), stride);
      const auto value = [&](size_t r, size_t c) {
        const double units = sums[r * columns + c] - double{scales[r].zero} * double{column_sum[c]};
        return units * double{scales[r].scale} * double{column_scale[c]};
      };
      for (size_t r = 0; r < rows; ++r) {
        for (size_t c = 0; c < columns; ++c) {
          const size_t at = r * stride + c;
          ASSERT_NEAR(copied[at], value(r, c), 1e-5) << r << " " << c;
          ASSERT_NEAR(added[at], double{before[at]} + value(r, c), 1e-5);
          if (c >= columns / 2) {
            ASSERT_EQ(gated[at], before[at]);
          } else {
            const double gate = value(r, c);
            ASSERT_NEAR(gated[at], gate / (1 + std::exp(-gate)) * value(r, c + columns / 2), 1e-4);
          }
        }
        ASSERT_EQ(copied[r * stride + columns], before[r * stride + columns]);
      }
    }
  }
}

// Queries, and the runs of keys and values that they see, each in memory of its own.
struct AttentionCase {
  size_t rows, heads, width, own_seen;
  std::vector<size_t> before;
};

// Of one head, [rows, width].
std::vector<double> Expected(const MaskedAttentionInput& in, size_t head) {
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
      const float* const query = in.queries + r * in.stride + head * in.width;
      for (size_t d = 0; d < in.width; ++d) p[j] += double{query[d]} * double{keys[j][d]};
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

// Random queries, and keys and values in memory of their own.
class AttentionData {
 public:
  AttentionData(const AttentionCase& c, std::mt19937_64& random)
      : random_(random), stride_(c.heads * c.width + 3), width_(c.width) {
    queries_ = Values((c.rows - 1) * stride_ + c.heads * c.width);
    for (const size_t count : c.before) before_.push_back(RunOf(count));
    input_ = {.queries = queries_.data(),
              .stride = stride_,
              .rows = c.rows,
              .heads = c.heads,
              .width = c.width,
              .before = before_,
              .own = RunOf(c.own_seen + c.rows),
              .own_seen = c.own_seen};
  }

  const MaskedAttentionInput& input() const { return input_; }
  const Row& queries() const { return queries_; }

 private:
  Row Values(size_t n) {
    std::normal_distribution<float> normal(0, 1.2f);
    Row row(n);
    for (float& x : row) x = normal(random_);
    return row;
  }
  KeyRows RunOf(size_t count) {
    memory_.push_back(Values((count - 1) * stride_ + width_));
    memory_.push_back(Values((count - 1) * stride_ + width_));
    return {memory_[memory_.size() - 2].data(), memory_.back().data(), stride_, count};
  }

  std::mt19937_64& random_;
  const size_t stride_;
  const size_t width_;
  Row queries_;
  std::vector<Row> memory_;
  std::vector<KeyRows> before_;
  MaskedAttentionInput input_;
};

std::vector<AttentionCase> AttentionCases(std::mt19937_64& random) {
  std::vector<AttentionCase> cases = {{150, 2, 64, 0, {90}},
                                      {64, 4, 128, 64, {500, 30}},
                                      {70, 1, 16, 470, {40, 1, 60}},
                                      {3, 2, 80, 1200, {600, 1030}},
                                      {1, 1, 20, 0, {}},
                                      {60, 3, 64, 0, {85, 90, 90, 7, 90}},
                                      {40, 2, 128, 0, {31, 50}}};
  for (const size_t rows : {1, 2, 5, 15, 16, 17, 31, 33, 63, 64, 65, 130}) {
    for (const size_t width : {2, 8, 16, 20, 48, 64, 80, 128}) {
      cases.push_back({rows, 1 + random() % 3, width, random() % 3 * 40, {1 + random() % 90}});
    }
  }
  return cases;
}

TEST_P(DecoderKernelsTest, MaskedAttentionIsThatOfDoublePrecisionForEveryShape) {
  for (const AttentionCase& c : AttentionCases(random_)) {
    SCOPED_TRACE(testing::Message()
                 << c.rows << " rows, " << c.heads << " heads, " << c.width << " wide, "
                 << c.own_seen << " seen, " << c.before.size() << " runs, seed 19");
    const AttentionData data(c, random_);
    MaskedAttentionScratch scratch(c.width, c.heads);
    const size_t row = c.heads * c.width;
    for (const bool bf16 : {false, true}) {
      const auto attend = bf16 ? kernels().attend_masked_bf16 : kernels().attend_masked;
      Row out(c.rows * (row + 2), 7.0f);
      attend(data.input(), scratch, out.data(), row + 2);
      double squares = 0;
      for (size_t head = 0; head < c.heads; ++head) {
        const std::vector<double> expected = Expected(data.input(), head);
        for (size_t i = 0; i < expected.size(); ++i) {
          const size_t r = i / c.width;
          const double error =
              double{out[r * (row + 2) + head * c.width + i % c.width]} - expected[i];
          ASSERT_LT(std::abs(error), bf16 ? 0.08 : 1e-5) << head << " " << r;
          squares += error * error;
        }
      }
      EXPECT_LT(std::sqrt(squares / static_cast<double>(c.rows * row)), bf16 ? 0.01 : 1e-6);
      for (size_t r = 0; r < c.rows; ++r) ASSERT_EQ(out[r * (row + 2) + row], 7.0f);

      Row in_place = data.queries();
      MaskedAttentionInput same = data.input();
      same.queries = in_place.data();
      attend(same, scratch, in_place.data(), same.stride);
      for (size_t r = 0; r < c.rows; ++r) {
        ASSERT_EQ(std::memcmp(&in_place[r * same.stride], &out[r * (row + 2)], row * 4), 0) << r;
      }
    }
  }
}

TEST_P(DecoderKernelsTest, AQuerysAttentionHasTheSameBitsWhereverItStands) {
  const AttentionData data({100, 2, 64, 0, {90}}, random_);
  const MaskedAttentionInput& all = data.input();
  const size_t row = all.heads * all.width;
  MaskedAttentionScratch scratch(all.width, all.heads);
  for (const auto attend : {kernels().attend_masked, kernels().attend_masked_bf16}) {
    Row together(all.rows * row);
    attend(all, scratch, together.data(), row);
    for (size_t r = 0; r < all.rows; ++r) {
      MaskedAttentionInput one = all;
      one.queries += r * all.stride;
      one.rows = 1;
      one.own_seen = r;
      Row alone(row);
      attend(one, scratch, alone.data(), row);
      ASSERT_EQ(std::memcmp(alone.data(), &together[r * row], row * sizeof(float)), 0) << r;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Variants, DecoderKernelsTest,
                         testing::ValuesIn(RunnableKernels().begin(), RunnableKernels().end()),
                         VariantName);

}  // namespace
}  // namespace foraker::model
