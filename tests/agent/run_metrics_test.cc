#include "agent/eval/run_metrics.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace foraker::agent {
namespace {

constexpr size_t kFeature = 0;

JudgedQuestion TwoHops() {
  return {.id = "q",
          .text = "Who wrote the book that the film Carrie is based on?",
          .answers = {"Stephen King", "King"},
          .gold = {"film", "book"},
          .gold_titles = {"Carrie (film)", "Carrie (novel)"}};
}

Passage PassageOf(const std::string& id, const std::string& title) {
  Passage passage;
  passage.document_id = id;
  passage.title = title;
  return passage;
}

// A search that read these, each {document, title}.
void AddSearch(Trajectory& trajectory,
               const std::vector<std::pair<std::string, std::string>>& read) {
  Step step;
  step.number = static_cast<uint32_t>(trajectory.steps.size());
  for (const auto& [id, title] : read) {
    step.observation.read.push_back(trajectory.passages.size());
    trajectory.passages.push_back({PassageOf(id, title), step.number, 10});
  }
  if (step.number > 0) {
    step.decision = StopDecision();
    step.decision->features.*AllStopFeatures()[kFeature].value = step.number;
  }
  trajectory.steps.push_back(step);
}

AskResult ThreeSearches() {
  AskResult result;
  result.trajectory.question = TwoHops().text;
  AddSearch(result.trajectory, {{"film", "Carrie (film)"}, {"x", "Brian De Palma"}});
  AddSearch(result.trajectory, {{"y", "Carrie White"}});
  AddSearch(result.trajectory, {{"book", "Carrie (novel)"}});
  result.bill.searches = 3;
  result.bill.retrieval_calls = 7;
  result.bill.passages = 4;
  result.answer.text = "Stephen Edwin King";
  return result;
}

TEST(RunMetrics, AreThoseOfTheDocumentsRead) {
  const RunMetrics metrics = Measure(TwoHops(), ThreeSearches());
  EXPECT_EQ(metrics.searches, 3);
  EXPECT_EQ(metrics.retrieval_calls, 7);
  EXPECT_EQ(metrics.passages, 4);
  EXPECT_EQ(metrics.gold_recall, 1);
  EXPECT_EQ(metrics.all_gold, 1);
  EXPECT_DOUBLE_EQ(metrics.support_f1, 2.0 / 3);  // 2 of 4 read, 2 of 2 gold
  EXPECT_EQ(metrics.em, 0);
  EXPECT_DOUBLE_EQ(metrics.f1, .8);
}

TEST(RunMetrics, ATitleCountsWhateverDocumentBearsIt) {
  AskResult result;
  AddSearch(result.trajectory, {{"film", "Carrie (film)"}, {"copy", "Carrie (novel)"}});
  const RunMetrics metrics = Measure(TwoHops(), result);
  EXPECT_EQ(metrics.gold_recall, .5);
  EXPECT_EQ(metrics.all_gold, 0);
  EXPECT_EQ(metrics.title_recall, 1);
}

TEST(RunMetrics, NothingReadIsNothingFound) {
  const RunMetrics metrics = Measure(TwoHops(), AskResult());
  for (const RunMetric& metric : AllRunMetrics())
    EXPECT_EQ(metrics.*metric.value, 0) << metric.name;
}

TEST(RunMetrics, TheBaselineTakesTheFirstTitleThatTheQuestionDoesNotName) {
  const AskResult result = ThreeSearches();
  EXPECT_EQ(FirstUnnamedTitle(result.trajectory), "Brian De Palma");
  JudgedQuestion question = TwoHops();
  question.answers = {"brian de palma"};
  EXPECT_EQ(Measure(question, result).title_em, 1);

  Trajectory named;
  named.question = TwoHops().text;
  AddSearch(named, {{"film", "Carrie (film)"}});
  EXPECT_EQ(FirstUnnamedTitle(named), "");
  AddSearch(named, {{"r", "Carr (disambiguation)"}});  // not the word of the question
  EXPECT_EQ(FirstUnnamedTitle(named), "Carr");
}

TEST(RunMetrics, MeansAreOverAllRuns) {
  RunMetrics one;
  one.gold_recall = 1;
  one.searches = 5;
  const RunMetrics mean = Mean(std::vector<RunMetrics>{one, RunMetrics()});
  EXPECT_EQ(mean.gold_recall, .5);
  EXPECT_EQ(mean.searches, 2.5);
  EXPECT_EQ(Mean({}).searches, 0);
}

// What runs of so many searches read, as they could make one, two, ...
std::vector<Trajectory> RunsOf(const Trajectory& whole) {
  std::vector<Trajectory> runs;
  for (size_t steps = 1; steps <= whole.steps.size(); ++steps) {
    Trajectory run;
    run.steps.assign(whole.steps.begin(), whole.steps.begin() + static_cast<ptrdiff_t>(steps));
    for (const ReadPassage& read : whole.passages)
      if (read.step < steps) run.passages.push_back(read);
    runs.push_back(run);
  }
  return runs;
}

TEST(ExploredRun, HasRecallAfterAndFeaturesBeforeEachSearch) {
  const ExploredRun run = ToExploredRun(TwoHops(), RunsOf(ThreeSearches().trajectory));
  EXPECT_EQ(run.recall, (std::vector<double>{.5, .5, 1}));
  ASSERT_EQ(run.decisions.size(), 2u);
  EXPECT_EQ(run.decisions[0].*AllStopFeatures()[kFeature].value, 1);
  EXPECT_EQ(run.decisions[1].*AllStopFeatures()[kFeature].value, 2);
}

TEST(ExploredRun, EndingEarlierFindsWhatTheRunThatEndedThereFound) {
  std::vector<Trajectory> runs = RunsOf(ThreeSearches().trajectory);
  runs[0].passages.push_back({PassageOf("book", "Carrie (novel)"), 0, 10});  // it read on
  EXPECT_EQ(ToExploredRun(TwoHops(), runs).recall, (std::vector<double>{1, .5, 1}));
}

TEST(ExploredRun, FailedSearchesAndTheEndAreNoSearches) {
  Trajectory trajectory;
  AddSearch(trajectory, {{"film", "Carrie (film)"}});
  AddSearch(trajectory, {});
  trajectory.steps.back().observation.error = "refused";
  AddSearch(trajectory, {{"book", "Carrie (novel)"}});
  Step finish;
  finish.tool = Tool::kFinish;
  finish.decision = StopDecision();
  trajectory.steps.push_back(finish);
  const ExploredRun run = ToExploredRun(TwoHops(), std::vector<Trajectory>(2, trajectory));
  EXPECT_EQ(run.recall, (std::vector<double>{1, 1}));
  ASSERT_EQ(run.decisions.size(), 1u);
  EXPECT_EQ(run.decisions[0].*AllStopFeatures()[kFeature].value, 2);
}

}  // namespace
}  // namespace foraker::agent
