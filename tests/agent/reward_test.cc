// The paper's reward, with values computed by hand from the facts sheet's formulas.

#include "agent/stop/reward.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace foraker::agent {
namespace {

constexpr double kLog5 = 1.6094379124341003;
constexpr double kLog2 = 0.6931471805599453;

TEST(Reward, StoppingAtTheRightSearchIsWorthTwoAndMoreTheDeeperItLies) {
  EXPECT_DOUBLE_EQ(StopReward(1, 1, 6), 2 + 2.0 / 6);
  EXPECT_DOUBLE_EQ(StopReward(3, 3, 6), 3);
  EXPECT_DOUBLE_EQ(StopReward(6, 6, 6), 4);
}

TEST(Reward, EverySearchTooManyCosts) {
  EXPECT_DOUBLE_EQ(StopReward(4, 3, 6), kLog5);  // d = 1/6
  EXPECT_DOUBLE_EQ(StopReward(5, 3, 6), kLog2);  // d = 1/3
  EXPECT_NEAR(StopReward(6, 3, 6), 0, 1e-12);    // d = 1/2
  EXPECT_DOUBLE_EQ(StopReward(6, 1, 6), -kLog5);
}

TEST(Reward, IsBounded) {
  EXPECT_DOUBLE_EQ(StopReward(2, 1, 20), 1.9);  // log 19 = 2.94
  EXPECT_DOUBLE_EQ(StopReward(20, 1, 20), -2);  // log 1/19
  EXPECT_DOUBLE_EQ(StopReward(40, 1, 20), -2);  // beyond the budget: no logarithm of 0 or less
  EXPECT_DOUBLE_EQ(StopReward(1, {}, 20), -2);
}

TEST(Reward, StoppingTooEarlyIsWorthNothing) {
  EXPECT_EQ(StopReward(1, 2, 6), 0);
  EXPECT_EQ(StopReward(4, 5, 6), 0);
}

TEST(Reward, WhereNothingIsFoundGivingUpEarlyCosts) {
  EXPECT_DOUBLE_EQ(StopReward(1, {}, 6), -kLog5);  // d = 5/6
  EXPECT_DOUBLE_EQ(StopReward(2, {}, 6), -kLog2);  // d = 2/3
  EXPECT_NEAR(StopReward(3, {}, 6), 0, 1e-12);     // d = 1/2
  EXPECT_EQ(StopReward(4, {}, 6), 0);              // log 2, above the bound
  EXPECT_EQ(StopReward(6, {}, 6), 0);              // d = 0 is kept from the logarithm
}

TEST(Reward, FewestSearchesAreTheFirstWithTheHighestRecall) {
  const auto fewest = [](const std::vector<double>& recall) { return FewestSearches(recall); };
  EXPECT_EQ(fewest({.5, .5, 1, 1}), 3u);
  EXPECT_EQ(fewest({.5, .5}), 1u);
  EXPECT_EQ(fewest({0, 0, .25}), 3u);
  EXPECT_EQ(fewest({0, 0, 0}), std::nullopt);
  EXPECT_EQ(fewest({}), std::nullopt);
}

}  // namespace
}  // namespace foraker::agent
