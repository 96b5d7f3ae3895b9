// Whole runs with a scripted language model: planner, loop, session and answerer together.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "agent/llm/llm_answerer.h"
#include "agent/llm/llm_planner.h"
#include "agent/llm/react_parser.h"
#include "agent/loop.h"
#include "agent/session.h"
#include "tests/agent/fake_backend.h"

namespace foraker::agent {
namespace {

using testing::HasSubstr;

constexpr char kQuestion[] = "Where was the author of Dune born?";
constexpr char kFinish[] = "Thought: Herbert was born in Tacoma.\nTool Name: finish\nTool Args: {}";
constexpr char kFrank[] =
    "Thought: Frank Herbert wrote Dune.\nTool Name: AdvancedSearch\n"
    "Tool Args: {\"search_query\": \"Frank Herbert birthplace\"}";

std::vector<Passage> Library() {
  std::vector<Passage> passages = {
      MakePassage("dune", "Dune", "Dune is a novel by Frank Herbert, the author."),
      MakePassage("frank", "Frank Herbert", "Frank Herbert was a writer. He was born in Tacoma."),
      MakePassage("tacoma", "Tacoma", "Tacoma is a city.")};
  passages[1].ordinal = 4;
  passages[1].range.begin += 1000;
  passages[1].range.end += 1000;
  return passages;
}

class LlmRunTest : public testing::Test {
 protected:
  // Replies in order; the last is repeated. Each costs 100 tokens in and 10 out.
  void Script(std::vector<std::string> replies) {
    backend_.chat = [this, replies = std::move(replies)](const ChatRequest&) {
      const size_t index = std::min(backend_.chats.size(), replies.size()) - 1;
      return ChatReply{.text = replies[index],
                       .finish_reason = "stop",
                       .tokens_in = 100,
                       .tokens_out = 10,
                       .counted_by_server = true};
    };
  }

  LoopResult Run(LlmPlannerOptions options = {}) {
    request_.question = kQuestion;
    auto planner = MakeLlmPlanner(options);
    EXPECT_TRUE(planner.ok()) << planner.status();
    meter_ = std::make_unique<Meter>(request_.budget, backend_.now);
    session_ = std::make_unique<Session>(backend_, *meter_, Session::Options());
    AskEvents events;
    events.on_thought = [this](uint32_t step, std::string_view piece) {
      thoughts_.resize(std::max<size_t>(thoughts_.size(), step + 1));
      thoughts_[step] += piece;
    };
    absl::StatusOr<LoopResult> result = RunLoop(request_, **planner, *session_, events);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : LoopResult();
  }

  absl::StatusOr<Answer> Find(const LoopResult& result) {
    return MakeLlmAnswerer()->Find(result.trajectory, *session_);
  }

  FakeBackend backend_{Library()};
  AskRequest request_;
  std::unique_ptr<Meter> meter_;
  std::unique_ptr<Session> session_;
  std::vector<std::string> thoughts_;
};

TEST_F(LlmRunTest, SearchesFinishesAndAnswersWithCitations) {
  request_.passages_per_search = 1;
  Script({kFrank, kFinish,
          "Reasoning: Frank Herbert wrote Dune and was born in Tacoma.\nPassages: [1] [2]\n"
          "Answer: Tacoma."});
  const LoopResult result = Run({.passages_per_search = 1});
  EXPECT_EQ(result.stopped_by, StoppedBy::kFinished);
  ASSERT_EQ(result.trajectory.steps.size(), 3u);
  EXPECT_EQ(result.trajectory.steps[1].query.text, "Frank Herbert birthplace");
  EXPECT_EQ(result.trajectory.steps[2].thought, "Herbert was born in Tacoma.");
  ASSERT_EQ(thoughts_.size(), 3u);
  EXPECT_EQ(thoughts_[1], "Frank Herbert wrote Dune.");

  const absl::StatusOr<Answer> answer = Find(result);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->found);
  EXPECT_EQ(answer->text, "Tacoma");
  EXPECT_EQ(answer->sentence, "Frank Herbert wrote Dune and was born in Tacoma.");
  EXPECT_EQ(answer->confidence, 1);
  ASSERT_EQ(answer->citations.size(), 2u);
  EXPECT_EQ(answer->citations[0].document_id, "frank");
  EXPECT_EQ(answer->citations[0].passage, 4u);
  EXPECT_EQ(answer->citations[0].quote, "Tacoma");
  EXPECT_EQ(answer->citations[0].range.begin, 1043u);
  EXPECT_EQ(answer->citations[0].range.end, 1049u);
  EXPECT_EQ(answer->citations[1].document_id, "dune");
  EXPECT_EQ(answer->citations[1].quote, "Dune is a novel by Frank Herbert, the author.");
  EXPECT_EQ(meter_->bill().chat_calls, 3u);
  EXPECT_EQ(meter_->bill().chat_tokens_in, 300u);
  EXPECT_EQ(meter_->bill().chat_tokens_out, 30u);
}

TEST_F(LlmRunTest, TellsTheModelWhatItWroteWrongly) {
  Script({"Thought: Let me compute.\nTool Name: Calculator\nTool Args: {}", kFrank, kFinish});
  const LoopResult result = Run();
  EXPECT_EQ(result.stopped_by, StoppedBy::kFinished);
  EXPECT_EQ(result.trajectory.steps[1].query.text, "Frank Herbert birthplace");
  ASSERT_GE(backend_.chats.size(), 2u);
  const ChatRequest& first = backend_.chats[0];
  const ChatRequest& second = backend_.chats[1];
  EXPECT_EQ(first.temperature, 0);
  EXPECT_GT(second.temperature, 0) << "the same words would come again";
  ASSERT_EQ(second.messages.size(), first.messages.size() + 2);
  EXPECT_THAT(second.messages[first.messages.size()].content, HasSubstr("Calculator"));
  EXPECT_THAT(second.messages.back().content, HasSubstr("there is no tool \"Calculator\""));
  EXPECT_EQ(thoughts_[1], "Let me compute.\nFrank Herbert wrote Dune.");
  // The correction is not part of the next step's prompt.
  for (const ChatMessage& message : backend_.chats[2].messages) {
    EXPECT_THAT(message.content, testing::Not(HasSubstr("Calculator")));
  }
}

TEST_F(LlmRunTest, EndsWhenNoReplyCanBeUnderstood) {
  Script({"I would rather talk about the weather."});
  const LoopResult result = Run();
  EXPECT_EQ(result.stopped_by, StoppedBy::kToolFailure);
  EXPECT_THAT(result.trajectory.steps.back().observation.error, HasSubstr("names no tool"));
  EXPECT_LE(backend_.chats.size(), 12u) << "three tries a step, four steps";
  EXPECT_FALSE(result.trajectory.passages.empty()) << "what step 0 read is kept";
}

TEST_F(LlmRunTest, AsksAgainForAReplyThatBrokeOff) {
  Script({kFinish});
  backend_.fails = [this](CallKind kind) {
    return kind == CallKind::kChat && backend_.calls[kind] == 1
               ? absl::DataLossError("the reply broke off")
               : absl::OkStatus();
  };
  EXPECT_EQ(Run().stopped_by, StoppedBy::kFinished);
  EXPECT_EQ(backend_.calls[CallKind::kChat], 2);
}

TEST_F(LlmRunTest, ShowsTheModelThatItRepeatsItself) {
  Script(
      {std::string("Thought: again\nTool Name: AdvancedSearch\nTool Args: {\"search_query\": \"") +
           kQuestion + "\"}",
       kFinish});
  const LoopResult result = Run();
  EXPECT_EQ(result.stopped_by, StoppedBy::kFinished);
  EXPECT_EQ(meter_->bill().searches, 1u);
  ASSERT_EQ(backend_.chats.size(), 2u);
  EXPECT_THAT(backend_.chats[1].messages.back().content, HasSubstr("\"error\":\"refused"));
  EXPECT_GT(backend_.chats[1].temperature, 0);
}

TEST_F(LlmRunTest, StopsWhereThePromptAloneExceedsTheTokens) {
  request_.budget.tokens = 300;
  Script({kFinish});
  const LoopResult result = Run();
  EXPECT_EQ(result.stopped_by, StoppedBy::kTokens);
  EXPECT_TRUE(backend_.chats.empty());
  EXPECT_FALSE(result.trajectory.passages.empty());
}

TEST_F(LlmRunTest, ExploresWithoutFinish) {
  request_.budget.searches = 2;
  Script({kFinish, kFrank});
  const LoopResult result = Run({.stop = StopMode::kNever});
  EXPECT_EQ(result.stopped_by, StoppedBy::kSearches);
  EXPECT_THAT(backend_.chats[1].messages.back().content, HasSubstr("finish is not a tool here"));
}

TEST_F(LlmRunTest, ReadsThreePassagesASearchUnlessTold) {
  const auto planner = MakeLlmPlanner({});
  EXPECT_EQ((*planner)->FirstPassages({}), 3u);
  EXPECT_EQ((*planner)->FirstPassages({.passages = 2}), 2u);
  EXPECT_EQ((*MakeLlmPlanner({.passages_per_search = 5}))->FirstPassages({}), 5u);
}

TEST_F(LlmRunTest, RefusesExamplesThatDoNotParse) {
  const auto planner = MakeLlmPlanner({.examples = "{}"});
  ASSERT_FALSE(planner.ok());
  EXPECT_THAT(std::string(planner.status().message()), HasSubstr("examples:1: question"));
}

TEST_F(LlmRunTest, TakesNoAnswerThatNothingSupports) {
  Script({kFinish, "Reasoning: I remember.\nPassages:\nAnswer: Seattle"});
  const absl::StatusOr<Answer> answer = Find(Run());
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_FALSE(answer->found);
  EXPECT_EQ(answer->text, "");
  EXPECT_THAT(answer->reason, HasSubstr("\"Seattle\", which no passage that was read supports"));
}

TEST_F(LlmRunTest, NotFoundIsAnAnswer) {
  Script({kFinish, "Reasoning: Nothing says so.\nPassages: none\nAnswer: Not found."});
  const absl::StatusOr<Answer> answer = Find(Run());
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_FALSE(answer->found);
  EXPECT_EQ(answer->sentence, "Nothing says so.");
  EXPECT_THAT(answer->reason, HasSubstr("does not find the answer"));
}

TEST_F(LlmRunTest, AsksTwiceForAnAnswerThatCannotBeUnderstood) {
  Script({kFinish, "Reasoning: Hm.\nI think that\nit may be so.", "Answer: Tacoma"});
  const absl::StatusOr<Answer> answer = Find(Run());
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->text, "Tacoma");
  EXPECT_THAT(backend_.chats.back().messages.back().content, HasSubstr("a line \"Answer: \""));

  Script({"Reasoning: Hm.\nI think that\nit may be so."});
  EXPECT_EQ(Find(Run()).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace foraker::agent
