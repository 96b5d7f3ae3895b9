#include "ranker/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/string_view.h"
#include "tests/ranker/fake_device.h"

namespace foraker::ranker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Answer = absl::StatusOr<RankScores>;

class SchedulerTest : public ::testing::Test {
 protected:
  static constexpr uint32_t kLayers = 4;

  void Start(SchedulerOptions options = {}) {
    scheduler_ = Scheduler::Start(MakeFakeDecoder(device_, kLayers), options);
  }

  static RankJob Job(uint32_t tokens, std::string caller = "", uint32_t first = 0) {
    RankJob job;
    job.prompt = FakePrompt(tokens, 2, first);
    job.caller = std::move(caller);
    return job;
  }

  std::future<Answer> Run(RankJob job) {
    return std::async(std::launch::async,
                      [this, job = std::move(job)]() mutable { return scheduler_->Run(job); });
  }
  // Waits until the list stands in the queue.
  std::future<Answer> Queue(RankJob job) {
    const uint64_t waiting = scheduler_->Stats().waiting_lists;
    std::future<Answer> answer = Run(std::move(job));
    AwaitWaiting(waiting + 1);
    return answer;
  }
  void AwaitWaiting(uint64_t lists) {
    while (scheduler_->Stats().waiting_lists != lists) absl::SleepFor(absl::Milliseconds(1));
  }
  // A list that keeps the device busy, so that others have to queue up.
  std::future<Answer> Occupy(RankJob job = Job(10, "first")) {
    device_->Hold();
    std::future<Answer> answer = Run(std::move(job));
    device_->AwaitStop();
    return answer;
  }

  static std::string MessageOf(const Answer& answer) {
    return std::string(base::ToStd(answer.status().message()));
  }

  const std::shared_ptr<FakeDevice> device_ = std::make_shared<FakeDevice>();
  std::unique_ptr<Scheduler> scheduler_;
};

TEST_F(SchedulerTest, ListsThatShareAPassGetTheirOwnScores) {
  Start();
  auto first = Occupy();
  std::vector<std::future<Answer>> answers;
  for (uint32_t i = 0; i < 3; ++i) answers.push_back(Queue(Job(20 + i, "c", 1'000 * i)));
  device_->Release();
  ASSERT_TRUE(first.get().ok());
  for (uint32_t i = 0; i < 3; ++i) {
    const Answer answer = answers[i].get();
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->scores, FakeScores(Job(20 + i, "c", 1'000 * i).prompt));
    EXPECT_EQ(answer->pass_lists, 3u);
    EXPECT_GT(answer->queue, absl::ZeroDuration());
  }
  EXPECT_THAT(device_->passes(), ElementsAre(PassTokens{10}, PassTokens{20, 21, 22}));
  const SchedulerStats stats = scheduler_->Stats();
  EXPECT_EQ(stats.passes, 2u);
  EXPECT_EQ(stats.lists, 4u);
  EXPECT_EQ(stats.tokens, 73u);
  EXPECT_EQ(stats.waiting_tokens, 0u);
}

TEST_F(SchedulerTest, APassKeepsItsBudgetAndALongerListGetsItsOwn) {
  Start({.pass_tokens = 100});
  auto first = Occupy();
  std::vector<std::future<Answer>> answers;
  for (const uint32_t tokens : {40, 50, 40, 500, 40}) answers.push_back(Queue(Job(tokens)));
  device_->Release();
  for (auto& answer : answers) EXPECT_TRUE(answer.get().ok());
  EXPECT_THAT(device_->passes(), ElementsAre(PassTokens{10}, PassTokens{40, 50}, PassTokens{40},
                                             PassTokens{500}, PassTokens{40}));
}

TEST_F(SchedulerTest, AFloodingCallerDoesNotKeepAnotherWaiting) {
  Start({.pass_tokens = 100});
  auto first = Occupy();
  std::vector<std::future<Answer>> flood;
  for (int i = 0; i < 20; ++i) flood.push_back(Queue(Job(50, "flood")));
  auto light = Queue(Job(51, "light"));
  device_->Release();
  EXPECT_TRUE(light.get().ok());
  for (auto& answer : flood) EXPECT_TRUE(answer.get().ok());
  const std::vector<PassTokens> passes = device_->passes();
  ASSERT_GT(passes.size(), 3u);
  uint32_t before = 0;
  for (size_t i = 1; i < passes.size() && passes[i].back() != 51 && passes[i].front() != 51; ++i) {
    ++before;
  }
  EXPECT_LE(before, 2u);
}

TEST_F(SchedulerTest, ACallerThatGoesWhileItWaitsIsAnsweredAtOnceAndNeverRead) {
  Start();
  auto first = Occupy();
  std::atomic<bool> cancelled = false;
  RankJob job = Job(77);
  job.cancelled = [&cancelled] { return cancelled.load(); };
  auto gone = Queue(std::move(job));
  auto stays = Queue(Job(30));
  cancelled = true;
  EXPECT_EQ(gone.get().status().code(), absl::StatusCode::kCancelled);
  AwaitWaiting(1);
  device_->Release();
  EXPECT_TRUE(stays.get().ok());
  EXPECT_THAT(device_->passes(), ElementsAre(PassTokens{10}, PassTokens{30}));
}

TEST_F(SchedulerTest, ADeadlineEndsTheWaitInTheQueueAndInThePass) {
  Start();
  device_->Hold();
  std::future<Answer> in_pass;
  // A deadline that a slow machine reaches before the device does not count.
  for (auto allowed = absl::Milliseconds(30); device_->passes().empty(); allowed *= 2) {
    RankJob read = Job(10);
    read.deadline = absl::Now() + allowed;
    in_pass = Run(std::move(read));
    in_pass.wait();
  }
  RankJob wait = Job(20);
  wait.deadline = absl::Now() + absl::Milliseconds(30);
  EXPECT_EQ(Run(std::move(wait)).get().status().code(), absl::StatusCode::kDeadlineExceeded);
  // The device still stands before the first layer.
  EXPECT_EQ(in_pass.get().status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(device_->layers(), 0u);
  device_->Release();
  EXPECT_TRUE(Run(Job(30)).get().ok());
  EXPECT_THAT(device_->passes(), ElementsAre(PassTokens{10}, PassTokens{30}));
}

TEST_F(SchedulerTest, APassThatNobodyWantsEndsBeforeItsNextLayer) {
  Start();
  std::atomic<bool> cancelled = false;
  RankJob job = Job(10);
  job.cancelled = [&cancelled] { return cancelled.load(); };
  auto gone = Occupy(std::move(job));
  device_->LetOneLayerPass();
  device_->AwaitStop();
  cancelled = true;
  EXPECT_EQ(gone.get().status().code(), absl::StatusCode::kCancelled);
  device_->Release();
  ASSERT_TRUE(Run(Job(30)).get().ok());
  // Two of the first pass: the one that was let go on, the one that it stood before.
  EXPECT_EQ(device_->layers(), 2u + kLayers);
  EXPECT_EQ(scheduler_->Stats().passes, 1u);
}

TEST_F(SchedulerTest, APassGoesOnForThoseWhoStay) {
  Start();
  auto first = Occupy();
  std::atomic<bool> cancelled = false;
  RankJob job = Job(20);
  job.cancelled = [&cancelled] { return cancelled.load(); };
  auto gone = Queue(std::move(job));
  auto stays = Queue(Job(30, "", 500));
  for (uint32_t layer = 0; layer < kLayers; ++layer) {
    device_->LetOneLayerPass();
    device_->AwaitStop();
  }
  ASSERT_EQ(device_->passes().size(), 2u);
  cancelled = true;
  EXPECT_EQ(gone.get().status().code(), absl::StatusCode::kCancelled);
  device_->Release();
  const Answer answer = stays.get();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->scores, FakeScores(FakePrompt(30, 2, 500)));
}

TEST_F(SchedulerTest, AListThatComesTooLateIsNotQueued) {
  Start();
  RankJob late = Job(10);
  late.deadline = absl::Now() - absl::Seconds(1);
  EXPECT_EQ(scheduler_->Run(late).status().code(), absl::StatusCode::kDeadlineExceeded);
  RankJob gone = Job(10);
  gone.cancelled = [] { return true; };
  EXPECT_EQ(scheduler_->Run(gone).status().code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(device_->passes(), IsEmpty());
}

TEST_F(SchedulerTest, OverloadIsRefusedWithTheTimeToWait) {
  Start({.pass_tokens = 100, .queue_tokens = 100});
  EXPECT_GT(scheduler_->RetryAfter(), absl::ZeroDuration());
  auto first = Occupy();
  auto waiting = Queue(Job(90, "a"));
  const Answer refused = scheduler_->Run(Job(20, "a"));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(MessageOf(refused), HasSubstr("90 tokens of 1 lists wait already, at most 100"));
  EXPECT_EQ(scheduler_->Stats().refused, 1u);
  device_->Release();
  EXPECT_TRUE(waiting.get().ok());
  EXPECT_TRUE(scheduler_->Run(Job(20, "a")).ok());
}

TEST_F(SchedulerTest, WhoFillsTheQueueGivesUpItsNewestListForAnother) {
  Start({.pass_tokens = 100, .queue_tokens = 100});
  auto first = Occupy();
  auto oldest = Queue(Job(50, "flood"));
  auto newest = Queue(Job(50, "flood"));
  auto other = Run(Job(40, "other"));
  const Answer evicted = newest.get();
  EXPECT_EQ(evicted.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(MessageOf(evicted), HasSubstr("lost its place"));
  EXPECT_EQ(scheduler_->Stats().refused, 1u);
  device_->Release();
  EXPECT_TRUE(oldest.get().ok());
  EXPECT_TRUE(other.get().ok());
}

TEST_F(SchedulerTest, AListWhoseTurnWouldComeAfterItsDeadlineIsRefusedAtOnce) {
  Start();
  device_->SetLayerTime(absl::Milliseconds(10));
  ASSERT_TRUE(scheduler_->Run(Job(10)).ok());  // so at least 4 ms a token
  auto first = Occupy();
  auto waiting = Queue(Job(2'000, "a"));
  RankJob impatient = Job(10, "a");
  impatient.deadline = absl::Now() + absl::Seconds(4);
  const Answer refused = scheduler_->Run(impatient);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(MessageOf(refused), HasSubstr("beyond its deadline"));
  EXPECT_GE(scheduler_->RetryAfter(), absl::Seconds(8));
  // Another caller's turn comes before all of a's.
  RankJob light = Job(10, "light");
  light.deadline = absl::Now() + absl::Seconds(60);
  auto served = Queue(std::move(light));
  device_->SetLayerTime(absl::ZeroDuration());
  device_->Release();
  EXPECT_TRUE(served.get().ok());
  EXPECT_TRUE(waiting.get().ok());
}

TEST_F(SchedulerTest, AListThatTheModelCannotReadFailsAlone) {
  Start();
  auto first = Occupy();
  auto good = Queue(Job(30));
  const Answer unknown = scheduler_->Run(Job(30, "", kFakeVocabulary));
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kInvalidArgument);
  RankJob beyond = Job(30);
  beyond.prompt.query_offset = kFakePositions;
  EXPECT_EQ(scheduler_->Run(beyond).status().code(), absl::StatusCode::kInvalidArgument);
  device_->Release();
  EXPECT_TRUE(good.get().ok());
}

TEST_F(SchedulerTest, ADeviceThatFailsFailsItsPassAndTheNextOneRuns) {
  Start();
  device_->FailPasses(absl::ResourceExhaustedError("no memory for a pass"));
  const Answer failed = scheduler_->Run(Job(10));
  EXPECT_EQ(MessageOf(failed), "no memory for a pass");
  device_->FailPasses(absl::OkStatus());
  EXPECT_TRUE(scheduler_->Run(Job(10)).ok());
}

TEST_F(SchedulerTest, ItsEndAnswersAllWhoWait) {
  Start({.pass_tokens = 20});
  auto reading = Occupy();
  std::vector<std::future<Answer>> waiting;
  for (int i = 0; i < 5; ++i) waiting.push_back(Queue(Job(20)));
  std::thread end([this] { scheduler_.reset(); });
  // Those in the queue do not wait for the device, which stands before the first layer.
  for (auto& w : waiting) EXPECT_EQ(w.get().status().code(), absl::StatusCode::kCancelled);
  device_->Release();
  end.join();
  EXPECT_EQ(reading.get().status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(device_->layers(), 1u);
}

TEST_F(SchedulerTest, ManyThreadsThatComeAndGoGetTheirOwnScores) {
  Start({.pass_tokens = 300, .queue_tokens = 2'000});
  std::atomic<uint32_t> ranked = 0, refused = 0, left = 0;
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(t);
      for (uint32_t i = 0; i < 60; ++i) {
        RankJob job = Job(10 + random() % 400, std::to_string(t % 3), random() % 10'000);
        const std::vector<float> expected = FakeScores(job.prompt);
        if (random() % 4 == 0) job.deadline = absl::Now() + absl::Microseconds(random() % 3'000);
        if (random() % 4 == 0) {
          job.cancelled = [until = absl::Now() + absl::Microseconds(random() % 9'000)] {
            return absl::Now() > until;
          };
        }
        const Answer answer = scheduler_->Run(std::move(job));
        if (answer.ok()) {
          EXPECT_EQ(answer->scores, expected);
          ++ranked;
        } else if (answer.status().code() == absl::StatusCode::kResourceExhausted) {
          ++refused;
        } else {
          ++left;
        }
      }
    });
  }
  device_->SetLayerTime(absl::Microseconds(100));
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ranked + refused + left, 8u * 60u);
  EXPECT_GT(ranked, 0u);
  const SchedulerStats stats = scheduler_->Stats();
  EXPECT_EQ(stats.waiting_lists, 0u);
  EXPECT_EQ(stats.waiting_tokens, 0u);
}

}  // namespace
}  // namespace foraker::ranker
