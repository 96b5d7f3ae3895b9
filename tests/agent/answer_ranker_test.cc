#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "agent/answer/ranker.h"

namespace foraker::agent {
namespace {

constexpr char kHeader[] = "feature\tshared\tperson\tplace\tdate\tnumber\tname\tother\tyes_no\n";

size_t Place(std::string_view name) {
  return std::find(kFeatureNames.begin(), kFeatureNames.end(), name) - kFeatureNames.begin();
}

Candidate Reading(std::string normal) {
  Candidate candidate;
  candidate.normal = std::move(normal);
  return candidate;
}

TEST(AnswerRankerTest, AddsTheKindsWeightsToTheSharedOnes) {
  const auto ranker = AnswerRanker::FromText(
      std::string(kHeader) + "is_name\t1\t2\t0\t0\t0\t0\t0\t0\nis_year\t0\t0\t0\t5\t0\t0\t0\t0\n");
  ASSERT_TRUE(ranker.ok()) << ranker.status();
  std::vector<Features> features(2);
  features[0][Place("is_name")] = 1;
  features[1][Place("is_year")] = 1;
  const std::vector<Candidate> candidates = {Reading("ann"), Reading("1999")};
  const auto person = ranker->Rank(AnswerKind::kPerson, candidates, features);
  ASSERT_EQ(person.size(), 2u);
  EXPECT_EQ(person[0].candidate, 0u);
  EXPECT_NEAR(person[0].probability, 1 / (1 + std::exp(-3.0)), 1e-9);
  EXPECT_EQ(ranker->Rank(AnswerKind::kDate, candidates, features)[0].candidate, 1u);
}

TEST(AnswerRankerTest, SharesProbabilityAmongThoseThatReadAlike) {
  const auto ranker =
      AnswerRanker::FromText(std::string(kHeader) + "is_name\t0.5\t0\t0\t0\t0\t0\t0\t0\n");
  ASSERT_TRUE(ranker.ok()) << ranker.status();
  std::vector<Features> features(3);
  features[0][Place("is_name")] = 1;
  const std::vector<Candidate> candidates = {Reading("one"), Reading("two"), Reading("two")};
  const auto ranked = ranker->Rank(AnswerKind::kName, candidates, features);
  ASSERT_EQ(ranked.size(), 2u);
  EXPECT_EQ(ranked[0].candidate, 1u);  // 2 e^0 > e^.5
  EXPECT_NEAR(ranked[0].probability + ranked[1].probability, 1, 1e-9);
}

TEST(AnswerRankerTest, NamesTheLineThatIsWrong) {
  const auto message = [](const std::string& text) {
    return std::string(AnswerRanker::FromText(std::string(kHeader) + text).status().message());
  };
  EXPECT_NE(message("is_name\t1\n").find("line 2: expected 9 cells"), std::string::npos);
  EXPECT_NE(message("no_such\t0\t0\t0\t0\t0\t0\t0\t0\n").find("line 2"), std::string::npos);
  EXPECT_NE(message("is_name\tnan\t0\t0\t0\t0\t0\t0\t0\n").find("finite"), std::string::npos);
}

TEST(AnswerRankerTest, IsPartOfTheProgram) {
  std::vector<Features> features(1);
  EXPECT_EQ(AnswerRanker::BuiltIn().Rank(AnswerKind::kName, {}, {}).size(), 0u);
  EXPECT_EQ(
      AnswerRanker::BuiltIn().Rank(AnswerKind::kName, std::vector{Reading("a")}, features).size(),
      1u);
}

}  // namespace
}  // namespace foraker::agent
