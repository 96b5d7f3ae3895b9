#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/llm/prompt.h"
#include "agent/llm/react_parser.h"
#include "agent/llm/thought_stream.h"
#include "tests/agent/fake_backend.h"

namespace foraker::agent {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<Example> BuiltIn() { return *ParseExamples(BuiltInExamples(), "built in"); }

Step Searched(uint32_t number, std::string thought, std::string query, std::vector<size_t> read) {
  Step step;
  step.number = number;
  step.thought = std::move(thought);
  step.query.text = std::move(query);
  step.observation.read = std::move(read);
  return step;
}

Trajectory TwoSteps() {
  Trajectory trajectory;
  trajectory.question = "Where was the author of Dune born?";
  trajectory.passages = {{MakePassage("dune", "Dune", "Dune is by Frank Herbert."), 0, 9},
                         {MakePassage("frank", "Frank Herbert", "Born in Tacoma."), 1, 9}};
  trajectory.passages[0].passage.score = 12.345678f;
  trajectory.steps = {Searched(0, "", trajectory.question, {0}),
                      Searched(1, "Herbert wrote it.", "Frank Herbert birthplace", {1})};
  return trajectory;
}

nlohmann::json ObservationIn(const std::string& content) {
  return nlohmann::json::parse(content.substr(content.find('{')));
}

TEST(LlmPromptTest, ShowsTheRunAsTurns) {
  const std::vector<ChatMessage> messages = ReactPrompt(TwoSteps(), {}, true);
  ASSERT_EQ(messages.size(), 4u);
  EXPECT_EQ(messages[0].role, "system");
  EXPECT_THAT(messages[0].content, HasSubstr("finish, with {}"));
  EXPECT_EQ(messages[1].role, "user");
  EXPECT_EQ(messages[1].content,
            "Question: Where was the author of Dune born?\n\nObservation: "
            R"({"search_query":"Where was the author of Dune born?","passages_this_hop":)"
            R"([{"long_text":"Dune | Dune is by Frank Herbert.","score":12.35}]})");
  EXPECT_EQ(messages[2].role, "assistant");
  EXPECT_EQ(messages[2].content,
            FormatReactStep("Herbert wrote it.", Tool::kSearch, "Frank Herbert birthplace"));
  EXPECT_EQ(messages[3].role, "user");
  EXPECT_THAT(messages[3].content, testing::StartsWith("Observation: {"));
}

TEST(LlmPromptTest, OnlyAddsTurnsAsTheRunGoesOn) {
  Trajectory trajectory = TwoSteps();
  const std::vector<ChatMessage> longer = ReactPrompt(trajectory, BuiltIn(), true);
  trajectory.steps.pop_back();
  const std::vector<ChatMessage> shorter = ReactPrompt(trajectory, BuiltIn(), true);
  ASSERT_LT(shorter.size(), longer.size());
  for (size_t i = 0; i < shorter.size(); ++i) EXPECT_EQ(shorter[i].content, longer[i].content);
}

TEST(LlmPromptTest, RolesTakeTurns) {
  for (const bool may_finish : {true, false}) {
    const std::vector<ChatMessage> messages = ReactPrompt(TwoSteps(), BuiltIn(), may_finish);
    for (size_t i = 1; i < messages.size(); ++i) {
      EXPECT_EQ(messages[i].role, i % 2 == 1 ? "user" : "assistant") << i;
    }
    EXPECT_EQ(messages.back().role, "user");
  }
}

TEST(LlmPromptTest, WithoutFinishNothingFinishes) {
  for (const ChatMessage& message : ReactPrompt(TwoSteps(), BuiltIn(), false)) {
    EXPECT_THAT(message.content, Not(HasSubstr("Tool Name: finish")));
    EXPECT_THAT(message.content, Not(HasSubstr("- finish")));
  }
}

TEST(LlmPromptTest, ShowsRefusalsAndWhatWasSeenBefore) {
  Trajectory trajectory = TwoSteps();
  trajectory.steps.push_back(Searched(2, "again", "Dune", {}));
  trajectory.steps.back().observation.error = "refused: step 0 searched for it";
  trajectory.steps.push_back(Searched(3, "", "", {}));  // the planner itself failed
  trajectory.steps.back().observation.error = "no step in the reply";
  trajectory.steps.push_back(Searched(4, "once more", "Herbert", {}));
  trajectory.steps.back().observation.known = 2;
  const std::vector<ChatMessage> messages = ReactPrompt(trajectory, {}, true);
  ASSERT_EQ(messages.size(), 8u);
  EXPECT_EQ(ObservationIn(messages[5].content)["error"], "refused: step 0 searched for it");
  EXPECT_EQ(ObservationIn(messages[7].content)["passages_seen_before"], 2);
  EXPECT_TRUE(ObservationIn(messages[7].content)["passages_this_hop"].empty());
}

TEST(LlmPromptTest, CutsALongPassageAndSaysSo) {
  Passage passage = MakePassage("long", "Long", "");
  for (size_t i = 0; i < 1500; ++i) passage.text += "ö";  // two bytes each
  passage.text = "x" + passage.text;
  const std::string shown = ShownPassage(passage);
  EXPECT_LT(shown.size(), kMaxShownPassageBytes + 60);
  EXPECT_THAT(shown, testing::StartsWith("Long | xö"));
  EXPECT_THAT(shown, testing::EndsWith("ö... [1002 more bytes cut]")) << "cut inside a character";
}

TEST(LlmPromptTest, LeavesOutTheOldestPassagesAboveTheLimit) {
  Trajectory trajectory;
  trajectory.question = "q";
  Step step = Searched(0, "", "q", {});
  for (size_t i = 0; i < 100; ++i) {
    trajectory.passages.push_back(
        {MakePassage("id", absl::StrCat("T", i), std::string(500, 'x')), 0, 1});
    step.observation.read.push_back(i);
  }
  trajectory.steps = {step};
  const std::vector<ChatMessage> messages = ReactPrompt(trajectory, {}, true);
  EXPECT_LT(messages[1].content.size(), kMaxShownBytes + 4000);
  const nlohmann::json observation = ObservationIn(messages[1].content);
  const size_t shown = observation["passages_this_hop"].size();
  EXPECT_GT(shown, 40u);
  EXPECT_EQ(observation["passages_left_out"], 100 - shown);
  EXPECT_THAT(observation["passages_this_hop"].back()["long_text"].get<std::string>(),
              testing::StartsWith("T99 |"));
}

TEST(LlmExamplesTest, BuiltInOnesAreWhatTheParserWants) {
  ASSERT_GE(BuiltIn().size(), 2u);
  for (const ChatMessage& message : ReactPrompt(TwoSteps(), BuiltIn(), true)) {
    if (message.role != "assistant") continue;
    const absl::StatusOr<ReactStep> step = ParseReactReply(message.content, true);
    ASSERT_TRUE(step.ok()) << step.status();
    EXPECT_TRUE(step->strict) << message.content;
  }
}

TEST(LlmExamplesTest, NamesFileLineAndMember) {
  const std::string good = R"({"question": "q", "passages": [], "steps": [{"thought": "t"}]})";
  struct Case {
    std::string text, error;
  };
  for (
      const Case& test : {
          Case{"", "F: file: expected an example at least"},
          Case{good + "\n\n[]\n", "F:3: line: expected a JSON object"},
          Case{R"({"passages": [], "steps": []})", "F:1: question: expected a string"},
          Case{R"({"question": "q", "steps": []})", "F:1: passages: expected an array of strings"},
          Case{R"({"question": "q", "passages": [1], "steps": []})", "F:1: passages: expected"},
          Case{R"({"question": "q", "passages": [], "steps": []})",
               "F:1: steps: expected an array"},
          Case{R"({"question": "q", "passages": [], "steps": [7]})", "F:1: steps[0]: expected an"},
          Case{R"({"question": "q", "passages": [], "steps": [{"thought": " "}]})",
               "F:1: steps[0].thought: expected a string"},
          Case{
              R"({"question": "q", "passages": [], "steps": [{"thought": "t"}, {"thought": "u"}]})",
              "F:1: steps[0].search_query: expected a string"},
          Case{R"({"question": "q", "passages": [], "steps": [{"thought": "t", "passages": []}]})",
               "F:1: steps[0]: expected a thought alone"},
          Case{R"({"question": "q", "passages": [], "answer": "a"})",
               "F:1: answer: expected no such"},
      }) {
    const auto examples = ParseExamples(test.text, "F");
    ASSERT_FALSE(examples.ok()) << test.text;
    EXPECT_THAT(std::string(examples.status().message()), testing::StartsWith(test.error));
  }
}

// However the reply is cut, the pieces put together are the thought.
std::string Streamed(std::string_view reply, size_t size) {
  std::string thought;
  ThoughtStream stream([&](std::string_view piece) { thought += piece; });
  for (size_t i = 0; i < reply.size(); i += size) stream.Feed(reply.substr(i, size));
  return thought;
}

TEST(ThoughtStreamTest, LetsTheThoughtAloneThrough) {
  for (const size_t size : {1, 2, 3, 7, 1000}) {
    EXPECT_EQ(Streamed("Thought: It is\na Tool, I think.\nTool Name: finish\nTool Args: {}", size),
              "It is\na Tool, I think.");
    EXPECT_EQ(Streamed("I think. Tool Name: finish", size), "I think. ");
    EXPECT_EQ(Streamed("\nThought:  hm\nAction: x", size), "hm");
    EXPECT_EQ(Streamed("{\"thought\": \"hm\"}", size), "");
    EXPECT_EQ(Streamed("<think>hm</think>Thought: x", size), "");
  }
}

}  // namespace
}  // namespace foraker::agent
