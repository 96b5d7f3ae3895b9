#include "agent/eval/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace foraker::agent {
namespace {

std::vector<double> Normal(uint64_t seed, size_t count, double mean, double deviation) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(mean, deviation);
  std::vector<double> values;
  for (size_t i = 0; i < count; ++i) values.push_back(normal(random));
  return values;
}

TEST(Bootstrap, IsAsWideAsTheStandardErrorSays) {
  const Interval interval = BootstrapMean(Normal(1, 400, 3, 2));
  const double width = 2 * 1.96 * 2 / std::sqrt(400.0);
  EXPECT_NEAR(interval.high - interval.low, width, .15 * width);
}

TEST(Bootstrap, HoldsTheTruthAsOftenAsItClaims) {
  int held = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Interval interval = BootstrapMean(Normal(seed, 100, 1, 1), 400);
    held += interval.low <= 1 && 1 <= interval.high ? 1 : 0;
  }
  EXPECT_GE(held, 178) << "of 200; 190 expected";
}

TEST(Bootstrap, TheSameValuesGiveTheSameInterval) {
  const std::vector<double> values = Normal(2, 50, 0, 1);
  EXPECT_EQ(BootstrapMean(values).low, BootstrapMean(values).low);
  EXPECT_EQ(BootstrapMean(values).high, BootstrapMean(values).high);
}

TEST(Bootstrap, ValuesWithoutSpreadHaveNoWidth) {
  const std::vector<double> values(20, .25);
  EXPECT_EQ(BootstrapMean(values).low, .25);
  EXPECT_EQ(BootstrapMean(values).high, .25);
  EXPECT_EQ(BootstrapMean({}).high, 0);
}

TEST(Bootstrap, ARatioOfPairsKnowsThatTheyMoveTogether) {
  const std::vector<double> below = {1, 2, 3, 4, 5};
  std::vector<double> above;
  for (const double value : below) above.push_back(.6 * value);
  const Interval interval = BootstrapRatio(above, below);
  EXPECT_NEAR(interval.low, .6, 1e-12);
  EXPECT_NEAR(interval.high, .6, 1e-12);
}

}  // namespace
}  // namespace foraker::agent
