#include "retrieval/titles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace foraker::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TitlesTest, BracketsPunctuationCaseAndAccentsAreDropped) {
  EXPECT_EQ(NormalizeTitle("Schindler's List (film)"), "schindler s list");
  EXPECT_EQ(NormalizeTitle("  AC/DC -- Back\tin Black "), "ac dc back in black");
  EXPECT_EQ(NormalizeTitle("Beyonc\u00e9 Knowles\u2013Carter"), "beyonce knowles carter");
  EXPECT_EQ(NormalizeTitle("Beyonce\u0301"), "beyonce");
  EXPECT_EQ(NormalizeTitle("\uff26\uff55\uff4c\uff4c\uff08width\uff09"), "full");
  EXPECT_EQ(NormalizeTitle("E = mc\u00b2"), "e mc2");
}

TEST(TitlesTest, BracketsNestAndUnpairedOnesArePunctuation) {
  EXPECT_EQ(NormalizeTitle("A (b [c] d) E"), "a e");
  EXPECT_EQ(NormalizeTitle("A (b"), "a b");
  EXPECT_EQ(NormalizeTitle("A) b"), "a b");
  EXPECT_EQ(NormalizeTitle("A (b] c) d"), "a d");
}

TEST(TitlesTest, ATitleOfNothingElseIsEmpty) {
  EXPECT_EQ(NormalizeTitle(""), "");
  EXPECT_EQ(NormalizeTitle("(untitled)"), "");
  EXPECT_EQ(NormalizeTitle("!?\xff"), "");
}

TEST(TitlesTest, OtherScriptsKeepTheirMarks) {
  EXPECT_EQ(NormalizeTitle("\u6771\u4eac\u30bf\u30ef\u30fc"), "\u6771\u4eac\u30bf\u30ef\u30fc");
  EXPECT_EQ(NormalizeTitle("\u304c"), "\u304c");  // the voicing mark is part of the letter
  EXPECT_EQ(NormalizeTitle("\u0939\u093f\u0928\u094d\u0926\u0940"),
            "\u0939\u093f\u0928\u094d\u0926\u0940");
}

TEST(TitlesTest, TheNormalFormIsItsOwnNormalForm) {
  for (const std::string_view title :
       {"Schindler's List (film)", "\u0130stanbul \u00c5ngstr\u00f6m \ufb01",
        "\u1e9b\u0323 x\u00b3"}) {
    const std::string normal = NormalizeTitle(title);
    EXPECT_EQ(NormalizeTitle(normal), normal);
  }
}

class MentionsTest : public ::testing::Test {
 protected:
  MentionsTest() : session_((*model::Analyzer::Create({}))->NewSession()) {}

  std::vector<std::string> Find(std::string_view text, const std::set<std::string>& titles,
                                const MentionOptions& options = {}, double idf = 0) {
    const auto mentions = FindMentions(
        text, session_->Analyze(text),
        [&](std::string_view title) { return titles.contains(std::string(title)); },
        [&](const model::AnalyzedWord&) { return idf; }, options);
    EXPECT_TRUE(mentions.ok()) << mentions.status();
    std::vector<std::string> found;
    for (const Mention& mention : *mentions) {
      EXPECT_EQ(NormalizeTitle(text.substr(mention.begin, mention.end - mention.begin)),
                mention.title);
      found.emplace_back(text.substr(mention.begin, mention.end - mention.begin));
    }
    return found;
  }

  std::unique_ptr<model::Analyzer::Session> session_;
};

TEST_F(MentionsTest, TheLongestRunWinsAndMentionsAreDisjoint) {
  EXPECT_THAT(
      Find("He left New York City Hall and the city.", {"new york", "new york city", "city hall"}),
      ElementsAre("New York City"));
  EXPECT_THAT(Find("new york and the Hall of Fame", {"new york", "the hall of fame"}),
              ElementsAre("new york", "the Hall of Fame"));
}

TEST_F(MentionsTest, APossessiveEndingDoesNotHideATitle) {
  EXPECT_THAT(Find("I saw Fatal Vision\u2019s end", {"fatal vision"}), ElementsAre("Fatal Vision"));
  EXPECT_THAT(Find("I saw Schindler's List", {"schindler s list"}),
              ElementsAre("Schindler's List"));
}

TEST_F(MentionsTest, OneWordNeedsACapitalInsideASentenceOrRarity) {
  EXPECT_THAT(Find("the band met Nirvana there", {"nirvana", "band"}), ElementsAre("Nirvana"));
  EXPECT_THAT(Find("Nirvana met the band", {"nirvana"}), IsEmpty());  // any first word has one
  EXPECT_THAT(Find("Gone. Nirvana met the band", {"nirvana"}), IsEmpty());
  MentionOptions options;
  options.min_word_idf = 5;
  EXPECT_THAT(Find("nirvana met the band", {"nirvana"}, options, 6), ElementsAre("nirvana"));
  EXPECT_THAT(Find("nirvana met the band", {"nirvana"}, options, 4), IsEmpty());
}

TEST_F(MentionsTest, StopWordsAloneNeedCapitals) {
  EXPECT_THAT(Find("so it is that it was", {"it is"}), IsEmpty());
  EXPECT_THAT(Find("we saw It Is twice", {"it is"}), ElementsAre("It Is"));
}

TEST_F(MentionsTest, RunsDoNotCrossBrackets) {
  EXPECT_THAT(Find("the big (and red) house", {"big house", "red house", "and red"}),
              ElementsAre("and red"));
}

TEST_F(MentionsTest, RunsHaveAtMostEightWords) {
  EXPECT_THAT(Find("b c d e f g h i j", {"b c d e f g h i j"}), IsEmpty());
  EXPECT_THAT(Find("b c d e f g h i j", {"b c d e f g h i"}), ElementsAre("b c d e f g h i"));
}

TEST_F(MentionsTest, ErrorsOfTheLookUpAreReturned) {
  const std::string_view text = "New York";
  const auto mentions = FindMentions(
      text, session_->Analyze(text),
      [](std::string_view) -> absl::StatusOr<bool> { return absl::DataLossError("broken"); },
      nullptr, {});
  EXPECT_EQ(mentions.status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace foraker::retrieval
