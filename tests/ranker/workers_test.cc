#include "ranker/decoder/cpu/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <new>
#include <vector>

namespace foraker::ranker {
namespace {

TEST(WorkersTest, EveryItemIsWorkedOnOnceRunAfterRun) {
  for (const size_t threads : {1, 2, 5}) {
    Workers workers(threads);
    ASSERT_EQ(workers.size(), threads);
    for (const size_t items : {0, 1, 2, 7, 300}) {
      std::vector<std::atomic<int>> times(items);
      workers.Run(items, [&](size_t worker, size_t item) {
        EXPECT_LT(worker, threads);
        ++times[item];
      });
      for (const std::atomic<int>& count : times) ASSERT_EQ(count, 1) << threads << " " << items;
    }
  }
}

TEST(WorkersTest, WhatAnItemThrowsReachesTheCallerAndTheNextRunIsWhole) {
  for (const size_t threads : {1, 3}) {
    Workers workers(threads);
    EXPECT_THROW(workers.Run(50,
                             [](size_t, size_t item) {
                               if (item == 20) throw std::bad_alloc();
                             }),
                 std::bad_alloc);
    std::atomic<int> done = 0;
    workers.Run(50, [&](size_t, size_t) { ++done; });
    EXPECT_EQ(done, 50);
  }
}

}  // namespace
}  // namespace foraker::ranker
