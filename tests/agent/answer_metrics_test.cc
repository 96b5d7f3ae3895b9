// Expected values: SQuAD's evaluate-v1.1.py on the same strings.

#include "agent/eval/answer_metrics.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace foraker::agent {
namespace {

TEST(NormalizeAnswer, AgreesWithThePublishedRules) {
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"The Dark Tower", "dark tower"},
      {"the  the   cat", "cat"},
      {"An A to Z", "to z"},
      {"A", ""},
      {"the", ""},
      {"", ""},
      {"...", ""},
      {"U.S.A.", "usa"},
      {"rock-n-roll", "rocknroll"},
      {"Theatre", "theatre"},
      {"a-ha", "aha"},
      {"don't", "dont"},
      {"March 27, 2015", "march 27 2015"},
      {"$1,000", "1000"},
      {"THE OFFICE (U.S. TV series)", "office us tv series"},
      {"ÉLAN Été", "élan été"},
      {"Łódź the city", "łódź city"},
      {"Ÿ Ž Ő ŉ", "ÿ ž ő ŉ"},
      {"Σίσυφος ΑΘΗΝΑ", "σίσυφος αθηνα"},
      {"МОСКВА а the", "москва а"},  // that а is Cyrillic
      {"à la the", "à la"},
      {"“The” Beatles", "“ ” beatles"},
      {"1969–1970 – the end", "1969–1970 – end"},
      {"a\u00a0b\u2009the c", "b c"},
      {"caf\u00e9 the\u0301 x", "café \u0301 x"},
      {"x²the", "x²the"},
  };
  for (const auto& [answer, normal] : expected) EXPECT_EQ(NormalizeAnswer(answer), normal);
}

TEST(NormalizeAnswer, LeavesBytesThatAreNoTextAsTheyAre) {
  for (const std::string bytes : {"\xff", "\xc3", "x\xe2\x80", "\xe0\x80\x80", "\xed\xa0\x80",
                                  "\xf4\x90\x80\x80", "\xc1\x81"})
    EXPECT_EQ(NormalizeAnswer(bytes), bytes);
}

TEST(CompareAnswers, CountsSharedWordsAsOftenAsTheyOccur) {
  const auto f1 = [](const std::string& given, const std::string& known) {
    return CompareAnswers(given, std::vector<std::string>{known}).f1;
  };
  EXPECT_DOUBLE_EQ(f1("Stephen King", "King"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(f1("the city of New York", "New York City"), 6.0 / 7);
  EXPECT_DOUBLE_EQ(f1("a a b", "a b b"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(f1("rock rock roll", "rock roll roll"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(f1("yes", "yes it is"), .5);
  EXPECT_EQ(f1("yes", "no"), 0);
  EXPECT_EQ(f1("", "King"), 0);
  EXPECT_EQ(f1("", "the"), 0);
}

TEST(CompareAnswers, TakesTheBestOfTheAliases) {
  const std::vector<std::string> known = {"United States of America", "The U.S.", "USA"};
  EXPECT_EQ(CompareAnswers("the US", known).em, 1);
  EXPECT_EQ(CompareAnswers("US", known).f1, 1);
  EXPECT_EQ(CompareAnswers("America", known).em, 0);
  EXPECT_DOUBLE_EQ(CompareAnswers("America", known).f1, .4);
  EXPECT_EQ(CompareAnswers("America", {}).f1, 0);
}

TEST(IsYesNo, KnowsBothWordsInAnyDress) {
  EXPECT_TRUE(IsYesNo("Yes."));
  EXPECT_TRUE(IsYesNo("no"));
  EXPECT_FALSE(IsYesNo("none"));
  EXPECT_FALSE(IsYesNo("yes it is"));
}

}  // namespace
}  // namespace foraker::agent
