#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "retrieval/eval/metrics.h"
#include "retrieval/eval/qrels.h"
#include "retrieval/eval/run_file.h"
#include "retrieval/eval/significance.h"
#include "tests/support/temporary_directory.h"

namespace foraker::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kGolden = "tests/golden/evaluation/";  // made by make_evaluation.py beside it

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(QrelsTest, BeirFilesAreReadWithAndWithoutAHeader) {
  for (const std::string_view text :
       {"query-id\tcorpus-id\tscore\nq1\tA doc\t2\n\nq2\tb\t0\n", "q1\tA doc\t2\r\nq2\tb\t0"}) {
    const auto qrels = ParseQrels(text, "f");
    ASSERT_TRUE(qrels.ok()) << qrels.status();
    EXPECT_EQ(*qrels, (Qrels{{"q1", {{"A doc", 2}}}, {"q2", {{"b", 0}}}}));
  }
}

TEST(QrelsTest, TrecFilesHaveFourColumns) {
  const auto qrels = ParseQrels("q1 0 a 1\nq1   Q0 b  -1\n", "f");
  ASSERT_TRUE(qrels.ok()) << qrels.status();
  EXPECT_EQ(*qrels, (Qrels{{"q1", {{"a", 1}, {"b", -1}}}}));
}

TEST(QrelsTest, ErrorsNameFileLineAndWhatWasExpected) {
  EXPECT_THAT(Message(ParseQrels("q a 1\nq a\n", "f.tsv").status()),
              ::testing::AllOf(HasSubstr("f.tsv:2:"), HasSubstr("found 2 columns")));
  EXPECT_THAT(Message(ParseQrels("q a 1\nq b high\n", "f").status()),
              HasSubstr("f:2: expected a whole number"));
  EXPECT_THAT(Message(ParseQrels("q a 1\nq a 2\n", "f").status()), HasSubstr("grade 1"));
  EXPECT_THAT(Message(ParseQrels("q\t\t1\n", "f").status()), HasSubstr("empty column"));
  EXPECT_TRUE(ParseQrels("q a 1\nq a 1\n", "f").ok());
  EXPECT_EQ(ReadQrels("no/such/file").status().code(), absl::StatusCode::kNotFound);
}

TEST(RunFileTest, ARunIsReadBackAsItWasWritten) {
  const retrieval::Run run = {{"q1", {{"a", 1.1f}, {"b", 1e-7f}}},
                              {"q 2", {{"the doc", 16777217.0f}}}};
  const TemporaryDirectory directory;
  const std::string path = directory.File("run");
  ASSERT_TRUE(WriteRun(run, "tag", path).ok());
  const auto read = ReadRun(path);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, run);
}

TEST(RunFileTest, LinesAreTrecsUnlessAnIdentifierHoldsASpace) {
  EXPECT_EQ(FormatRanking("q", {{"a", 2.5f}, {"b", 1}}, "t"), "q Q0 a 1 2.5 t\nq Q0 b 2 1 t\n");
  EXPECT_EQ(FormatRanking("q", {{"a b", 2.5f}}, "t"), "q\tQ0\ta b\t1\t2.5\tt\n");
}

TEST(RunFileTest, ErrorsNameFileLineAndWhatWasExpected) {
  EXPECT_THAT(Message(ParseRun("q Q0 a 1 0.5\n", "r").status()), HasSubstr("r:1: expected query"));
  EXPECT_THAT(Message(ParseRun("q Q0 a 1 nan t\n", "r").status()), HasSubstr("finite number"));
  EXPECT_THAT(Message(ParseRun("q Q0 a 1 2 t\nq Q0 a 2 1 t\n", "r").status()),
              HasSubstr("r:2: document \"a\" twice"));
}

TEST(MetricsTest, EqualScoresAreOrderedByDescendingIdAndFloat32Decides) {
  const Grades grades = {{"a", 1}};
  EXPECT_EQ(EvaluateRanking({{"a", 1}, {"b", 1}}, grades).mrr_10, 0.5);
  EXPECT_EQ(EvaluateRanking({{"b", 1}, {"a", 1}}, grades).mrr_10, 0.5);
  EXPECT_EQ(EvaluateRanking({{"b", 1}, {"a", 2}}, grades).mrr_10, 1.0);
}

TEST(MetricsTest, GainIsTheGradeAndTheIdealOrderHasAllJudgements) {
  const Grades grades = {{"a", 3}, {"b", 1}, {"c", 2}, {"n", -2}};
  const Metrics metrics = EvaluateRanking({{"b", 9}, {"n", 8}, {"a", 7}}, grades);
  EXPECT_NEAR(metrics.ndcg_10, (1 + 3 / 2.0) / (3 + 2 / std::log2(3.0) + 1 / 2.0), 1e-12);
  EXPECT_NEAR(metrics.recall_10, 2.0 / 3, 1e-12);
}

TEST(MetricsTest, QueriesWithoutJudgementsAreLeftOutAndEmptyRankingsCountZero) {
  const Qrels qrels = {{"q1", {{"a", 1}}}, {"q2", {{"a", 1}}}, {"q3", {{"a", 1}}}};
  const Evaluation evaluation = Evaluate({{"q1", {{"a", 1}}}, {"q2", {}}, {"x", {}}}, qrels);
  EXPECT_EQ(evaluation.by_query.size(), 2u);
  EXPECT_EQ(evaluation.mean.ndcg_10, 0.5);
  EXPECT_EQ(evaluation.unjudged_queries, 1u);
  EXPECT_EQ(evaluation.missing_queries, 1u);
  EXPECT_EQ(Evaluate({}, qrels).mean.ndcg_10, 0);
}

std::vector<std::vector<std::string>> ReadTable(const std::string& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in) << path;
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(in, line);) {
    std::istringstream columns(line);
    rows.emplace_back();
    for (std::string column; columns >> column;) rows.back().push_back(column);
  }
  return rows;
}

// The golden run of that name; queries without hits are asked all the same.
Evaluation EvaluateGolden(const std::string& name) {
  const auto qrels = ReadQrels(kGolden + "qrels.trec");
  auto run = ReadRun(kGolden + "run-" + name + ".trec");
  EXPECT_TRUE(qrels.ok()) << qrels.status();
  EXPECT_TRUE(run.ok()) << run.status();
  for (const auto& [query, grades] : *qrels) (*run)[query];
  return Evaluate(*run, *qrels);
}

TEST(MetricsTest, EveryQueryAgreesWithTrecEval) {
  for (const std::string name : {"a", "b"}) {
    const Evaluation evaluation = EvaluateGolden(name);
    const auto rows = ReadTable(kGolden + "expected-" + name + ".tsv");
    ASSERT_EQ(evaluation.by_query.size(), rows.size());
    for (const auto& row : rows) {
      ASSERT_EQ(row.size(), 5u);
      const auto at = evaluation.by_query.find(row[0]);
      ASSERT_NE(at, evaluation.by_query.end()) << row[0];
      EXPECT_NEAR(at->second.ndcg_10, std::stod(row[1]), 1e-8) << name << " " << row[0];
      EXPECT_NEAR(at->second.mrr_10, std::stod(row[2]), 1e-8) << name << " " << row[0];
      EXPECT_NEAR(at->second.recall_10, std::stod(row[3]), 1e-8) << name << " " << row[0];
      EXPECT_NEAR(at->second.recall_100, std::stod(row[4]), 1e-8) << name << " " << row[0];
    }
  }
}

TEST(QrelsTest, BothFormatsOfTheGoldenJudgementsAgree) {
  const auto trec = ReadQrels(kGolden + "qrels.trec");
  const auto beir = ReadQrels(kGolden + "qrels.tsv");
  ASSERT_TRUE(trec.ok() && beir.ok());
  EXPECT_EQ(*trec, *beir);
}

TEST(SignificanceTest, PValuesAgreeWithScipys) {
  const Evaluation a = EvaluateGolden("a");
  const Evaluation b = EvaluateGolden("b");
  const std::vector<double Metrics::*> metrics = {&Metrics::ndcg_10, &Metrics::mrr_10,
                                                  &Metrics::recall_10, &Metrics::recall_100};
  const auto rows = ReadTable(kGolden + "significance.tsv");
  ASSERT_EQ(rows.size(), metrics.size());
  for (size_t i = 0; i < metrics.size(); ++i) {
    const PairedComparison result = CompareRuns(a, b, metrics[i]);
    EXPECT_NEAR(result.mean_a, std::stod(rows[i][1]), 1e-8);
    EXPECT_NEAR(result.mean_b, std::stod(rows[i][2]), 1e-8);
    EXPECT_NEAR(result.p_t, std::stod(rows[i][3]), 1e-6) << rows[i][0];
    EXPECT_NEAR(result.p_randomization, std::stod(rows[i][4]), 0.004) << rows[i][0];
  }
}

TEST(SignificanceTest, WinsLossesAndTiesAreCounted) {
  const std::vector<double> a = {1, 0.5, 0.2, 0.7};
  const std::vector<double> b = {0, 0.5, 0.3, 0.6};
  const PairedComparison result = ComparePaired(a, b);
  EXPECT_EQ(result.wins, 2u);
  EXPECT_EQ(result.losses, 1u);
  EXPECT_EQ(result.ties, 1u);
  EXPECT_NEAR(result.difference, 0.25, 1e-12);
  EXPECT_EQ(result.p_randomization, ComparePaired(a, b).p_randomization);  // the seed is fixed
}

TEST(SignificanceTest, EqualRunsAndSingleQueriesAreNoEvidence) {
  const std::vector<double> a = {0.1, 0.2};
  EXPECT_EQ(ComparePaired(a, a).p_t, 1);
  EXPECT_EQ(ComparePaired(a, a).p_randomization, 1);
  EXPECT_EQ(ComparePaired({}, {}).queries, 0u);
  const std::vector<double> one = {1};
  const std::vector<double> zero = {0};
  EXPECT_EQ(ComparePaired(one, zero).p_t, 1);
  EXPECT_EQ(ComparePaired(one, zero).p_randomization, 1);  // either sign lies as far
}

}  // namespace
}  // namespace foraker::retrieval
