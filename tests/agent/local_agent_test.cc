#include "agent/local_agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/agent/fake_backend.h"
#include "tests/services/fake_searcher.h"

namespace foraker::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

std::vector<Passage> Collection() {
  return {
      MakePassage("film", "The Shining",
                  "The Shining is a horror film. It is based on a novel by Stephen King."),
      MakePassage("king", "Stephen King",
                  "Stephen King is an American author. He was born in Portland."),
      MakePassage("portland", "Portland", "Portland is the largest city of the state of Maine."),
      MakePassage("dune", "Dune", "Dune is a novel by Frank Herbert about a desert planet."),
      MakePassage("horror", "Horror film", "A horror film is a film that wants to frighten."),
      MakePassage("city", "City", "A city is a large settlement in which many people live."),
  };
}

class RunQuestionTest : public ::testing::Test {
 protected:
  RunQuestionTest() : backend_(Collection()) {
    request_.collection = "films";
    request_.question = "In which city was the author of the novel behind The Shining born?";
    request_.passages_per_search = 2;
    request_.budget.time = absl::Seconds(20);
    backend_.takes = [](CallKind) { return absl::Milliseconds(3); };
  }

  absl::StatusOr<AskResult> Run() {
    backend_.call_bound = Meter(request_.budget, backend_.now).ends();
    return RunQuestion(request_, {}, backend_, {});
  }

  // A model that searches for the author and then finishes, or answers.
  void GiveModel() {
    request_.planner = PlannerKind::kLlm;
    request_.answerer = AnswererKind::kLlm;
    backend_.chat = [this](const ChatRequest& request) {
      const bool answers = absl::StrContains(request.messages.front().content, "Reasoning:");
      const std::string text =
          answers ? "Reasoning: King was born there.\nPassages: [3]\nAnswer: Portland"
          : backend_.searches.size() < 2
              ? "Thought: Who is the author?\nTool Name: AdvancedSearch\n"
                "Tool Args: {\"search_query\": \"Stephen King born\"}"
              : "Thought: I know.\nTool Name: finish\nTool Args: {}";
      return ChatReply{.text = text,
                       .finish_reason = "stop",
                       .tokens_in = 900,
                       .tokens_out = 30,
                       .counted_by_server = true};
    };
  }

  FakeBackend backend_;
  AskRequest request_;
};

TEST_F(RunQuestionTest, AnswersWithTheTrajectoryTheBillAndTheGeneration) {
  const AskResult result = *Run();
  EXPECT_EQ(result.generation, 7u);
  EXPECT_EQ(result.trajectory.question, request_.question);
  EXPECT_EQ(result.answer.answerer, "extractive");
  EXPECT_EQ(result.bill.passages, result.trajectory.passages.size());
  EXPECT_GE(result.bill.searches, 1u);
  EXPECT_GE(result.bill.retrieval_calls, result.bill.searches);
  const StageTimes& times = result.bill.times;
  EXPECT_EQ(times.total,
            times.plan + times.search + times.rank + times.links + times.chat + times.answer);
  EXPECT_EQ(result.trace, "");
}

TEST_F(RunQuestionTest, ExploringToTheEndUsesTheWholeBudgetAndNoMore) {
  request_.stop.mode = StopMode::kNever;
  request_.budget.searches = 2;
  const AskResult result = *Run();
  EXPECT_EQ(result.stopped_by, StoppedBy::kSearches);
  EXPECT_EQ(result.bill.searches, 2u);
  EXPECT_LE(result.bill.passages, 4u);
}

TEST_F(RunQuestionTest, AThresholdOfZeroStopsAtOnceAndOneOfOneDoesNot) {
  request_.stop.threshold = 0;
  EXPECT_EQ(Run()->bill.searches, 1u);
  request_.stop.threshold = 1;
  EXPECT_GT(Run()->bill.searches, 1u);
}

TEST_F(RunQuestionTest, WithoutAnAnswererTheAnswerIsEmpty) {
  request_.answerer = AnswererKind::kNone;
  const AskResult result = *Run();
  EXPECT_FALSE(result.answer.found);
  EXPECT_EQ(result.answer.answerer, "");
  EXPECT_THAT(result.trajectory.passages, testing::Not(IsEmpty()));
}

TEST_F(RunQuestionTest, ALanguageModelPlansAndAnswers) {
  GiveModel();
  const AskResult result = *Run();
  EXPECT_EQ(result.stopped_by, StoppedBy::kFinished);
  EXPECT_EQ(result.answer.answerer, "llm");
  EXPECT_EQ(result.answer.text, "Portland");
  EXPECT_EQ(result.trajectory.steps.at(1).query.text, "Stephen King born");
  EXPECT_EQ(result.bill.chat_calls, 3u);
  EXPECT_EQ(result.bill.chat_tokens_in, 2'700u);
  EXPECT_EQ(result.bill.chat_tokens_out, 90u);
}

TEST_F(RunQuestionTest, WithoutItsLanguageModelARunIsAnsweredByExtraction) {
  GiveModel();
  backend_.fails = [](CallKind kind) {
    return kind == CallKind::kChat ? absl::PermissionDeniedError("no such key") : absl::OkStatus();
  };
  const AskResult result = *Run();
  EXPECT_EQ(result.stopped_by, StoppedBy::kToolFailure);
  EXPECT_EQ(result.trajectory.steps.back().observation.error, "no such key");
  EXPECT_EQ(result.answer.answerer, "extractive");
}

TEST_F(RunQuestionTest, TokensThatDoNotReachForTheModelsAnswerStopTheRun) {
  GiveModel();
  request_.planner = PlannerKind::kExtractive;
  request_.stop.threshold = 0;
  request_.budget.tokens = 300;
  const AskResult result = *Run();
  EXPECT_EQ(result.stopped_by, StoppedBy::kTokens);
  EXPECT_EQ(result.answer.answerer, "extractive");
  EXPECT_EQ(result.bill.chat_calls, 0u);
}

TEST_F(RunQuestionTest, AnEmptyCollectionIsAnAnswerThatWasNotFoundWithAReason) {
  backend_.passages.clear();
  const AskResult result = *Run();
  EXPECT_FALSE(result.answer.found);
  EXPECT_NE(result.answer.reason, "");
  EXPECT_EQ(result.stopped_by, StoppedBy::kExhausted);
}

TEST_F(RunQuestionTest, WhateverTheDelaysARealRunStaysWithinItsBudgetAndHasAnAnswer) {
  std::set<std::string> stops, answerers;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    std::mt19937_64 random(seed);
    backend_ = FakeBackend(Collection());
    GiveModel();
    if (random() % 2 == 0) request_.planner = PlannerKind::kExtractive;
    if (random() % 2 == 0) request_.answerer = AnswererKind::kExtractive;
    const uint64_t slowness = 1 + random() % 200'000;
    backend_.takes = [&random, slowness](CallKind) {
      return absl::Microseconds(random() % slowness);
    };
    request_.stop.mode = random() % 2 == 0 ? StopMode::kLearned : StopMode::kNever;
    request_.budget = {.searches = static_cast<uint32_t>(1 + random() % 5),
                       .passages = static_cast<uint32_t>(1 + random() % 8),
                       .tokens = random() % 2 * (random() % 8'000),
                       .time = absl::Milliseconds(1 + random() % 2'000)};
    const absl::Time start = backend_.now;
    const absl::StatusOr<AskResult> result = Run();
    ASSERT_TRUE(result.ok()) << "seed " << seed << ": " << result.status();
    const Bill& bill = result->bill;
    EXPECT_LE(bill.searches, request_.budget.searches) << "seed " << seed;
    EXPECT_LE(bill.passages, request_.budget.passages) << "seed " << seed;
    if (request_.budget.tokens != 0) {
      EXPECT_LE(bill.passage_tokens + bill.chat_tokens_in + bill.chat_tokens_out,
                request_.budget.tokens)
          << "seed " << seed;
    }
    EXPECT_LT(backend_.now, start + request_.budget.time) << "seed " << seed;
    EXPECT_TRUE(result->answer.found || !result->answer.reason.empty()) << "seed " << seed;
    stops.emplace(StoppedByName(result->stopped_by));
    answerers.insert(result->answer.answerer);
  }
  EXPECT_THAT(stops, IsSupersetOf({"finished", "searches", "passages", "tokens", "time"}));
  EXPECT_THAT(answerers, ElementsAre("extractive", "llm"));
}

// ---- the agent over what really answers ----

class LocalAgentTest : public ::testing::Test {
 protected:
  LocalAgentTest() {
    request_.collection = "books";
    request_.question = "Who wrote it?";
    request_.budget.time = absl::Minutes(5);
  }
  absl::StatusOr<AskResult> Ask() {
    const auto agent = MakeLocalAgent([this](const AskRequest&) -> absl::StatusOr<Services> {
      if (!unavailable_.ok()) return unavailable_;
      return Services{searcher_, nullptr, nullptr};
    });
    return agent->Ask(request_, {});
  }

  std::shared_ptr<FakeSearcher> searcher_ = std::make_shared<FakeSearcher>();
  absl::Status unavailable_;
  AskRequest request_;
};

TEST_F(LocalAgentTest, ARunPinsOneSnapshotAndReleasesIt) {
  const absl::StatusOr<AskResult> result = Ask();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(searcher_->pinned(), ElementsAre("token-1"));
  EXPECT_THAT(searcher_->released(), ElementsAre("token-1"));
}

TEST_F(LocalAgentTest, AnUnknownCollectionIsTheRunsError) {
  request_.collection = "films";
  EXPECT_TRUE(absl::IsNotFound(Ask().status()));
}

TEST_F(LocalAgentTest, ModelsThatAreNotThereAreRefusedBeforeAnythingIsPaid) {
  AskRequest planner = request_, answerer = request_, rerank = request_;
  planner.planner = PlannerKind::kLlm;
  answerer.answerer = AnswererKind::kLlm;
  rerank.rerank = AgentRerank{};
  for (const auto& [request, field] :
       {std::pair(planner, "planner"), {answerer, "answerer"}, {rerank, "rerank"}}) {
    request_ = request;
    const absl::Status status = Ask().status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(status.message()), HasSubstr(field));
  }
  EXPECT_THAT(searcher_->pinned(), IsEmpty());
}

TEST_F(LocalAgentTest, AnInvalidRequestAndMissingServicesAreErrors) {
  unavailable_ = absl::UnavailableError("still loading");
  EXPECT_EQ(Ask().status(), unavailable_);
  request_.question = "";
  EXPECT_TRUE(absl::IsInvalidArgument(Ask().status()));
}

TEST_F(LocalAgentTest, ATraceIsWrittenWhereOneIsWanted) {
  EXPECT_EQ(Ask()->trace, "");
  request_.want_trace = true;
  const AskResult result = *Ask();
  EXPECT_THAT(result.trace, HasSubstr("\"trace\""));
  EXPECT_THAT(result.trace, HasSubstr("Who wrote it?"));
}

TEST_F(LocalAgentTest, ACallerWhoHasGoneEndsTheRun) {
  request_.cancelled = [] { return true; };
  EXPECT_TRUE(absl::IsCancelled(Ask().status()));
  EXPECT_THAT(searcher_->searches(), IsEmpty());
}

}  // namespace
}  // namespace foraker::agent
