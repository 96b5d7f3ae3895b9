#include "agent/extractive/capitalised_spans.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace foraker::agent {
namespace {

std::vector<std::string> SpansOf(std::string_view text) {
  std::vector<std::string> spans;
  for (const retrieval::ByteRange& span : CapitalisedSpans(text)) {
    spans.emplace_back(text.substr(span.begin, span.end - span.begin));
  }
  return spans;
}

using Spans = std::vector<std::string>;

TEST(CapitalisedSpansTest, NamesGoOnOverSmallWordsAndNumbers) {
  EXPECT_EQ(SpansOf("she left the University of Saint Thomas for Boeing 747 in Lyon"),
            (Spans{"University of Saint Thomas for Boeing 747 in Lyon"}));
  EXPECT_EQ(SpansOf("born to Ludwig van Beethoven the elder"), (Spans{"Ludwig van Beethoven"}));
}

TEST(CapitalisedSpansTest, PunctuationAndOtherWordsEndAName) {
  EXPECT_EQ(SpansOf("Green Bay, Wisconsin; Appleton and Madison (Dane County)"),
            (Spans{"Green Bay", "Wisconsin", "Appleton", "Madison", "Dane County"}));
  EXPECT_EQ(SpansOf("He met Quinn. Green Bay"), (Spans{"Quinn", "Green Bay"}));
}

TEST(CapitalisedSpansTest, FunctionWordsAndNumbersBeginNone) {
  EXPECT_EQ(SpansOf("The rest of 1984 was quiet. In Nanjing it rained."), (Spans{"Nanjing"}));
  EXPECT_EQ(SpansOf("all of it in lower case, 12 times"), Spans{});
  EXPECT_EQ(SpansOf(""), Spans{});
}

TEST(CapitalisedSpansTest, PossessivesStayOutAndHyphensIn) {
  EXPECT_EQ(SpansOf("Nanjing's walls and Jean-Luc's boat"), (Spans{"Nanjing", "Jean-Luc"}));
}

TEST(CapitalisedSpansTest, LettersBeyondAsciiHaveCaseToo) {
  EXPECT_EQ(SpansOf("near Östersund and Šibenik, écoles of Москва"),
            (Spans{"Östersund", "Šibenik", "Москва"}));
}

TEST(CapitalisedSpansTest, SpansOfAnyBytesAreAscendingAndDisjoint) {
  constexpr uint32_t kSeed = 11;
  std::mt19937 random(kSeed);
  constexpr std::string_view kBytes = "aB 9.-'&,\xc3\x89\xe2\x80\x99\xff";
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (size_t i = random() % 40; i > 0; --i) text += kBytes[random() % kBytes.size()];
    uint32_t before = 0;
    for (const retrieval::ByteRange& span : CapitalisedSpans(text)) {
      ASSERT_LE(before, span.begin) << "seed " << kSeed << ", round " << round;
      ASSERT_LT(span.begin, span.end);
      ASSERT_LE(span.end, text.size());
      before = span.end;
    }
  }
}

}  // namespace
}  // namespace foraker::agent
