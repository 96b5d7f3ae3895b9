#include "agent/extractive/bridges.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/agent/stem_analysis.h"

namespace foraker::agent {
namespace {

using retrieval::AnalyzedTerm;
using retrieval::Link;

constexpr std::string_view kText =
    "Lynn Hung was born in Nanjing. Her manager lived in Hong Kong for years.";

Passage PassageOf(std::string_view text, uint32_t begin = 0) {
  return {.document_id = "d",
          .range = {begin, begin + static_cast<uint32_t>(text.size())},
          .title = "Lynn Hung",
          .text = std::string(text),
          .rank_score = std::nullopt};
}

Link LinkTo(std::string title, uint32_t begin, uint32_t end) {
  return {.source = {"d", 0},
          .range = {begin, end},
          .title = std::move(title),
          .document_ids = {"n"},
          .title_idf = 4};
}

QuestionTerms Question(std::string_view text) { return {text, StemsOf(text)}; }

Bridges BridgesOf(std::string_view text, double trust, const std::vector<Link>& links,
                  uint32_t begin = 0) {
  Bridges bridges;
  bridges.Add(3, PassageOf(text, begin), trust, Question("Where was Lynn Hung born?"),
              StemsOf(text), links);
  return bridges;
}

const NameBridge* Find(const Bridges& bridges, std::string_view name) {
  for (const NameBridge& bridge : bridges.names()) {
    if (bridge.name == name) return &bridge;
  }
  return nullptr;
}

TEST(BridgesTest, NamesTheQuestionLacksAreBridgesAndTrustedByTheirSentence) {
  const Bridges bridges = BridgesOf(kText, .5, {});
  EXPECT_EQ(Find(bridges, "Lynn Hung"), nullptr) << "the question names it";
  const NameBridge* nanjing = Find(bridges, "Nanjing");
  ASSERT_NE(nanjing, nullptr);
  EXPECT_DOUBLE_EQ(nanjing->trust, .5) << "in the sentence that holds most of the question";
  EXPECT_EQ(nanjing->source, 3u);
  const NameBridge* elsewhere = Find(bridges, "Hong Kong");
  ASSERT_NE(elsewhere, nullptr);
  EXPECT_DOUBLE_EQ(elsewhere->trust, .5 * .2) << "its sentence has nothing of the question";
  ASSERT_EQ(elsewhere->terms.size(), 2u);
  EXPECT_EQ(elsewhere->terms[0].text, "hong");
}

TEST(BridgesTest, ANameKeepsTheTrustOfItsBestPlace) {
  Bridges bridges = BridgesOf(kText, .5, {});
  const QuestionTerms question = Question("Where was Lynn Hung born?");
  constexpr std::string_view kMore = "Nanjing is where she was born.";
  bridges.Add(4, PassageOf(kMore), .9, question, StemsOf(kMore), {});
  const NameBridge* nanjing = Find(bridges, "Nanjing");
  ASSERT_NE(nanjing, nullptr);
  EXPECT_DOUBLE_EQ(nanjing->trust, .9);
  EXPECT_EQ(nanjing->source, 4u);
  bridges.Add(5, PassageOf(kMore), .1, question, StemsOf(kMore), {});
  nanjing = Find(bridges, "Nanjing");
  ASSERT_NE(nanjing, nullptr);
  EXPECT_DOUBLE_EQ(nanjing->trust, .9);
}

TEST(BridgesTest, LinksAreRangesOfTheDocumentAndNamedAsWritten) {
  const Bridges bridges = BridgesOf(kText, 1, {LinkTo("nanjing", 122, 129)}, 100);
  ASSERT_EQ(bridges.titles().size(), 1u);
  EXPECT_EQ(bridges.titles()[0].name, "Nanjing");
  EXPECT_EQ(bridges.titles()[0].idf, 4);
  EXPECT_DOUBLE_EQ(bridges.titles()[0].trust, 1);
  EXPECT_EQ(bridges.titles()[0].documents, std::vector<std::string>{"n"});
}

TEST(BridgesTest, LinksOutsideThePassageAreLeftOut) {
  const Bridges bridges = BridgesOf(
      kText, 1, {LinkTo("before", 90, 101), LinkTo("behind", 160, 190), LinkTo("odd", 120, 110)},
      100);
  EXPECT_TRUE(bridges.titles().empty());
}

TEST(BridgesTest, APassageWithoutTextHasNone) {
  const Bridges bridges = BridgesOf("", 1, {});
  EXPECT_TRUE(bridges.names().empty());
  EXPECT_TRUE(bridges.titles().empty());
}

}  // namespace
}  // namespace foraker::agent
