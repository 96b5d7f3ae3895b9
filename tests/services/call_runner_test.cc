#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "base/file.h"
#include "base/string_view.h"
#include "services/auth/key_file.h"
#include "services/server/admission.h"
#include "services/server/audit_log.h"
#include "services/server/call.h"
#include "tests/support/temporary_directory.h"

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
  WorkerPool pool_{{.threads = 1, .places = 1}};
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

TEST_F(CallRunnerTest, CallersOfAServerThatStopsAreAskedToStayAwayForAWhile) {
  runner_.RefuseNew();
  const CallOutcome refused = RunAndWait(NewCall(), [](Call&) { return absl::OkStatus(); });
  EXPECT_EQ(refused.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_GT(refused.retry_after, absl::Milliseconds(100));
}

TEST_F(CallRunnerTest, RefusedCallsMayBeKeptWaitingForTheirAnswer) {
  runner_.RefuseNew();
  runner_.HoldRefused();
  std::vector<CallOutcome> outcomes;
  for (int i = 0; i < 3; ++i) {
    runner_.Run(
        NewCall(), [](Call&) { return absl::OkStatus(); },
        [&](const CallOutcome& outcome) { outcomes.push_back(outcome); });
  }
  EXPECT_TRUE(outcomes.empty());
  runner_.AnswerRefused();
  ASSERT_EQ(outcomes.size(), 3u);
  for (const CallOutcome& outcome : outcomes) {
    EXPECT_EQ(outcome.status.code(), absl::StatusCode::kUnavailable);
    EXPECT_GT(outcome.retry_after, absl::Milliseconds(100));
  }
  EXPECT_EQ(RunAndWait(NewCall(), [](Call&) { return absl::OkStatus(); }).status.code(),
            absl::StatusCode::kUnavailable);
}

TEST_F(CallRunnerTest, OnlyAClientCancels) {
  const auto cut_off = [](Call&) { return absl::CancelledError("cut off"); };
  EXPECT_EQ(RunAndWait(NewCall(), cut_off).status.code(), absl::StatusCode::kUnavailable);
  Call call = NewCall();
  bool gone = false;
  call.cancelled = [&] { return gone; };
  EXPECT_EQ(RunAndWait(std::move(call),
                       [&](Call&) {
                         gone = true;
                         return absl::CancelledError("cut off");
                       })
                .status.code(),
            absl::StatusCode::kCancelled);
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

TEST_F(CallRunnerTest, CallersWithoutKeysMayTakeTurnsByTheirAddresses) {
  WorkerPool pool({.threads = 1, .places = 10});
  CallRunner runner(pool, metrics_, log_, {.by_address = true});
  std::latch release(1), started(1), finished(5);
  std::vector<std::string> order;  // of the one worker
  const auto run = [&](const std::string& peer, bool first) {
    Call call = NewCall();
    call.peer = peer;
    const auto work = [&, peer, first](Call&) {
      if (first) {
        started.count_down();
        release.wait();
      }
      order.push_back(peer);
      return absl::OkStatus();
    };
    runner.Run(std::move(call), work, [&](const CallOutcome&) { finished.count_down(); });
    if (first) started.wait();
  };
  run("ipv4:10.0.0.1:1000", true);
  for (const char* peer : {"ipv4:10.0.0.1:1001", "ipv4:10.0.0.1:1002", "ipv4:10.0.0.1:1003"}) {
    run(peer, false);
  }
  run("ipv4:10.0.0.2:1000", false);
  release.count_down();
  finished.wait();
  ASSERT_EQ(order.size(), 5u);
  EXPECT_EQ(order[1], "ipv4:10.0.0.2:1000") << "the other one has had its turn";
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

TEST_F(CallRunnerTest, ACallThatWouldWaitPastItsDeadlineIsRefusedAtOnce) {
  RunAndWait(NewCall(), [](Call&) {
    absl::SleepFor(absl::Milliseconds(200));
    return absl::OkStatus();
  });
  std::latch release(1), started(1), waited(1);
  runner_.Run(
      NewCall(),
      [&](Call&) {
        started.count_down();
        release.wait();
        return absl::OkStatus();
      },
      [](const CallOutcome&) {});
  started.wait();
  runner_.Run(
      NewCall(), [](Call&) { return absl::OkStatus(); },
      [&](const CallOutcome&) { waited.count_down(); });
  Call hurried = NewCall();
  hurried.deadline = absl::Now() + absl::Milliseconds(10);
  const CallOutcome refused =
      RunAndWait(std::move(hurried), [](Call&) { return absl::OkStatus(); });
  EXPECT_EQ(refused.status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(refused.status.message(), HasSubstr("deadline"));
  EXPECT_GT(refused.retry_after, absl::ZeroDuration());
  release.count_down();
  waited.wait();
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

class AdmissionTest : public testing::Test {
 protected:
  void SetUp() override {
    auth::Key key;
    key.name = "shop";
    key.scope = auth::Scope::kReadWrite;
    key.collections = {"products"};
    key.quota = {.requests = 1'000, .postings = 100};
    key.hash = auth::HashToken("token");
    ASSERT_TRUE(auth::WriteKeyFile({key}, path_).ok());
    auto opened = auth::Authenticator::Open({.keys_file = path_, .api_key = {}});
    ASSERT_TRUE(opened.ok()) << opened.status();
    keys_ = *std::move(opened);
    auto audit = AuditLog::Open(audit_path_, log_);
    ASSERT_TRUE(audit.ok()) << audit.status();
    audit_ = *std::move(audit);
    admission_ = std::make_unique<Admission>(*keys_, [](std::string_view name) {
      return absl::StatusOr<std::string>(name == "goods" ? "products" : std::string(name));
    });
    runner_ = std::make_unique<CallRunner>(
        pool_, metrics_, log_,
        CallRunner::Options{.admission = admission_.get(), .audit = audit_.get()});
  }

  CallOutcome Run(std::string_view method, std::string_view token, CallRunner::Work work) {
    Call call;
    call.method = method;
    call.token = std::string(token);
    call.peer = "ipv4:10.0.0.9:1234";
    call.request_id = "trace-17";
    call.arrival = absl::Now();
    CallOutcome outcome;
    std::latch finished(1);
    runner_->Run(std::move(call), std::move(work), [&](const CallOutcome& ended) {
      outcome = ended;
      finished.count_down();
    });
    finished.wait();
    return outcome;
  }

  static absl::Status Nothing(Call&) { return absl::OkStatus(); }

  const TemporaryDirectory directory_;
  const std::string path_ = directory_.File("keys.jsonl");
  const std::string audit_path_ = directory_.File("audit.jsonl");
  Metrics metrics_;
  const Log log_{LogLevel::kOff};
  std::unique_ptr<auth::Authenticator> keys_;
  std::unique_ptr<AuditLog> audit_;
  std::unique_ptr<Admission> admission_;
  WorkerPool pool_{{.threads = 1}};
  std::unique_ptr<CallRunner> runner_;
};

TEST_F(AdmissionTest, ACallNeedsAKeyItsScopeAndItsCollection) {
  EXPECT_EQ(Run("Search", "", Nothing).status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Run("Search", "wrong", Nothing).status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Run("DropCollection", "token", Nothing).status.code(),
            absl::StatusCode::kPermissionDenied);
  const auto use = [&](const char* collection) {
    return Run("Search", "token", [=](Call& call) { return call.Use(collection); }).status;
  };
  EXPECT_TRUE(use("products").ok());
  EXPECT_TRUE(use("goods").ok()) << "an alias is what it means";
  EXPECT_EQ(use("orders").code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(AdmissionTest, AQuotaOfPostingsCountsWhatSearchesWerePredictedToRead) {
  const auto search = [&] {
    return Run("Search", "token", [](Call& call) {
      call.notes.searches = 1;
      call.notes.postings_predicted = 1'000;
      return absl::OkStatus();
    });
  };
  EXPECT_TRUE(search().status.ok());
  const CallOutcome refused = search();
  EXPECT_EQ(refused.status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_GT(refused.retry_after, absl::Seconds(8)) << "900 postings of debt at 100 a second";
  EXPECT_LT(refused.retry_after, absl::Seconds(10));
}

TEST_F(AdmissionTest, WritesAndRefusalsAreAuditedWithoutContents) {
  Run("WriteDocuments", "token", [](Call& call) {
    call.notes.writes = 3;
    return call.Use("products");
  });
  Run("Search", "token", Nothing);
  Run("Search", "fk_secret", Nothing);
  const std::string text = *base::ReadFile(audit_path_);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2) << text;
  for (const char* part :
       {R"("key":"shop","method":"WriteDocuments","collection":"products","code":"OK","writes":3)",
        R"("peer":"ipv4:10.0.0.9:1234","request_id":"trace-17")", R"("code":"UNAUTHENTICATED")"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(text, testing::Not(HasSubstr("secret")));
}

TEST_F(AdmissionTest, AFloodOfRefusalsIsCutAndCounted) {
  for (int i = 0; i < 1'000; ++i) Run("Search", "wrong", Nothing);
  const std::string text = *base::ReadFile(audit_path_);
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 1'000);
  Run("WriteDocuments", "token", Nothing);
  EXPECT_THAT(*base::ReadFile(audit_path_), HasSubstr("\"suppressed\":"));
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
