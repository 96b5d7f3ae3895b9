#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>
#include <stdexcept>

#include "absl/time/clock.h"
#include "base/string_view.h"
#include "services/server/call.h"

namespace foraker::server {
namespace {

using ::testing::HasSubstr;

class CallRunnerTest : public testing::Test {
 protected:
  Call NewCall() {
    Call call;
    call.method = "Search";
    call.arrival = absl::Now();
    return call;
  }

  CallOutcome RunAndWait(Call call, CallRunner::Work work) {
    CallOutcome outcome;
    std::latch finished(1);
    runner_.Run(std::move(call), std::move(work), [&](const CallOutcome& ended) {
      outcome = ended;
      finished.count_down();
    });
    finished.wait();
    return outcome;
  }

  Metrics metrics_;
  const Log log_{LogLevel::kOff};
  WorkerPool pool_{1, 1};
  CallRunner runner_{pool_, metrics_, log_, {.max_call = absl::Seconds(60)}};
};

TEST_F(CallRunnerTest, AScanStopsBeforeTheClientsDeadline) {
  Call call = NewCall();
  call.deadline = absl::Now() + absl::Seconds(2);
  const absl::Time deadline = call.deadline;
  RunAndWait(std::move(call), [&](Call& running) {
    EXPECT_LT(running.scan_deadline, deadline);
    EXPECT_GT(running.scan_deadline, deadline - absl::Milliseconds(100));
    return absl::OkStatus();
  });
  RunAndWait(NewCall(), [&](Call& running) {
    EXPECT_LE(running.scan_deadline, absl::Now() + absl::Seconds(60));
    return absl::OkStatus();
  });
}

TEST_F(CallRunnerTest, WorkIsNotBegunForACallerWhoIsGoneOrTooLate) {
  bool ran = false;
  const auto work = [&](Call&) {
    ran = true;
    return absl::OkStatus();
  };
  Call gone = NewCall();
  gone.cancelled = [] { return true; };
  EXPECT_EQ(RunAndWait(std::move(gone), work).status.code(), absl::StatusCode::kCancelled);
  Call late = NewCall();
  late.deadline = absl::Now() - absl::Seconds(1);
  EXPECT_EQ(RunAndWait(std::move(late), work).status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_FALSE(ran);
}

TEST_F(CallRunnerTest, AFullQueueRefusesWithATimeToRetry) {
  std::latch release(1), started(1);
  runner_.Run(
      NewCall(),
      [&](Call&) {
        started.count_down();
        release.wait();
        return absl::OkStatus();
      },
      [](const CallOutcome&) {});
  started.wait();
  std::latch waited(1);
  runner_.Run(
      NewCall(), [](Call&) { return absl::OkStatus(); },
      [&](const CallOutcome&) { waited.count_down(); });
  const CallOutcome refused = RunAndWait(NewCall(), [](Call&) { return absl::OkStatus(); });
  EXPECT_EQ(refused.status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_GE(refused.retry_after, absl::Milliseconds(10));
  release.count_down();
  waited.wait();
  EXPECT_THAT(metrics_.Render(ServerGauges()),
              HasSubstr("foraker_requests_total{code=\"RESOURCE_EXHAUSTED\",method=\"Search\"} 1"));
}

TEST_F(CallRunnerTest, AServerThatStopsRefusesNewCallsAndEndsTheOthers) {
  std::latch release(1), started(1), finished(1);
  CallOutcome outcome;
  runner_.Run(
      NewCall(),
      [&](Call&) {
        started.count_down();
        release.wait();
        return absl::OkStatus();
      },
      [&](const CallOutcome& ended) {
        outcome = ended;
        finished.count_down();
      });
  started.wait();
  runner_.RefuseNew();
  EXPECT_EQ(RunAndWait(NewCall(), [](Call&) { return absl::OkStatus(); }).status.code(),
            absl::StatusCode::kUnavailable);
  EXPECT_FALSE(pool_.AwaitIdle(absl::ZeroDuration()));
  EXPECT_FALSE(finished.try_wait());
  release.count_down();
  EXPECT_TRUE(pool_.AwaitIdle(absl::Minutes(1)));
  EXPECT_TRUE(finished.try_wait());
  EXPECT_TRUE(outcome.status.ok());
}

TEST_F(CallRunnerTest, AnExceptionFailsOneCallAndNotTheServer) {
  const CallOutcome failed =
      RunAndWait(NewCall(), [](Call&) -> absl::Status { throw std::runtime_error("out of luck"); });
  EXPECT_EQ(failed.status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(failed.status.message(), HasSubstr("out of luck"));
  EXPECT_TRUE(RunAndWait(NewCall(), [](Call&) { return absl::OkStatus(); }).status.ok());
}

TEST(RequestIdTest, AUsableIdIsKeptAndAnyOtherReplaced) {
  EXPECT_EQ(RequestId("trace-17"), "trace-17");
  for (const std::string& bad : {std::string(), std::string("a b"), std::string("a\n"),
                                 std::string(129, 'x'), std::string("\xff")}) {
    EXPECT_EQ(RequestId(bad).size(), 16u);
  }
  EXPECT_NE(RequestId(""), RequestId(""));
}

TEST(MetricsTest, ACollectionThatIsGoneLosesItsGauges) {
  Metrics metrics;
  ServerGauges gauges;
  gauges.collections.resize(1);
  gauges.collections[0].name = "books";
  gauges.collections[0].documents = 5;
  EXPECT_THAT(metrics.Render(gauges),
              HasSubstr("foraker_collection_documents{collection=\"books\"} 5"));
  gauges.collections.clear();
  EXPECT_THAT(metrics.Render(gauges), testing::Not(HasSubstr("books")));
}

}  // namespace
}  // namespace foraker::server
