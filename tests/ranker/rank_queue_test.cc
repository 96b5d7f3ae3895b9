#include "ranker/rank_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace foraker::ranker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

RankQueue::Ticket Ticket(std::string caller, uint32_t tokens) {
  RankJob job;
  job.prompt.ids.resize(tokens);
  job.caller = std::move(caller);
  return std::make_shared<RankTicket>(std::move(job));
}

// "caller:tokens" of each.
std::vector<std::string> Names(const std::vector<RankQueue::Ticket>& tickets) {
  std::vector<std::string> names;
  for (const auto& ticket : tickets) {
    names.push_back(absl::StrCat(ticket->job().caller, ":", ticket->tokens()));
  }
  return names;
}

bool Push(RankQueue& queue, const std::string& caller, uint32_t tokens) {
  std::vector<RankQueue::Ticket> evicted;
  return queue.Push(Ticket(caller, tokens), evicted) && evicted.empty();
}

TEST(RankQueueTest, CallersTakeTurnsByTokensAndNotByLists) {
  RankQueue queue(100, 10'000);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Push(queue, "long", 200));
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(Push(queue, "short", 50));
  EXPECT_THAT(Names(queue.TakePass(10'000)),
              ElementsAre("short:50", "short:50", "long:200", "short:50", "short:50", "short:50",
                          "short:50", "long:200", "long:200"));
  EXPECT_TRUE(queue.empty());
}

TEST(RankQueueTest, APassHoldsNoMoreThanItsBudgetAndTheTurnGoesOn) {
  RankQueue queue(100, 10'000);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Push(queue, "a", 40));
  ASSERT_TRUE(Push(queue, "b", 40));
  EXPECT_THAT(Names(queue.TakePass(100)), ElementsAre("a:40", "a:40"));
  EXPECT_EQ(queue.tokens(), 80u);
  EXPECT_THAT(Names(queue.TakePass(100)), ElementsAre("b:40", "a:40"));
  EXPECT_THAT(queue.TakePass(100), IsEmpty());
}

TEST(RankQueueTest, AListLongerThanTheBudgetHasAPassOfItsOwn) {
  RankQueue queue(10, 10'000);
  ASSERT_TRUE(Push(queue, "a", 500));
  ASSERT_TRUE(Push(queue, "a", 20));
  EXPECT_THAT(Names(queue.TakePass(100)), ElementsAre("a:500"));
  EXPECT_THAT(Names(queue.TakePass(100)), ElementsAre("a:20"));
}

TEST(RankQueueTest, AFullQueueMakesRoomAtTheCostOfWhoHoldsMost) {
  RankQueue queue(100, 100);
  ASSERT_TRUE(Push(queue, "flood", 40));
  ASSERT_TRUE(Push(queue, "flood", 60));
  std::vector<RankQueue::Ticket> evicted;
  EXPECT_FALSE(queue.Push(Ticket("flood", 1), evicted));
  EXPECT_THAT(evicted, IsEmpty());
  EXPECT_TRUE(queue.Push(Ticket("other", 30), evicted));
  EXPECT_THAT(Names(evicted), ElementsAre("flood:60"));
  EXPECT_EQ(queue.tokens(), 70u);
  EXPECT_EQ(queue.lists(), 2u);
}

TEST(RankQueueTest, ARefusedListLeavesTheQueueAsItWas) {
  RankQueue queue(100, 100);
  for (const uint32_t tokens : {30, 20, 20}) ASSERT_TRUE(Push(queue, "a", tokens));
  ASSERT_TRUE(Push(queue, "b", 30));
  std::vector<RankQueue::Ticket> evicted;
  // One list of a's would not be enough, and with two less it holds less than c would.
  EXPECT_FALSE(queue.Push(Ticket("c", 45), evicted));
  EXPECT_THAT(evicted, IsEmpty());
  EXPECT_THAT(Names(queue.TakePass(1'000)), ElementsAre("a:30", "a:20", "a:20", "b:30"));
}

TEST(RankQueueTest, OneListMayAlwaysWaitHoweverLong) {
  RankQueue queue(100, 100);
  EXPECT_TRUE(Push(queue, "a", 5'000));
  EXPECT_FALSE(Push(queue, "b", 1));
}

TEST(RankQueueTest, AListThatIsTakenOutIsForgotten) {
  RankQueue queue(100, 1'000);
  const auto out = Ticket("a", 70);
  std::vector<RankQueue::Ticket> evicted;
  ASSERT_TRUE(queue.Push(out, evicted));
  ASSERT_TRUE(Push(queue, "a", 10));
  queue.Remove(*out);
  queue.Remove(*out);
  queue.Remove(*Ticket("nobody", 1));
  EXPECT_EQ(queue.tokens(), 10u);
  EXPECT_THAT(Names(queue.TakePass(1'000)), ElementsAre("a:10"));
  EXPECT_EQ(queue.tokens(), 0u);
}

TEST(RankQueueTest, WhatIsAheadOfALightCallerIsNotAllThatWaits) {
  RankQueue queue(100, 100'000);
  EXPECT_EQ(queue.TokensAhead("a", 50), 0u);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(Push(queue, "flood", 1'000));
  ASSERT_TRUE(Push(queue, "b", 30));
  EXPECT_EQ(queue.TokensAhead("a", 50), 80u);
  EXPECT_EQ(queue.TokensAhead("b", 50), 110u);
  EXPECT_EQ(queue.TokensAhead("flood", 50), 10'030u);
}

TEST(RankQueueTest, WhileTwoCallersWaitTheirSharesStayClose) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    std::mt19937 random(seed);
    const uint32_t quantum = 1 + random() % 200;
    RankQueue queue(quantum, 1'000'000);
    uint32_t longest = 0;
    std::map<std::string, std::vector<uint32_t>> given;
    for (const std::string caller : {"a", "b", "c"}) {
      const uint32_t most = 1 + random() % 300;
      for (int i = 0; i < 100; ++i) {
        const uint32_t tokens = 1 + random() % most;
        longest = std::max(longest, tokens);
        given[caller].push_back(tokens);
        ASSERT_TRUE(Push(queue, caller, tokens));
      }
    }
    std::map<std::string, std::vector<uint32_t>> taken;
    std::map<std::string, uint64_t> sums;
    const uint32_t budget = 1 + random() % 1'000;
    while (!queue.empty()) {
      const auto pass = queue.TakePass(budget);
      ASSERT_FALSE(pass.empty());
      uint64_t tokens = 0;
      for (const auto& ticket : pass) {
        tokens += ticket->tokens();
        taken[ticket->job().caller].push_back(ticket->tokens());
        sums[ticket->job().caller] += ticket->tokens();
        const auto waits = [&](const std::string& c) { return taken[c].size() < given[c].size(); };
        if (!waits("a") || !waits("b")) continue;
        // Of the paper: between two callers, no more than three times the larger of both.
        const uint64_t most = std::max(sums["a"], sums["b"]),
                       least = std::min(sums["a"], sums["b"]);
        ASSERT_LE(most - least, 3 * std::max(quantum, longest));
      }
      ASSERT_TRUE(pass.size() == 1 || tokens <= budget);
    }
    EXPECT_EQ(taken, given);
  }
}

}  // namespace
}  // namespace foraker::ranker
