#include "agent/searched_words.h"

#include <gtest/gtest.h>

namespace foraker::agent {
namespace {

TEST(SearchedWordsTest, CaseOrderRepetitionAndPunctuationDoNotMakeAnotherQuery) {
  SearchedWords searched;
  searched.Add("Who wrote The Shining?", 3);
  EXPECT_EQ(searched.StepOf("the shining: who WROTE the shining"), 3u);
  EXPECT_EQ(searched.StepOf("who wrote shining"), std::nullopt);
  EXPECT_EQ(searched.StepOf("who wrote the shinings"), std::nullopt);
}

TEST(SearchedWordsTest, LettersBeyondAsciiArePartsOfWords) {
  SearchedWords searched;
  searched.Add("café Zürich", 0);
  EXPECT_EQ(searched.StepOf("Zürich, CAFé"), 0u);
  EXPECT_EQ(searched.StepOf("caf Zrich"), std::nullopt);
}

TEST(SearchedWordsTest, TheFirstStepIsNamedAndTextsWithoutWordsAreComparedAsTheyAre) {
  SearchedWords searched;
  searched.Add("a b", 1);
  searched.Add("b a", 2);
  EXPECT_EQ(searched.StepOf("a b"), 1u);
  searched.Add("?!", 4);
  EXPECT_EQ(searched.StepOf("?!"), 4u);
  EXPECT_EQ(searched.StepOf("!?"), std::nullopt);
}

}  // namespace
}  // namespace foraker::agent
