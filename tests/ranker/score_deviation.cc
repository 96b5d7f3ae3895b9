#include "tests/ranker/score_deviation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "model/cpu/precision.h"

namespace foraker::ranker {

std::vector<PrecisionLimit> PrecisionLimits(float bf16, float int8) {
  std::vector<PrecisionLimit> limits = {{Precision::kF32, "f32", 1e-4f},
                                        {Precision::kBf16, "bf16", bf16}};
  if (model::Supports(model::Precision::kInt8)) limits.push_back({Precision::kInt8, "int8", int8});
  return limits;
}

void ScoreDeviation::Add(const std::vector<float>& expected, const std::vector<float>& made) {
  ASSERT_EQ(made.size(), expected.size());
  for (size_t i = 0; i < made.size(); ++i) {
    const float deviation = std::abs(made[i] / expected[i] - 1);
    worst_ = std::max(worst_, deviation);
    sum_ += double{deviation};
    ++scores_;
    for (size_t j = 0; j < made.size(); ++j) {
      if (expected[i] <= expected[j] * (1 + tie_)) continue;
      ++pairs_;
      if (made[i] <= made[j]) ++exchanged_;
    }
  }
}

void ScoreDeviation::Expect(const std::string& name, float worst) const {
  std::printf("%s: off by %.2g at most, by %.2g in the mean; %d of %d pairs exchanged\n",
              name.c_str(), double{worst_}, sum_ / scores_, exchanged_, pairs_);
  EXPECT_GT(pairs_, 0) << name;
  EXPECT_EQ(exchanged_, 0) << name;
  EXPECT_LT(worst_, worst) << name;
}

}  // namespace foraker::ranker
