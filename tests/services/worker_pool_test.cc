#include "services/server/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace foraker::server {
namespace {

FairQueue::Entry Entry(absl::AnyInvocable<void()> run) {
  return {"", {}, [run = std::move(run)](Turn turn) mutable {
            if (turn == Turn::kRun) run();
            return 1.0;
          }};
}

TEST(WorkerPoolTest, RefusesWhatDoesNotFitTheQueue) {
  std::latch release(1), started(1);
  std::atomic<int> ran = 0;
  {
    WorkerPool pool({.threads = 1, .places = 2});
    ASSERT_TRUE(pool.Submit(Entry([&] {
      started.count_down();
      release.wait();
    })));
    started.wait();
    EXPECT_EQ(pool.running(), 1u);
    EXPECT_TRUE(pool.Submit(Entry([&] { ++ran; })));
    EXPECT_TRUE(pool.Submit(Entry([&] { ++ran; })));
    EXPECT_EQ(pool.queued(), 2u);
    EXPECT_FALSE(pool.Submit(Entry([&] { ++ran; })));
    release.count_down();
  }
  EXPECT_EQ(ran, 2) << "what was accepted runs before the pool ends";
}

// A pool that has learned that a unit of work takes a moment.
void Teach(WorkerPool& pool) {
  ASSERT_TRUE(pool.Submit(Entry([] {})));
  ASSERT_TRUE(pool.AwaitIdle(absl::Minutes(1)));
}

TEST(WorkerPoolTest, ShortTasksRunOnTheCallersThreadWhileNothingWaits) {
  WorkerPool pool({.threads = 1, .places = 2, .guests = 1});
  FairQueue::Entry unknown = Entry([] {});
  EXPECT_FALSE(pool.RunHere(unknown)) << "nothing is known of how long work takes";
  Teach(pool);
  std::thread::id ran_on;
  FairQueue::Entry entry = Entry([&] {
    ran_on = std::this_thread::get_id();
    EXPECT_EQ(pool.running(), 1u);
    FairQueue::Entry second = Entry([] {});
    EXPECT_FALSE(pool.RunHere(second)) << "one guest at a time, and no more than threads";
  });
  EXPECT_TRUE(pool.RunHere(entry));
  EXPECT_EQ(ran_on, std::this_thread::get_id());
  EXPECT_EQ(pool.running(), 0u);
}

TEST(WorkerPoolTest, LongTasksDoNotRunOnTheCallersThread) {
  WorkerPool pool({.threads = 1, .places = 2, .guests = 1});
  Teach(pool);
  FairQueue::Entry entry = Entry([] {});
  entry.cost.work = 1e9;
  EXPECT_FALSE(pool.RunHere(entry));
}

TEST(WorkerPoolTest, PoolsWithoutGuestsRunNothingOnTheCallersThread) {
  WorkerPool pool({.threads = 1, .places = 2});
  Teach(pool);
  FairQueue::Entry entry = Entry([] {});
  EXPECT_FALSE(pool.RunHere(entry));
}

TEST(WorkerPoolTest, ForEachCallsEveryIndexOnce) {
  WorkerPool pool({.threads = 4, .places = 16});
  for (const size_t count : {0u, 1u, 2u, 100u}) {
    std::vector<std::atomic<int>> calls(count);
    pool.ForEach(count, [&](size_t i) { ++calls[i]; });
    for (size_t i = 0; i < count; ++i) EXPECT_EQ(calls[i], 1) << i << " of " << count;
  }
}

TEST(WorkerPoolTest, ForEachIsHelpedByIdleWorkers) {
  WorkerPool pool({.threads = 2, .places = 16});
  std::atomic<int> waiting = 0;
  // Each index waits for another one: alone, the caller would never get past the first.
  pool.ForEach(2, [&](size_t) {
    ++waiting;
    const absl::Time give_up = absl::Now() + absl::Seconds(30);
    while (waiting < 2 && absl::Now() < give_up) absl::SleepFor(absl::Milliseconds(1));
  });
  EXPECT_EQ(waiting, 2);
}

TEST(WorkerPoolTest, ForEachFromEveryWorkerAtOnceDoesNotLockUp) {
  std::atomic<int> sum = 0;
  {
    WorkerPool pool({.threads = 3, .places = 64});
    for (int task = 0; task < 50; ++task) {
      ASSERT_TRUE(pool.Submit(
          Entry([&] { pool.ForEach(20, [&](size_t i) { sum += static_cast<int>(i); }); })));
    }
  }
  EXPECT_EQ(sum, 50 * 190);
}

TEST(WorkerPoolTest, ATaskThatLosesItsPlaceIsToldSo) {
  std::latch release(1), started(1);
  std::atomic<int> refused = 0, ran = 0;
  {
    WorkerPool pool({.threads = 1, .places = 2});
    pool.Submit(Entry([&] {
      started.count_down();
      release.wait();
    }));
    started.wait();
    const auto entry = [&](const char* key) {
      return FairQueue::Entry{key, {}, [&](Turn turn) {
                                ++(turn == Turn::kRun ? ran : refused);
                                return 1.0;
                              }};
    };
    EXPECT_TRUE(pool.Submit(entry("loud")));
    EXPECT_TRUE(pool.Submit(entry("loud")));
    EXPECT_TRUE(pool.Submit(entry("quiet")));
    EXPECT_EQ(refused, 1);
    release.count_down();
  }
  EXPECT_EQ(ran, 2);
}

TEST(WorkerPoolTest, TheQueueIsBoundedByTheTimeItTakes) {
  std::latch release(1), started(1);
  WorkerPool pool({.threads = 1, .places = 1'000, .max_wait = absl::Milliseconds(100)});
  for (int i = 0; i < 3; ++i) {
    pool.Submit(Entry([] { absl::SleepFor(absl::Milliseconds(20)); }));
    ASSERT_TRUE(pool.AwaitIdle(absl::Minutes(1)));
  }
  pool.Submit(Entry([&] {
    started.count_down();
    release.wait();
  }));
  started.wait();
  int accepted = 0;
  while (accepted < 1'000 && pool.Submit(Entry([] {}))) ++accepted;
  EXPECT_GE(accepted, 1);
  EXPECT_LE(accepted, 5) << "five of 20 ms fill 100 ms";
  EXPECT_GT(pool.Backlog(), absl::ZeroDuration());
  release.count_down();
  pool.AwaitIdle(absl::Minutes(1));
}

}  // namespace
}  // namespace foraker::server
