// Who goes next, and who has to leave.

#include "services/server/fair_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "services/server/quota.h"

namespace foraker::server {
namespace {

using ::testing::ElementsAre;

class FairQueueTest : public testing::Test {
 protected:
  bool Push(const std::string& key, double work, size_t places = 1, size_t bytes = 0) {
    FairQueue::Entry entry{key, {work, places, bytes}, [](Turn) { return 0.0; }};
    std::vector<FairQueue::Entry> evicted;
    const bool pushed = queue_.Push(entry, limits_, evicted);
    for (const FairQueue::Entry& out : evicted) evicted_.push_back(out.key);
    return pushed;
  }

  // Runs the next one, which takes what was forecast and `extra`.
  std::string Run(double extra = 0) {
    const FairQueue::Entry entry = queue_.Pop();
    queue_.End(entry.key, extra);
    return entry.key;
  }

  FairQueue queue_;
  QueueLimits limits_;
  std::vector<std::string> evicted_;
};

TEST_F(FairQueueTest, AKeyThatComesLateDoesNotWaitBehindAllOfAnother) {
  for (int i = 0; i < 100; ++i) Push("loud", 1);
  EXPECT_EQ(Run(), "loud");
  Push("quiet", 1);
  Push("quiet", 1);
  std::vector<std::string> order;
  for (int i = 0; i < 4; ++i) order.push_back(Run());
  EXPECT_EQ(std::count(order.begin(), order.end(), "quiet"), 2) << testing::PrintToString(order);
}

TEST_F(FairQueueTest, KeysGetTheSameWorkWhateverTheirCallsCost) {
  limits_.places = 100'000;
  for (int i = 0; i < 10'000; ++i) {
    Push("small", 1);
    Push("large", 10);
  }
  std::map<std::string, double> work;
  for (int i = 0; i < 5'000; ++i) {
    const FairQueue::Entry entry = queue_.Pop();
    work[entry.key] += entry.cost.work;
    queue_.End(entry.key, 0);
  }
  EXPECT_NEAR(work["small"], work["large"], 20);
}

TEST_F(FairQueueTest, WorkThatWasNotForecastIsPaidForLater) {
  for (int i = 0; i < 200; ++i) {
    Push("honest", 1);
    Push("heavy", 1);
  }
  std::map<std::string, int> turns;
  for (int i = 0; i < 100; ++i) {
    const FairQueue::Entry entry = queue_.Pop();
    ++turns[entry.key];
    queue_.End(entry.key, entry.key == "heavy" ? 9 : 0);
  }
  EXPECT_NEAR(turns["honest"], 10 * turns["heavy"], 11);
}

TEST_F(FairQueueTest, APauseEarnsNothing) {
  Push("steady", 1);
  for (int i = 0; i < 1'000; ++i) {
    Push("steady", 1);
    Run();
  }
  // Were the pause credit, "paused" would now have a thousand turns in a row.
  for (int i = 0; i < 100; ++i) {
    Push("steady", 1);
    Push("paused", 1);
  }
  std::map<std::string, int> turns;
  for (int i = 0; i < 100; ++i) ++turns[Run()];
  EXPECT_NEAR(turns["steady"], turns["paused"], 2);
}

TEST_F(FairQueueTest, WithinAKeyTheFirstComesFirst) {
  for (const double work : {3.0, 1.0, 2.0}) Push("a", work);
  std::vector<double> order;
  while (!queue_.empty()) {
    const FairQueue::Entry entry = queue_.Pop();
    order.push_back(entry.cost.work);
    queue_.End(entry.key, 0);
  }
  EXPECT_THAT(order, ElementsAre(3, 1, 2));
}

TEST_F(FairQueueTest, AFullQueueRefusesTheKeyThatFilledIt) {
  limits_.places = 10;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(Push("loud", 1));
  EXPECT_FALSE(Push("loud", 1));
  EXPECT_TRUE(evicted_.empty());
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Push("quiet", 1)) << i;
  EXPECT_EQ(evicted_, std::vector<std::string>(5, "loud"));
  EXPECT_FALSE(Push("quiet", 1)) << "half of the queue is its share";
  EXPECT_EQ(queue_.places(), 10u);
}

TEST_F(FairQueueTest, PlacesBytesAndWorkAreBoundedEach) {
  limits_ = {.places = 10, .bytes = 100, .work = 1'000};
  EXPECT_TRUE(Push("a", 1, 4, 10));
  EXPECT_FALSE(Push("a", 1, 7, 10));
  EXPECT_FALSE(Push("a", 1, 1, 91));
  EXPECT_FALSE(Push("a", 1'000, 1, 1));
  EXPECT_TRUE(Push("a", 999, 6, 90));
  EXPECT_EQ(queue_.places(), 10u);
}

TEST_F(FairQueueTest, OneEntryMayAlwaysWait) {
  limits_ = {.places = 1, .bytes = 1, .work = 1};
  EXPECT_TRUE(Push("a", 1'000, 1'000, 1'000));
  EXPECT_FALSE(Push("a", 1));
  Run();
  EXPECT_TRUE(Push("a", 1'000, 1'000, 1'000));
}

TEST_F(FairQueueTest, RandomLoadsLeaveNothingBehind) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  limits_ = {.places = 50, .bytes = 500, .work = 300};
  std::vector<FairQueue::Entry> running;
  size_t waiting = 0;
  for (int step = 0; step < 20'000; ++step) {
    const std::string key(1, static_cast<char>('a' + random() % 7));
    if (random() % 2 == 0) {
      const size_t before = evicted_.size();
      if (Push(key, 1 + random() % 20, 1 + random() % 3, random() % 40)) ++waiting;
      waiting -= evicted_.size() - before;
    } else if (random() % 2 == 0 && !queue_.empty()) {
      running.push_back(queue_.Pop());
      --waiting;
    } else if (!running.empty()) {
      queue_.End(running.back().key, static_cast<double>(random() % 30) - 10);
      running.pop_back();
    }
    ASSERT_EQ(queue_.empty(), waiting == 0) << step;
    ASSERT_LE(queue_.places(), std::max<size_t>(limits_.places, 3)) << step;
  }
  while (!queue_.empty()) Run();
  for (const FairQueue::Entry& entry : running) queue_.End(entry.key, 0);
  EXPECT_EQ(queue_.places(), 0u);
  EXPECT_NEAR(queue_.work(), 0, 1e-6);
}

TEST(TokenBucketTest, ASecondsWorthComesAtOnceAndTheRestAtItsRate) {
  TokenBucket bucket;
  absl::Time now = absl::UnixEpoch();
  int taken = 0;
  for (int i = 0; i < 100 && bucket.Wait(10, now) == absl::ZeroDuration(); ++i, ++taken) {
    bucket.Take(1);
  }
  EXPECT_EQ(taken, 10);
  EXPECT_EQ(bucket.Wait(10, now), absl::Milliseconds(100));
  for (int tick = 0; tick < 1'000; ++tick) {
    now += absl::Milliseconds(10);
    if (bucket.Wait(10, now) > absl::ZeroDuration()) continue;
    bucket.Take(1);
    ++taken;
  }
  EXPECT_NEAR(taken, 110, 1) << "ten seconds later";
}

TEST(TokenBucketTest, ADebtIsPaidOffBeforeTheNextCall) {
  TokenBucket bucket;
  const absl::Time now = absl::UnixEpoch();
  EXPECT_EQ(bucket.Wait(1'000, now), absl::ZeroDuration());
  bucket.Take(5'000);
  EXPECT_GT(bucket.Wait(1'000, now + absl::Milliseconds(3'999)), absl::ZeroDuration());
  EXPECT_EQ(bucket.Wait(1'000, now + absl::Milliseconds(4'002)), absl::ZeroDuration());
}

TEST(TokenBucketTest, LessThanOneASecondIsPossible) {
  TokenBucket bucket;
  const absl::Time now = absl::UnixEpoch();
  EXPECT_EQ(bucket.Wait(0.1, now), absl::ZeroDuration());
  bucket.Take(1);
  EXPECT_GT(bucket.Wait(0.1, now + absl::Seconds(8)), absl::ZeroDuration());
  EXPECT_EQ(bucket.Wait(0.1, now + absl::Seconds(11)), absl::ZeroDuration());
}

}  // namespace
}  // namespace foraker::server
