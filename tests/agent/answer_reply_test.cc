#include "agent/llm/answer_reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/llm/citations.h"
#include "tests/agent/fake_backend.h"

namespace foraker::agent {
namespace {

using testing::ElementsAre;

AnswerReply Parse(std::string_view reply, size_t passages = 9) {
  const absl::StatusOr<AnswerReply> parsed = ParseAnswerReply(reply, passages);
  EXPECT_TRUE(parsed.ok()) << reply << "\n" << parsed.status();
  return parsed.value_or(AnswerReply());
}

TEST(AnswerReplyTest, ReadsWhatItAsksFor) {
  const AnswerReply reply =
      Parse("Reasoning: It was designed by Ann.\nPassages: [1] [3]\nAnswer: Ann Lee");
  EXPECT_EQ(reply.reasoning, "It was designed by Ann.");
  EXPECT_THAT(reply.passages, ElementsAre(1u, 3u));
  EXPECT_EQ(reply.answer, "Ann Lee");
}

TEST(AnswerReplyTest, UnderstandsOtherSpellings) {
  EXPECT_EQ(Parse("**Reasoning:** x\n**Final Answer:** **Ann Lee**").answer, "Ann Lee");
  EXPECT_EQ(Parse("<think>Answer: Bob</think>\nAnswer: \"Ann Lee\" [2]").answer, "Ann Lee");
  EXPECT_EQ(Parse("Ann Lee.").answer, "Ann Lee");
  EXPECT_EQ(Parse("Answer: Ann Lee\nReasoning: made up\nAnswer: Bob").answer, "Ann Lee");
  EXPECT_EQ(Parse("Reasoning: x\nAnswer:\nthe U.S.").answer, "the U.S.");
}

TEST(AnswerReplyTest, TakesPassagesThatThereAre) {
  EXPECT_THAT(Parse("Passages: 1, 3 and 12\nAnswer: x", 3).passages, ElementsAre(1u, 3u));
  EXPECT_THAT(Parse("Reasoning: In 1969 [2], as [0] and [2] say.\nAnswer: x").passages,
              ElementsAre(2u));
  EXPECT_THAT(Parse("Passages: [99999999999999999999]\nAnswer: x").passages, ElementsAre());
}

TEST(AnswerReplyTest, KnowsNotFound) {
  for (const char* reply : {"Answer: not found", "Answer: Not found.", "Answer: Unknown",
                            "Reasoning: x\nAnswer: not found in the passages"}) {
    EXPECT_EQ(Parse(reply).answer, "") << reply;
  }
}

TEST(AnswerReplyTest, SaysThatThereIsNoAnswer) {
  for (const char* reply :
       {"", "Reasoning: hm", "Answer:", "Two lines\nof talk", "<think>Answer: Bob"}) {
    EXPECT_FALSE(ParseAnswerReply(reply, 3).ok()) << reply;
  }
}

std::vector<ReadPassage> Read() {
  return {{MakePassage("a", "Rome", "Romero lives here. He likes it."), 0, 1},
          {MakePassage("b", "City", "The capital is rome, as ever. It is old."), 0, 1},
          {MakePassage("c", "Other", "Nothing. The capital moved."), 0, 1}};
}

TEST(CitationsTest, FindWholeWordsOfAnyCase) {
  const CitedAnswer cited = CiteAnswer({"", "Rome", {2}}, Read());
  ASSERT_EQ(cited.citations.size(), 1u);
  EXPECT_TRUE(cited.in_named);
  EXPECT_EQ(cited.citations[0].document_id, "b");
  EXPECT_EQ(cited.citations[0].quote, "rome");
  EXPECT_EQ(cited.citations[0].range.begin, 15u);
  EXPECT_EQ(cited.citations[0].range.end, 19u);
}

TEST(CitationsTest, FindWordsBesidePunctuationOfAnyKind) {
  const std::vector<ReadPassage> read = {
      {MakePassage("a", "", "They named it \u201cRome\u201d\u2014Rome's own."), 0, 1}};
  const CitedAnswer cited = CiteAnswer({"", "Rome", {1}}, read);
  ASSERT_EQ(cited.citations.size(), 1u);
  EXPECT_EQ(cited.citations[0].range.begin, 17u);
}

TEST(CitationsTest, LookElsewhereWhereTheNamedPassageLacksTheWords) {
  const CitedAnswer cited = CiteAnswer({"The capital moved.", "Rome", {3}}, Read());
  EXPECT_FALSE(cited.in_named);
  EXPECT_TRUE(cited.in_any);
  ASSERT_EQ(cited.citations.size(), 2u);
  EXPECT_EQ(cited.citations[0].document_id, "a") << "by its title";
  EXPECT_EQ(cited.citations[0].range.begin, cited.citations[0].range.end);
  EXPECT_EQ(cited.citations[1].document_id, "b");
}

TEST(CitationsTest, QuoteTheBestSentenceOfWhatIsNamed) {
  const CitedAnswer cited = CiteAnswer({"It moved.", "the moved capital", {3}}, Read());
  ASSERT_EQ(cited.citations.size(), 1u);
  EXPECT_EQ(cited.citations[0].quote, "The capital moved.");
  EXPECT_FALSE(cited.in_any);
}

TEST(CitationsTest, DoNotBackWhatTheNamedPassagesDoNotSay) {
  EXPECT_TRUE(CiteAnswer({"The capital moved.", "in 2018", {3}}, Read()).citations.empty());
}

TEST(CitationsTest, AVerdictRestsOnWhatIsNamed) {
  const CitedAnswer cited = CiteAnswer({"It is old.", "yes", {2}}, Read());
  ASSERT_EQ(cited.citations.size(), 1u);
  EXPECT_EQ(cited.citations[0].quote, "It is old.");
  EXPECT_TRUE(CiteAnswer({"", "no", {}}, Read()).citations.empty());
}

}  // namespace
}  // namespace foraker::agent
