#include "model/analyzer/session_pool.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace foraker::model {
namespace {

TEST(SessionPoolTest, ASessionIsUsedAgainOnceItCameBack) {
  SessionPool pool(*Analyzer::Create({}));
  const Analyzer::Session* first = nullptr;
  {
    const SessionPool::Lease lease = pool.Borrow();
    first = &*lease;
    const SessionPool::Lease other = pool.Borrow();
    EXPECT_NE(&*other, first);
  }
  const SessionPool::Lease a = pool.Borrow();
  const SessionPool::Lease b = pool.Borrow();
  EXPECT_TRUE(&*a == first || &*b == first);
}

TEST(SessionPoolTest, AMovedLeaseReturnsItsSessionOnce) {
  SessionPool pool(*Analyzer::Create({}));
  {
    SessionPool::Lease lease = pool.Borrow();
    const SessionPool::Lease moved = std::move(lease);
    EXPECT_EQ(moved->Analyze("dogs").size(), 1u);
  }
  const SessionPool::Lease a = pool.Borrow();
  const SessionPool::Lease b = pool.Borrow();
  EXPECT_NE(&*a, &*b);
}

TEST(SessionPoolTest, ThreadsBorrowSideBySide) {
  SessionPool pool(*Analyzer::Create({}));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&pool, t] {
      const std::string text = "word" + std::to_string(t);
      for (int i = 0; i < 200; ++i) {
        const SessionPool::Lease session = pool.Borrow();
        ASSERT_EQ(session->Analyze(text)[0].stem, text);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace foraker::model
