#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "agent/answer/question.h"

namespace foraker::agent {
namespace {

AnswerKind KindOf(std::string_view text) { return AnalyzeQuestion(text, {}).kind; }

TEST(AnalyzeQuestionTest, TellsWhatKindOfAnswerIsAskedFor) {
  EXPECT_EQ(KindOf("Who directed Titanic?"), AnswerKind::kPerson);
  EXPECT_EQ(KindOf("Where is the band from?"), AnswerKind::kPlace);
  EXPECT_EQ(KindOf("When did the battle end?"), AnswerKind::kDate);
  EXPECT_EQ(KindOf("The university was founded in what year?"), AnswerKind::kDate);
  EXPECT_EQ(KindOf("How many albums did she record?"), AnswerKind::kNumber);
  EXPECT_EQ(KindOf("What is the population of Lima?"), AnswerKind::kNumber);
  EXPECT_EQ(KindOf("In which city was he born?"), AnswerKind::kPlace);
  EXPECT_EQ(KindOf("Which magazine was started first?"), AnswerKind::kName);
  EXPECT_EQ(KindOf("What nationality was the composer?"), AnswerKind::kOther);
  EXPECT_EQ(KindOf("Are both of them airports?"), AnswerKind::kYesNo);
  EXPECT_EQ(KindOf("Frozen and Brave have the same director?"), AnswerKind::kYesNo);
}

TEST(AnalyzeQuestionTest, NamesTheNounThatIsAskedFor) {
  EXPECT_EQ(AnalyzeQuestion("What is the capital of Peru?", {}).head_word, "capital");
  EXPECT_EQ(AnalyzeQuestion("He leads which political party?", {}).head_word, "party");
}

TEST(AnalyzeQuestionTest, FindsWhatToChooseAmong) {
  const std::string text = "Which band was Canadian, Social Code or Volcano Suns?";
  const Question question = AnalyzeQuestion(text, {});
  ASSERT_EQ(question.options.size(), 2u);
  const auto written = [&](size_t i) {
    return text.substr(question.options[i].begin,
                       question.options[i].end - question.options[i].begin);
  };
  EXPECT_EQ(written(0), "Social Code");
  EXPECT_EQ(written(1), "Volcano Suns");
  EXPECT_TRUE(AnalyzeQuestion("Who wrote more or fewer, then died in Rome?", {}).options.empty());
}

TEST(AnalyzeQuestionTest, WeighsWordsAsTheCollectionDoes) {
  std::vector<retrieval::AnalyzedTerm> terms(3);
  terms[0].kind = "stem", terms[0].idf = 2, terms[0].range = {4, 12};    // directed
  terms[1].kind = "stem", terms[1].idf = 7, terms[1].range = {13, 20};   // Titanic
  terms[2].kind = "token", terms[2].idf = 99, terms[2].range = {4, 12};  // left to the stems
  const Question question = AnalyzeQuestion("Who directed Titanic?", terms);
  EXPECT_EQ(question.weights, (std::vector<double>{0, 2, 7}));
  EXPECT_EQ(question.total, 9);
}

TEST(AnalyzeQuestionTest, CountsEveryWordAlikeWhereTheCollectionSaysNothing) {
  EXPECT_EQ(AnalyzeQuestion("Who directed Titanic?", {}).weights, (std::vector<double>{0, 1, 1}));
}

TEST(AnalyzeQuestionTest, BearsAnyText) {
  for (std::string_view text : {"", "?", "or", "A or", "or B", "which", "who is", "\xff\xfe", "how",
                                "What is the name of the", ", or ,"}) {
    const Question question = AnalyzeQuestion(text, {});
    EXPECT_EQ(question.weights.size(), question.words.size()) << text;
  }
}

}  // namespace
}  // namespace foraker::agent
