// Every limit at every stage of a run: the reply is OK, names the limit, keeps what was read, and
// its bill and its end stay within the budget.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/answering.h"
#include "agent/loop.h"
#include "agent/tokens.h"
#include "tests/agent/fake_backend.h"
#include "tests/agent/scripted_planner.h"

namespace foraker::agent {
namespace {

using ::testing::HasSubstr;
using Move = ScriptedPlanner::Move;

constexpr absl::Duration kSlow = absl::Minutes(1);
constexpr absl::Duration kUsual = absl::Milliseconds(1);

// Asks the language model what to search for.
absl::StatusOr<Action> AskModel(const Trajectory& trajectory, Session& session) {
  ChatRequest request;
  request.messages = {{"user", trajectory.question}};
  const absl::StatusOr<ChatReply> reply = session.Chat(request, nullptr);
  if (!reply.ok()) return reply.status();
  return SearchFor(reply->text);
}

// Compares candidates on the collection.
absl::StatusOr<Action> Explore(const Trajectory& trajectory, Session& session) {
  for (const char* query : {"blue", "green", "grey", "pink"}) {
    const absl::Status tried = session.Search(SearchFor(query).query, 20).status();
    if (!tried.ok()) return tried;
  }
  return SearchFor(absl::StrCat("thing ", trajectory.steps.size()));
}

// Hides from the loop that a call failed.
absl::StatusOr<Action> FinishAfterFailure(const Trajectory&, Session& session) {
  return session.Links({{"a", 0}}).ok() ? SearchFor("green") : Action{};
}

class ModelAnswerer : public Answerer {
 public:
  absl::StatusOr<Answer> Find(const Trajectory& trajectory, Session& session) override {
    ChatRequest request;
    request.messages = {{"user", trajectory.question}};
    const absl::StatusOr<ChatReply> reply = session.Chat(request, nullptr);
    if (!reply.ok()) return reply.status();
    Answer answer;
    answer.answerer = "llm";
    answer.found = true;
    return answer;
  }
};

class PlainAnswerer : public Answerer {
 public:
  absl::StatusOr<Answer> Find(const Trajectory& trajectory, Session&) override {
    Answer answer;
    answer.answerer = "extractive";
    answer.found = !trajectory.passages.empty();
    return answer;
  }
};

enum class Slow { kNothing, kPin, kFirstSearch, kLaterSearch, kLinks, kRank, kChat };

struct Stage {
  std::string name;
  Slow slow = Slow::kNothing;  // what outlasts the run in the limits of time
  std::vector<Move> moves;     // then the planner finishes
  bool rerank = false;
  bool ask_model = false;  // for the answer
  uint32_t passages = 2;   // read when a limit of time stops the run there
};

void PrintTo(const Stage& stage, std::ostream* out) { *out << stage.name; }

std::vector<Stage> Stages() {
  const Move blue = [](const Trajectory&, Session&) { return SearchFor("blue"); };
  return {
      {.name = "pin", .slow = Slow::kPin, .moves = {blue}, .passages = 0},
      {.name = "step0", .slow = Slow::kFirstSearch, .moves = {blue}},
      {.name = "rerank", .slow = Slow::kRank, .moves = {blue}, .rerank = true},
      {.name = "search", .slow = Slow::kLaterSearch, .moves = {blue}, .passages = 3},
      {.name = "exploring", .slow = Slow::kLaterSearch, .moves = {Explore}},
      {.name = "planner", .slow = Slow::kLinks, .moves = {FinishAfterFailure}},
      {.name = "chat", .slow = Slow::kChat, .moves = {AskModel}},
      {.name = "answerer", .slow = Slow::kChat, .moves = {}, .ask_model = true},
  };
}

struct Outcome {
  LoopResult run;
  Answer answer;
  Bill bill;
  absl::Duration took;
};

class LimitsTest : public ::testing::Test {
 protected:
  LimitsTest() : backend_(SixFish()) {
    request_.question = "red fish";
    request_.budget.time = absl::Seconds(20);
    backend_.takes = [](CallKind) { return kUsual; };
    backend_.rank_score = [](const auto&) { return 1.0f; };
    backend_.chat = [](const ChatRequest& request) {
      return ChatReply{.text = "green",
                       .finish_reason = "stop",
                       .tokens_in = PromptTokensAtMost(request.messages) / 2,
                       .tokens_out = std::min(request.max_tokens, 20u),
                       .counted_by_server = true};
    };
  }

  // The stage's own call takes a minute.
  void Delay(Slow slow) {
    backend_.takes = [this, slow](CallKind kind) {
      const bool first = backend_.calls[CallKind::kSearch] <= 1;
      const bool is_slow = (slow == Slow::kPin && kind == CallKind::kPin) ||
                           (slow == Slow::kFirstSearch && kind == CallKind::kSearch && first) ||
                           (slow == Slow::kLaterSearch && kind == CallKind::kSearch && !first) ||
                           (slow == Slow::kLinks && kind == CallKind::kLinks) ||
                           (slow == Slow::kRank && kind == CallKind::kRank) ||
                           (slow == Slow::kChat && kind == CallKind::kChat);
      return is_slow ? kSlow : kUsual;
    };
  }

  // Of the whole run, which must succeed and stay within its budget.
  Outcome Run(const Stage& stage) {
    if (stage.rerank) request_.rerank = AgentRerank{};
    const absl::Time start = backend_.now;
    Meter meter(request_.budget, start);
    backend_.call_bound = meter.ends();
    Session session(backend_, meter, {});
    ScriptedPlanner planner(stage.moves);
    absl::StatusOr<LoopResult> run = RunLoop(request_, planner, session, {});
    EXPECT_TRUE(run.ok()) << run.status();
    if (!run.ok()) return {};
    std::vector<std::unique_ptr<Answerer>> answerers;
    if (stage.ask_model) answerers.push_back(std::make_unique<ModelAnswerer>());
    answerers.push_back(std::make_unique<PlainAnswerer>());
    absl::StatusOr<Answer> answer = MakeAnswer(answerers, *run, session);
    EXPECT_TRUE(answer.ok()) << answer.status();
    if (!answer.ok()) return {};
    const Budget& budget = request_.budget;
    EXPECT_LE(meter.bill().searches, budget.searches);
    EXPECT_LE(meter.bill().passages, budget.passages);
    if (budget.tokens != 0) {
      EXPECT_LE(
          meter.bill().passage_tokens + meter.bill().chat_tokens_in + meter.bill().chat_tokens_out,
          budget.tokens);
    }
    EXPECT_LT(backend_.now, start + budget.time);
    EXPECT_LT(backend_.now, budget.deadline);
    return {*std::move(run), *std::move(answer), meter.bill(), backend_.now - start};
  }

  void ExpectStoppedInTime(const Stage& stage, StoppedBy limit) {
    Delay(stage.slow);
    const Outcome outcome = Run(stage);
    EXPECT_EQ(StoppedByName(outcome.run.stopped_by), StoppedByName(limit));
    EXPECT_EQ(outcome.run.trajectory.passages.size(), stage.passages);
    EXPECT_EQ(outcome.answer.answerer, "extractive");
    EXPECT_EQ(outcome.answer.found, stage.passages > 0);
  }

  FakeBackend backend_;
  AskRequest request_;
};

class EveryStageTest : public LimitsTest, public ::testing::WithParamInterface<Stage> {};

TEST_P(EveryStageTest, Time) {
  request_.budget.time = absl::Seconds(2);
  ExpectStoppedInTime(GetParam(), StoppedBy::kTime);
}

TEST_P(EveryStageTest, Deadline) {
  request_.budget.deadline = backend_.now + absl::Seconds(2);
  ExpectStoppedInTime(GetParam(), StoppedBy::kDeadline);
}

TEST_P(EveryStageTest, ADeadlineThatIsVeryNear) {
  request_.budget.deadline = backend_.now + absl::Milliseconds(30);
  ExpectStoppedInTime(GetParam(), StoppedBy::kDeadline);
}

TEST_P(EveryStageTest, Searches) {
  request_.budget.searches = 1;
  const Outcome outcome = Run(GetParam());
  EXPECT_EQ(StoppedByName(outcome.run.stopped_by), "searches");
  EXPECT_EQ(outcome.run.trajectory.steps.size(), 1u);
  EXPECT_EQ(outcome.bill.searches, 1u);
  EXPECT_EQ(outcome.bill.retrieval_calls, 1u);
  EXPECT_TRUE(outcome.answer.found);
}

TEST_P(EveryStageTest, Passages) {
  request_.budget.passages = 1;
  const Outcome outcome = Run(GetParam());
  EXPECT_EQ(StoppedByName(outcome.run.stopped_by), "passages");
  EXPECT_EQ(outcome.run.trajectory.passages.size(), 1u);
  EXPECT_TRUE(outcome.answer.found);
}

TEST_P(EveryStageTest, TokensForNoPassage) {
  request_.budget.tokens = 7;  // the first passage costs eight
  const Outcome outcome = Run(GetParam());
  EXPECT_EQ(StoppedByName(outcome.run.stopped_by), "tokens");
  EXPECT_EQ(outcome.bill.passage_tokens, 0u);
  EXPECT_FALSE(outcome.answer.found);
  EXPECT_EQ(outcome.answer.answerer, "extractive");
}

TEST_P(EveryStageTest, TokensForTheFirstSearchAlone) {
  request_.budget.tokens = 16;
  const Outcome outcome = Run(GetParam());
  EXPECT_EQ(StoppedByName(outcome.run.stopped_by), "tokens");
  EXPECT_EQ(outcome.bill.passage_tokens, 16u);
  EXPECT_EQ(outcome.bill.chat_calls, 0u);
  EXPECT_TRUE(outcome.answer.found);
  EXPECT_EQ(outcome.answer.answerer, "extractive");
}

TEST_P(EveryStageTest, NoneIsHitByARunThatHasEnough) {
  const Outcome outcome = Run(GetParam());
  EXPECT_EQ(StoppedByName(outcome.run.stopped_by), "finished");
  EXPECT_EQ(outcome.answer.answerer, GetParam().ask_model ? "llm" : "extractive");
}

INSTANTIATE_TEST_SUITE_P(Limits, EveryStageTest, ::testing::ValuesIn(Stages()),
                         [](const auto& stage) { return stage.param.name; });

// ---- limits that only some stages can meet ----

TEST_F(LimitsTest, TokensOutOfALanguageModelAreLoweredToWhatIsLeft) {
  // 16 for two passages, 36 at most for the prompt: 8 are left for the reply.
  request_.budget.tokens = 16 + 36 + 8;
  backend_.chat = [](const ChatRequest& request) {
    return ChatReply{.text = "green",
                     .finish_reason = "length",
                     .tokens_in = 36,
                     .tokens_out = request.max_tokens,
                     .counted_by_server = true};
  };
  const Outcome outcome = Run({.name = "chat", .moves = {AskModel}});
  EXPECT_EQ(backend_.chats.at(0).max_tokens, 8u);
  EXPECT_EQ(StoppedByName(outcome.run.stopped_by), "tokens");
  EXPECT_EQ(outcome.bill.chat_tokens_in + outcome.bill.chat_tokens_out, 44u);
  ASSERT_EQ(outcome.run.trajectory.steps.size(), 2u);
}

TEST_F(LimitsTest, APromptThatDoesNotFitIsNotSentAndTheStepSaysWhy) {
  request_.budget.tokens = 16 + 36;
  const Outcome outcome = Run({.name = "chat", .moves = std::vector<Move>(3, AskModel)});
  EXPECT_TRUE(backend_.chats.empty());
  EXPECT_EQ(StoppedByName(outcome.run.stopped_by), "tokens");
  ASSERT_EQ(outcome.run.trajectory.steps.size(), 2u) << "nobody asks again";
  EXPECT_THAT(outcome.run.trajectory.steps.at(1).observation.error, HasSubstr("36 tokens"));
}

TEST_F(LimitsTest, AServerThatCountsMoreThanItWasAllowedEndsTheRunAndIsBilledAsItCounts) {
  request_.budget.tokens = 200;
  backend_.chat = [](const ChatRequest&) {
    return ChatReply{.text = "green",
                     .finish_reason = "stop",
                     .tokens_in = 500,
                     .tokens_out = 500,
                     .counted_by_server = true};
  };
  Meter meter(request_.budget, backend_.now);
  Session session(backend_, meter, {});
  ScriptedPlanner planner(std::vector<Move>(3, AskModel));
  const LoopResult run = *RunLoop(request_, planner, session, {});
  EXPECT_EQ(run.stopped_by, StoppedBy::kTokens);
  EXPECT_EQ(backend_.chats.size(), 1u);
  EXPECT_EQ(meter.bill().chat_tokens_in, 500u);
}

TEST_F(LimitsTest, APassageThatDoesNotFitIsNotReadThoughASmallerOneFollows) {
  backend_.passages[1].text += " and a great many words more";
  request_.budget.tokens = 20;
  const Outcome outcome = Run({.name = "reading", .moves = {}});
  EXPECT_EQ(outcome.run.trajectory.passages.size(), 1u);
  EXPECT_EQ(StoppedByName(outcome.run.stopped_by), "tokens");
}

TEST_F(LimitsTest, ARerankThatRunsOutOfTimeLeavesTheSearchsOrderAndItsReason) {
  Delay(Slow::kRank);
  const Outcome outcome = Run({.name = "rerank", .moves = {}, .rerank = true});
  const Observation& observation = outcome.run.trajectory.steps.at(0).observation;
  EXPECT_EQ(outcome.run.trajectory.passages.at(0).passage.document_id, "a");
  EXPECT_THAT(observation.rerank_error, HasSubstr("too long"));
  EXPECT_EQ(observation.error, "");
  EXPECT_EQ(outcome.bill.searches, 1u);
}

TEST_F(LimitsTest, ASearchThatTheDeadlineCutsIsReadAndMarked) {
  Delay(Slow::kFirstSearch);
  const Outcome outcome = Run({.name = "step0", .moves = {}});
  EXPECT_FALSE(outcome.run.trajectory.steps.at(0).observation.exact);
}

TEST_F(LimitsTest, ADeadlineThatHasPassedIsAnAnswerTooWithNothingPaid) {
  request_.budget.deadline = backend_.now - absl::Seconds(1);
  Meter meter(request_.budget, backend_.now);
  Session session(backend_, meter, {});
  ScriptedPlanner planner({});
  const LoopResult run = *RunLoop(request_, planner, session, {});
  EXPECT_EQ(run.stopped_by, StoppedBy::kDeadline);
  EXPECT_TRUE(backend_.calls.empty());
  EXPECT_THAT(run.trajectory.steps.at(0).observation.error, HasSubstr("the deadline is over"));
}

TEST_F(LimitsTest, FailuresWithoutTimeForAnotherTryAreTheTools) {
  backend_.fails = [](CallKind kind) {
    return kind == CallKind::kChat ? absl::UnavailableError("busy") : absl::OkStatus();
  };
  const Outcome outcome = Run({.name = "chat", .moves = std::vector<Move>(9, AskModel)});
  EXPECT_EQ(StoppedByName(outcome.run.stopped_by), "tool_failure");
  EXPECT_EQ(outcome.bill.chat_calls, 4u);
}

}  // namespace
}  // namespace foraker::agent
