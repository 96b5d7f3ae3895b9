// What `foraker ask` prints, for people and for programs.

#include "services/cli/ask_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "services/cli/ask_json.h"

namespace foraker::cli {
namespace {

using agent::AskResult;
using agent::Step;

const Style kPlain(false);
constexpr size_t kWidth = 80;

// Two searches, the second with one hit that was known, and the planner's finish.
AskResult FinishedRun() {
  AskResult result;
  agent::Trajectory& run = result.trajectory;
  run.question = "Where was the director of Carrie born?";
  run.passages.resize(2);
  run.passages[0].passage = {"d1",  0, {0, 36}, "Carrie", "Carrie was filmed by Brian De Palma.",
                             12.5f, {}};
  run.passages[1].passage = {
      "d2", 1, {100, 133}, "Brian De\tPalma", "Brian De Palma is from Newark, NJ", 3.25f, 0.75f};
  run.passages[1].step = 1;
  run.steps.resize(3);
  run.steps[0].query.text = run.question;
  run.steps[0].observation.read = {0};
  run.steps[1].number = 1;
  run.steps[1].thought = "Carrie mentions \033[31mBrian De Palma.";
  run.steps[1].query.text = "Brian De Palma";
  run.steps[1].query.terms = {{retrieval::NamedTerm::Kind::kTitle, "brian de palma", 2.5f}};
  run.steps[1].observation.read = {1};
  run.steps[1].observation.known = 1;
  run.steps[1].decision = agent::StopDecision{{}, 0.25};
  run.steps[1].decision->features.coverage = 0.5;
  run.steps[1].took = absl::Microseconds(1500);
  run.steps[2].number = 2;
  run.steps[2].tool = agent::Tool::kFinish;
  run.steps[2].thought = "Nothing is open.";
  result.answer.found = true;
  result.answer.text = "Newark";
  result.answer.sentence = "Brian De Palma is from Newark, NJ";
  result.answer.citations = {{"d2", "Brian De Palma", 1, {100, 133}, result.answer.sentence},
                             {"d1", "Carrie", 0, {}, ""}};
  result.answer.confidence = 0.5;
  result.answer.answerer = "extractive";
  result.bill.searches = 2;
  result.bill.retrieval_calls = 4;
  result.bill.passages = result.bill.documents = 2;
  result.bill.passage_tokens = 1234;
  result.bill.times.search = absl::Milliseconds(2);
  result.bill.times.total = absl::Milliseconds(3);
  result.generation = 9;
  return result;
}

std::string StepOf(const AskResult& run, size_t step, bool thought_shown = false) {
  return StepText(run.trajectory.steps[step], run.trajectory, thought_shown, kPlain, kWidth);
}

TEST(AskText, AStepShowsItsThoughtItsQueryAndWhatItRead) {
  const AskResult run = FinishedRun();
  EXPECT_EQ(StepOf(run, 0),
            "step 0  Where was the director of Carrie born?\n"
            "         12.5000  Carrie  d1\n");
  EXPECT_EQ(StepOf(run, 1),
            "step 1  Carrie mentions [31mBrian De Palma.\n"
            "        Brian De Palma\n"
            "        0.750000  Brian De Palma  d2\n"
            "        1 hit was read before\n");
  EXPECT_EQ(StepOf(run, 2),
            "step 2  Nothing is open.\n"
            "        no further search\n");
}

TEST(AskText, AThoughtThatWasShownIsNotShownAgain) {
  EXPECT_EQ(StepOf(FinishedRun(), 2, true), "        no further search\n");
}

TEST(AskText, AThoughtIsBrokenIntoLinesHoweverItComes) {
  const std::string thought =
      "  Who filmed  it? Brian\tDe Palma, says the\n first passage, \xc3\xbc.";
  const std::string expected =
      "step 7  Who filmed it? Brian De Palma,\n        says the first passage, \xc3\xbc.\n";
  for (size_t size = 1; size < thought.size(); ++size) {
    ThoughtText text(7, kPlain, 40);
    std::string shown;
    for (size_t at = 0; at < thought.size(); at += size)
      shown += text.Add(thought.substr(at, size));
    EXPECT_EQ(shown + text.End(), expected) << "in pieces of " << size;
  }
}

TEST(AskText, AFailedStepSaysWhy) {
  AskResult run = FinishedRun();
  run.trajectory.steps[1].observation = {};
  run.trajectory.steps[1].observation.error = "refused: step 0 searched for \"it\" already";
  run.trajectory.steps[0].observation.rerank_error = "the model is busy";
  EXPECT_NE(StepOf(run, 1).find("\n        refused: step 0 searched"), std::string::npos);
  EXPECT_NE(StepOf(run, 0).find("\n        not reranked: the model is busy\n"), std::string::npos);
}

TEST(AskText, TheResultShowsAnswerCitationsAndBill) {
  EXPECT_EQ(ResultText(FinishedRun(), kPlain, kWidth),
            "\n"
            "answer  Newark\n"
            "        Brian De Palma is from Newark, NJ\n"
            "   [1]  Brian De Palma  d2  bytes 100-133\n"
            "   [2]  Carrie  d1\n"
            "\n"
            "finished: another search is not worth its price; 2 searches (4 retrieval calls), 2 "
            "passages of 2 documents read, 1,234 tokens, 3.0 ms (search 2.0)\n");
}

TEST(AskText, AnAnswerThatWasNotFoundSaysWhatIsMissing) {
  AskResult run = FinishedRun();
  run.answer = {};
  run.answer.answerer = "extractive";
  run.answer.reason = "nothing that was read names a place";
  run.stopped_by = agent::StoppedBy::kSearches;
  const std::string text = ResultText(run, kPlain, kWidth);
  EXPECT_NE(text.find("answer  not found\n        nothing that was read names a place\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("stopped by the limit of searches;"), std::string::npos) << text;
}

TEST(AskText, WithoutAnAnswererThereIsTheBillAlone) {
  AskResult run = FinishedRun();
  run.answer = {};
  EXPECT_EQ(ResultText(run, kPlain, kWidth).find("answer"), std::string::npos);
}

TEST(AskJson, AResultIsOneLineWithEverything) {
  const std::string line = ToJson(FinishedRun());
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["question"], "Where was the director of Carrie born?");
  EXPECT_EQ(json["answer"]["text"], "Newark");
  EXPECT_EQ(json["answer"]["citations"][0]["range"], (nlohmann::json{100, 133}));
  EXPECT_EQ(json["stopped_by"], "finished");
  EXPECT_EQ(json["generation"], 9);
  EXPECT_EQ(json["bill"]["retrieval_calls"], 4);
  EXPECT_EQ(json["bill"]["timing"]["search_ms"], 2.0);

  const auto& step = json["steps"][1];
  EXPECT_EQ(step["terms"][0]["kind"], "title");
  EXPECT_EQ(step["passages"][0]["id"], "d2");
  EXPECT_EQ(step["passages"][0]["rank_score"], 0.75);
  EXPECT_EQ(step["known"], 1);
  EXPECT_EQ(step["decision"]["features"]["coverage"], 0.5);
  EXPECT_EQ(step["ms"], 1.5);
  EXPECT_FALSE(json["steps"][0].contains("decision"));
  EXPECT_FALSE(json["steps"][0]["passages"][0].contains("rank_score"));
  EXPECT_EQ(json["steps"][2]["finish"], true);
  EXPECT_FALSE(json["steps"][2].contains("query"));
}

TEST(AskJson, AStepThatEndsTheRunMayHaveRead) {
  AskResult run = FinishedRun();
  run.trajectory.steps[2].observation.read = {1};
  const auto step = nlohmann::json::parse(ToJson(run))["steps"][2];
  EXPECT_EQ(step["passages"][0]["id"], "d2");
  EXPECT_FALSE(step.contains("query"));
  EXPECT_NE(StepOf(run, 2).find("0.750000  Brian De Palma  d2"), std::string::npos);
}

TEST(AskJson, BytesThatAreNotUtf8AreReplaced) {
  AskResult run = FinishedRun();
  run.answer.text = "a\xff";
  EXPECT_EQ(nlohmann::json::parse(ToJson(run))["answer"]["text"], "a\xef\xbf\xbd");
}

}  // namespace
}  // namespace foraker::cli
