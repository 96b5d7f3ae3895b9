// The extractive answerer on real questions, their gold passages being what was read, beside the
// answer that needs no reading: the title of the first passage that the question does not name.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "agent/answer/extractive_answerer.h"
#include "agent/eval/answer_metrics.h"
#include "agent/eval/run_metrics.h"
#include "agent/eval/split.h"
#include "tests/agent/fake_backend.h"

namespace foraker::agent {
namespace {

constexpr size_t kQuestions = 60;

std::string Folder(const std::string& name) {
  const char* shared = std::getenv("FORAKER_SHARED");
  return std::string(shared != nullptr ? shared : "../shared") + "/data/" + name;
}

struct Asked {
  std::vector<std::string> answers;
  Trajectory trajectory;
};

// Of the half that no weight was fitted on, without yes/no questions.
std::map<std::string, Asked> ReadQuestions(const std::string& folder) {
  std::map<std::string, Asked> questions;
  std::ifstream file(folder + "/queries.jsonl");
  for (std::string text; std::getline(file, text) && questions.size() < kQuestions;) {
    const nlohmann::json line = nlohmann::json::parse(text);
    const std::string id = line.at("_id");
    Asked asked;
    asked.answers = line.value("aliases", std::vector<std::string>());
    asked.answers.push_back(line.at("answer"));
    asked.trajectory.question = line.at("text");
    if (SplitHalf(id, 13) == Half::kEvaluation && !IsYesNo(asked.answers.back()))
      questions[id] = std::move(asked);
  }
  return questions;
}

void ReadGold(const std::string& folder, std::map<std::string, Asked>& questions) {
  std::map<std::string, std::vector<Asked*>> readers;  // by document
  std::ifstream judgements(folder + "/qrels.tsv");
  for (std::string text; std::getline(judgements, text);) {
    const size_t first = text.find('\t'), second = text.rfind('\t');
    const auto question = questions.find(text.substr(0, first));
    if (question != questions.end())
      readers[text.substr(first + 1, second - first - 1)].push_back(&question->second);
  }
  std::ifstream corpus(folder + "/corpus.jsonl");
  for (std::string text; std::getline(corpus, text);) {
    const nlohmann::json line = nlohmann::json::parse(text);
    const auto found = readers.find(line.at("_id").get<std::string>());
    if (found == readers.end()) continue;
    for (Asked* asked : found->second) {
      ReadPassage read;
      read.passage = MakePassage(line.at("_id"), line.at("title"), line.at("text"));
      asked->trajectory.passages.push_back(std::move(read));
    }
  }
}

class AnswerAccuracyTest : public ::testing::TestWithParam<std::string> {};

TEST_P(AnswerAccuracyTest, BeatsTheTitleThatTheQuestionDoesNotName) {
  const std::string folder = Folder(GetParam());
  std::map<std::string, Asked> questions = ReadQuestions(folder);
  if (questions.empty()) GTEST_SKIP() << folder << " is not there";
  ReadGold(folder, questions);
  FakeBackend backend;
  Meter meter({}, backend.now);
  Session session(backend, meter, {});
  ASSERT_TRUE(session.Pin().ok());
  AnswerMetrics spans, titles;
  for (const auto& [id, asked] : questions) {
    const auto answer = MakeExtractiveAnswerer()->Find(asked.trajectory, session);
    ASSERT_TRUE(answer.ok()) << id << ": " << answer.status();
    const AnswerMetrics span = CompareAnswers(answer->text, asked.answers);
    const AnswerMetrics title = CompareAnswers(FirstUnnamedTitle(asked.trajectory), asked.answers);
    spans.em += span.em;
    spans.f1 += span.f1;
    titles.em += title.em;
    titles.f1 += title.f1;
  }
  EXPECT_GT(spans.em, titles.em) << "exact answers of " << questions.size();
  EXPECT_GT(spans.f1, titles.f1) << "sum of F1 over " << questions.size();
}

INSTANTIATE_TEST_SUITE_P(Collections, AnswerAccuracyTest,
                         ::testing::Values("hotpotqa-dev", "musique-dev"),
                         [](const auto& collection) {
                           return collection.param.substr(0, collection.param.find('-'));
                         });

}  // namespace
}  // namespace foraker::agent
