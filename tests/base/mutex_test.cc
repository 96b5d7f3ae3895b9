#include "base/mutex.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace foraker::base {
namespace {

TEST(MutexTest, OneThreadAtATimeHoldsIt) {
  Mutex mutex;
  int count = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) {
        const MutexLock lock(&mutex);
        ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, 40'000);
}

TEST(MutexTest, AwaitReturnsAtOnceWhenTheConditionHolds) {
  Mutex mutex;
  const MutexLock lock(&mutex);
  mutex.Await([] { return true; });
}

TEST(MutexTest, EveryUnlockWakesThoseWhoseConditionItMadeTrue) {
  Mutex mutex;
  int turn = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 100; ++round) {
        const MutexLock lock(&mutex);
        mutex.Await([&] { return turn % 4 == t; });
        ++turn;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(turn, 400);
}

TEST(MutexTest, FallingAsleepWakesThoseWhoseConditionWasMadeTrueBefore) {
  Mutex mutex;
  bool started = false, ready = false, done = false;
  std::thread other([&] {
    const MutexLock lock(&mutex);
    started = true;
    mutex.Await([&] { return ready; });
    done = true;
  });
  {
    const MutexLock lock(&mutex);
    mutex.Await([&] { return started; });
    ready = true;  // no unlock but that of the next wait
    mutex.Await([&] { return done; });
  }
  other.join();
}

}  // namespace
}  // namespace foraker::base
