#include "agent/extractive/question_terms.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace foraker::agent {
namespace {

using retrieval::AnalyzedTerm;
using retrieval::NamedTerm;

constexpr std::string_view kQuestion = "capital of the Ming dynasty, of the dynasty";

AnalyzedTerm Stem(std::string term, float weight, uint32_t begin, uint32_t end) {
  return {.kind = "stem",
          .term = std::move(term),
          .idf = weight,
          .document_frequency = 1,
          .weight = weight,
          .range = {begin, end}};
}

// Weights 1, 4 and 3; the title "ming dynasty".
std::vector<AnalyzedTerm> Analyzed() {
  std::vector<AnalyzedTerm> terms = {Stem("capit", 1, 0, 7), Stem("ming", 4, 15, 19),
                                     Stem("dynasti", 3, 20, 27), Stem("dynasti", 3, 36, 43)};
  terms.push_back({.kind = "title",
                   .term = "ming dynasty",
                   .idf = 9,
                   .document_frequency = 1,
                   .weight = 0,
                   .range = {15, 27}});
  return terms;
}

TEST(QuestionTermsTest, ARepeatedWordCountsOnceAndTitlesStandApart) {
  const QuestionTerms question(kQuestion, Analyzed());
  const std::vector<NamedTerm> open = question.Open(1);
  ASSERT_EQ(open.size(), 3u);
  EXPECT_EQ(open[1].text, "ming");
  EXPECT_EQ(open[1].weight, 4);
  ASSERT_EQ(question.titles().size(), 1u);
  EXPECT_EQ(question.titles()[0].title, "ming dynasty");
  EXPECT_EQ(question.titles()[0].idf, 7) << "the sum over its words, each place once";
}

TEST(QuestionTermsTest, CoverageIsTheShareOfWeightByTheMostTrustedPassage) {
  QuestionTerms question(kQuestion, Analyzed());
  EXPECT_EQ(question.Covered(), 0);
  const std::vector<AnalyzedTerm> passage = {Stem("ming", 4, 0, 4), Stem("vase", 5, 5, 9)};
  question.Cover(passage, .5);
  EXPECT_DOUBLE_EQ(question.Covered(), .5 * 4 / 8);
  question.Cover(passage, .25);
  EXPECT_DOUBLE_EQ(question.Covered(), .5 * 4 / 8) << "a less trusted passage takes nothing back";
  question.Cover(passage, 1);
  EXPECT_DOUBLE_EQ(question.Covered(), .5);
}

TEST(QuestionTermsTest, CoveredTermsLoseTheDiscountedPartOfTheirWeight) {
  QuestionTerms question(kQuestion, Analyzed());
  question.Cover(std::vector<AnalyzedTerm>{Stem("ming", 4, 0, 4)}, .5);
  const std::vector<NamedTerm> open = question.Open(.6);
  EXPECT_FLOAT_EQ(open[0].weight, 1);
  EXPECT_FLOAT_EQ(open[1].weight, 4 * (1 - .6 * .5));
  question.Cover(std::vector<AnalyzedTerm>{Stem("ming", 4, 0, 4)}, 1);
  EXPECT_EQ(question.Open(1).size(), 2u) << "what has no weight left is left out";
}

TEST(QuestionTermsTest, WordsThatAreOpenComeFirst) {
  QuestionTerms question(kQuestion, Analyzed());
  EXPECT_EQ(question.WordsByOpenness(), (std::vector<std::string>{"Ming", "dynasty", "capital"}));
  question.Cover(std::vector<AnalyzedTerm>{Stem("ming", 4, 0, 4)}, 1);
  EXPECT_EQ(question.WordsByOpenness(), (std::vector<std::string>{"dynasty", "capital", "Ming"}));
}

TEST(QuestionTermsTest, WordsThatAskAreNotOpen) {
  const QuestionTerms question(
      "Which vase", std::vector<AnalyzedTerm>{Stem("which", 2, 0, 5), Stem("vase", 1, 6, 10)});
  EXPECT_EQ(question.WordsByOpenness(), std::vector<std::string>{"vase"});
  EXPECT_EQ(question.Open(1).size(), 1u);
}

TEST(QuestionTermsTest, WeightOfCountsEachTermOnceAndNoOthers) {
  const QuestionTerms question(kQuestion, Analyzed());
  EXPECT_EQ(question.WeightOf(std::vector<AnalyzedTerm>{
                Stem("ming", 9, 0, 4), Stem("ming", 9, 5, 9), Stem("vase", 5, 10, 14)}),
            4);
}

TEST(QuestionTermsTest, AQuestionWithoutTermsIsCovered) {
  const QuestionTerms question("of the", {});
  EXPECT_EQ(question.Covered(), 1);
  EXPECT_TRUE(question.Open(.5).empty());
}

}  // namespace
}  // namespace foraker::agent
