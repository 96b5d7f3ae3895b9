#include "services/server/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace foraker::server {
namespace {

TEST(WorkerPoolTest, RefusesWhatDoesNotFitTheQueue) {
  std::latch release(1), started(1);
  std::atomic<int> ran = 0;
  {
    WorkerPool pool(1, 2);
    ASSERT_TRUE(pool.TrySubmit([&] {
      started.count_down();
      release.wait();
    }));
    started.wait();
    EXPECT_EQ(pool.running(), 1u);
    EXPECT_TRUE(pool.TrySubmit([&] { ++ran; }));
    EXPECT_TRUE(pool.TrySubmit([&] { ++ran; }));
    EXPECT_EQ(pool.queued(), 2u);
    EXPECT_FALSE(pool.TrySubmit([&] { ++ran; }));
    release.count_down();
  }
  EXPECT_EQ(ran, 2) << "what was accepted runs before the pool ends";
}

TEST(WorkerPoolTest, ForEachCallsEveryIndexOnce) {
  WorkerPool pool(4, 16);
  for (const size_t count : {0u, 1u, 2u, 100u}) {
    std::vector<std::atomic<int>> calls(count);
    pool.ForEach(count, [&](size_t i) { ++calls[i]; });
    for (size_t i = 0; i < count; ++i) EXPECT_EQ(calls[i], 1) << i << " of " << count;
  }
}

TEST(WorkerPoolTest, ForEachIsHelpedByIdleWorkers) {
  WorkerPool pool(2, 16);
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
    WorkerPool pool(3, 64);
    for (int task = 0; task < 50; ++task) {
      ASSERT_TRUE(
          pool.TrySubmit([&] { pool.ForEach(20, [&](size_t i) { sum += static_cast<int>(i); }); }));
    }
  }
  EXPECT_EQ(sum, 50 * 190);
}

}  // namespace
}  // namespace foraker::server
