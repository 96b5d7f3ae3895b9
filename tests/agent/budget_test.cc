#include "agent/budget.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>

#include "absl/time/time.h"

namespace foraker::agent {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

TEST(MeterTest, TheEndLeavesATenthOfTheTimeButAtMostFiftyMilliseconds) {
  EXPECT_EQ(Meter({.time = absl::Seconds(10)}, kStart).ends(),
            kStart + absl::Seconds(10) - absl::Milliseconds(50));
  EXPECT_EQ(Meter({.time = absl::Milliseconds(100)}, kStart).ends(),
            kStart + absl::Milliseconds(90));
}

TEST(MeterTest, TheSoonerOfTimeAndDeadlineEndsTheRunAndIsNamed) {
  Budget budget{.time = absl::Seconds(10), .deadline = kStart + absl::Seconds(2)};
  EXPECT_EQ(Meter(budget, kStart).ends(), kStart + absl::Seconds(2) - absl::Milliseconds(50));
  EXPECT_EQ(Meter(budget, kStart).OutOfTime(kStart + absl::Seconds(2)), StoppedBy::kDeadline);
  budget.time = absl::Seconds(1);
  EXPECT_EQ(Meter(budget, kStart).OutOfTime(kStart + absl::Seconds(1)), StoppedBy::kTime);
  EXPECT_EQ(Meter(budget, kStart).OutOfTime(kStart + absl::Milliseconds(949)), std::nullopt);
  EXPECT_EQ(Meter(budget, kStart).OutOfTime(kStart + absl::Milliseconds(950)), StoppedBy::kTime);
}

TEST(MeterTest, ADeadlineThatHasPassedLeavesNoTimeAtAll) {
  const Meter meter({.deadline = kStart - absl::Seconds(1)}, kStart);
  EXPECT_EQ(meter.ends(), kStart - absl::Seconds(1));
  EXPECT_EQ(meter.Spent(kStart), StoppedBy::kDeadline);
}

TEST(MeterTest, EachCountOfTheBillSpendsItsLimit) {
  Meter meter({.searches = 2, .passages = 3, .tokens = 100}, kStart);
  EXPECT_EQ(meter.Spent(kStart), std::nullopt);
  meter.bill().searches = 2;
  EXPECT_EQ(meter.Spent(kStart), StoppedBy::kSearches);
  meter.bill().searches = 1;
  meter.bill().passages = 3;
  EXPECT_EQ(meter.Spent(kStart), StoppedBy::kPassages);
  EXPECT_EQ(meter.passages_left(), 0u);
  meter.bill().passages = 1;
  meter.bill().passage_tokens = 40;
  meter.bill().chat_tokens_in = 30;
  meter.bill().chat_tokens_out = 29;
  EXPECT_EQ(meter.tokens_left(), 1u);
  EXPECT_EQ(meter.Spent(kStart), std::nullopt);
  meter.bill().chat_tokens_out = 50;  // a server that did not keep to max_tokens
  EXPECT_EQ(meter.tokens_left(), 0u);
  EXPECT_EQ(meter.Spent(kStart), StoppedBy::kTokens);
}

TEST(MeterTest, NoTokensMeansNoLimitOfTokens) {
  Meter meter({.tokens = 0}, kStart);
  meter.bill().chat_tokens_in = 1'000'000'000;
  EXPECT_EQ(meter.tokens_left(), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(meter.Spent(kStart), std::nullopt);
}

TEST(StoppedByNameTest, EveryLimitHasANameOfItsOwn) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(StoppedBy::kToolFailure); ++i) {
    names.emplace(StoppedByName(static_cast<StoppedBy>(i)));
  }
  EXPECT_EQ(names, (std::set<std::string>{"finished", "exhausted", "searches", "passages", "tokens",
                                          "time", "deadline", "tool_failure"}));
}

}  // namespace
}  // namespace foraker::agent
