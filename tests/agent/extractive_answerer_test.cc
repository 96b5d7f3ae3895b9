#include "agent/answer/extractive_answerer.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/agent/fake_backend.h"

namespace foraker::agent {
namespace {

class ExtractiveAnswererTest : public ::testing::Test {
 protected:
  ExtractiveAnswererTest() : meter_(Budget(), backend_.now), session_(backend_, meter_, {}) {
    EXPECT_TRUE(session_.Pin().ok());
  }

  // The passage begins `before` bytes into its document.
  void Read(std::string title, std::string text, uint32_t step = 0, uint32_t before = 0) {
    ReadPassage read;
    read.passage = MakePassage(title + "-id", title, std::move(text));
    read.passage.range.begin += before;
    read.passage.range.end += before;
    read.step = step;
    trajectory_.passages.push_back(std::move(read));
  }

  Answer Ask(std::string question) {
    trajectory_.question = std::move(question);
    absl::StatusOr<Answer> answer = MakeExtractiveAnswerer()->Find(trajectory_, session_);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *answer : Answer();
  }

  // Every citation with a range is the document's text there.
  void ExpectExactCitations(const Answer& answer) const {
    for (const Citation& citation : answer.citations) {
      if (citation.range.begin == citation.range.end) {
        EXPECT_TRUE(citation.quote.empty());
        continue;
      }
      bool found = false;
      for (const ReadPassage& read : trajectory_.passages) {
        const Passage& passage = read.passage;
        if (passage.document_id != citation.document_id || passage.ordinal != citation.passage ||
            citation.range.begin < passage.range.begin || citation.range.end > passage.range.end)
          continue;
        found |= passage.text.substr(citation.range.begin - passage.range.begin,
                                     citation.range.end - citation.range.begin) == citation.quote;
      }
      EXPECT_TRUE(found) << citation.document_id << ": " << citation.quote;
    }
  }

  FakeBackend backend_;
  Meter meter_;
  Session session_;
  Trajectory trajectory_;
};

TEST_F(ExtractiveAnswererTest, AnswersWithASpanItsSentenceAndWhereTheyStand) {
  Read("Fight Club", "Fight Club is a 1999 American film. It was directed by David Fincher.", 0,
       500);
  Read("Ludwig Goransson", "Ludwig Goransson is a Swedish composer.");
  const Answer answer = Ask("Who directed the film Fight Club?");
  ASSERT_TRUE(answer.found) << answer.reason;
  EXPECT_EQ(answer.text, "David Fincher");
  EXPECT_EQ(answer.sentence, "It was directed by David Fincher.");
  EXPECT_EQ(answer.answerer, "extractive");
  ASSERT_GE(answer.citations.size(), 2u);
  EXPECT_EQ(answer.citations[0].quote, "David Fincher");
  EXPECT_EQ(answer.citations[0].document_id, "Fight Club-id");
  EXPECT_EQ(answer.citations[0].range.begin, 555u);
  EXPECT_EQ(answer.citations[1].quote, answer.sentence);
  EXPECT_GT(answer.confidence, 0);
  EXPECT_LE(answer.confidence, 1);
  ExpectExactCitations(answer);
}

TEST_F(ExtractiveAnswererTest, AnswersADateWithADate) {
  Read("Élan", "\"Élan\" is a song by the Finnish band Nightwish, released on February 9, 2015.");
  const Answer answer = Ask("When was the song Élan by Nightwish released?");
  ASSERT_TRUE(answer.found) << answer.reason;
  EXPECT_EQ(answer.text, "February 9, 2015");
  ExpectExactCitations(answer);
}

TEST_F(ExtractiveAnswererTest, ChoosesAmongWhatTheQuestionOffers) {
  Read("Social Code", "Social Code was a Canadian alternative rock band from Calgary.");
  Read("Volcano Suns", "Volcano Suns were an American alternative rock band from Boston.");
  const Answer answer =
      Ask("Which alternative rock band was Canadian, Social Code or Volcano Suns?");
  EXPECT_EQ(answer.text, "Social Code");
}

TEST_F(ExtractiveAnswererTest, SaysYesOnlyOfWhatIsSaidOfBoth) {
  Read("Tonle", "Tonle is a film director from Chennai.");
  Read("Varga", "Varga is a film director from Szeged.");
  Read("Medici", "Medici is a board game.");
  EXPECT_EQ(Ask("Are Tonle and Varga both film directors?").text, "yes");
  EXPECT_EQ(Ask("Are Tonle and Medici both film directors?").text, "no");
}

TEST_F(ExtractiveAnswererTest, SaysWhatWasNotThereWhenNothingFits) {
  EXPECT_EQ(Ask("Who directed Fight Club?").reason, "No passage was read.");
  Read("Lima", "Lima is the capital of Peru.");
  const Answer answer = Ask("Which protein inhibits thrombin?");
  EXPECT_FALSE(answer.found);
  EXPECT_TRUE(answer.text.empty());
  EXPECT_NE(answer.reason.find("thrombin"), std::string::npos) << answer.reason;
  EXPECT_EQ(Ask("Who is it?").reason, "The question has no word that could be looked for.");
}

TEST_F(ExtractiveAnswererTest, AnswersAfterTheTimeIsOver) {
  Read("Fight Club", "Fight Club is a film. It was directed by David Fincher.");
  backend_.now += absl::Hours(1);
  const Answer answer = Ask("Who directed Fight Club?");
  EXPECT_EQ(answer.text, "David Fincher");
  EXPECT_EQ(backend_.calls[CallKind::kAnalyze], 0);
}

TEST_F(ExtractiveAnswererTest, FollowsTheCallerWhoLeaves) {
  Read("Lima", "Lima is the capital of Peru.");
  Session session(backend_, meter_, {.cancelled = [] { return true; }});
  trajectory_.question = "What is the capital of Peru?";
  EXPECT_TRUE(absl::IsCancelled(MakeExtractiveAnswerer()->Find(trajectory_, session).status()));
}

TEST_F(ExtractiveAnswererTest, CitesExactBytesOfWhateverWasRead) {
  static constexpr std::string_view kPieces[] = {
      "Ann", "Élan", "蒼龍",  " ",   ". ",   "was born in", "1984", "\"", "(",    ") ",
      " – ", "Lima", " and ", "of ", "\xc3", "\n\n",        "5 km", ", ", "band", "’s "};
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    trajectory_.passages.clear();
    for (int p = 0; p < 4; ++p) {
      std::string text;
      for (int i = 0; i < 30; ++i) text += kPieces[random() % std::size(kPieces)];
      Read(std::string(kPieces[random() % std::size(kPieces)]), text, p / 2, random() % 9000);
    }
    for (const char* question : {"Who was born in Lima?", "Are Ann and Lima both a band?",
                                 "When was Ann born, 1984 or Lima?", "How many km of band?"}) {
      const Answer answer = Ask(question);
      ExpectExactCitations(answer);
      ASSERT_EQ(answer.found, answer.reason.empty()) << "in round " << round;
      ASSERT_EQ(answer.found, !answer.text.empty()) << "in round " << round;
    }
  }
}

}  // namespace
}  // namespace foraker::agent
