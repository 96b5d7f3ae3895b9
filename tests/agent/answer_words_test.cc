#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "agent/answer/sentences.h"
#include "agent/answer/spans.h"
#include "agent/answer/words.h"

namespace foraker::agent {
namespace {

std::vector<std::string> Written(std::string_view text) {
  std::vector<std::string> written;
  for (const Word& word : SplitWords(text))
    written.emplace_back(text.substr(word.begin, word.end - word.begin));
  return written;
}

std::vector<std::string> Sentences(std::string_view text) {
  std::vector<std::string> written;
  for (const retrieval::ByteRange& range : SplitSentences(text))
    written.emplace_back(text.substr(range.begin, range.end - range.begin));
  return written;
}

std::vector<std::string> SpansOf(std::string_view text, SpanKind kind, bool parts = false) {
  const std::vector<Word> words = SplitWords(text);
  std::vector<std::string> written;
  for (const Span& span : FindSpans(text, words)) {
    if (span.kind == kind && (parts || span.whole))
      written.emplace_back(
          text.substr(words[span.first].begin, words[span.last].end - words[span.first].begin));
  }
  return written;
}

using Strings = std::vector<std::string>;

TEST(SplitWordsTest, KeepsAbbreviationsNumbersAndNamesTogether) {
  EXPECT_EQ(Written("The U.S. had 7,531 people, 8.005 million (O'Brien's K-League)."),
            (Strings{"The", "U.S.", "had", "7,531", "people", "8.005", "million", "O'Brien", "K",
                     "League"}));
}

TEST(SplitWordsTest, SplitsAtDashesAndQuotationMarksOutsideAscii) {
  EXPECT_EQ(Written("1914–1918 “Élan” Sōryū\u00a0x"),
            (Strings{"1914", "1918", "Élan", "Sōryū", "x"}));
}

TEST(SplitWordsTest, KnowsCapitalsOfSeveralScripts) {
  const std::vector<Word> words = SplitWords("Élan élan Łódź łódź Αθήνα αθήνα Москва москва 蒼龍");
  ASSERT_EQ(words.size(), 9u);
  for (size_t i = 0; i < words.size(); ++i)
    EXPECT_EQ(words[i].capital, i < 8 && i % 2 == 0) << words[i].lower;
}

TEST(SplitWordsTest, GivesInflectedFormsOneKey) {
  const std::vector<Word> words = SplitWords("city cities founded founding directs directed");
  EXPECT_EQ(words[0].key, words[1].key);
  EXPECT_EQ(words[2].key, words[3].key);
  EXPECT_EQ(words[4].key, words[5].key);
}

TEST(SplitSentencesTest, EndsAtPointsThatEndSentences) {
  EXPECT_EQ(
      Sentences("He met Dr. J. Smith in the U.S. Army. It cost 3.5 million! \"Did it?\" Yes."),
      (Strings{"He met Dr. J. Smith in the U.S. Army.", "It cost 3.5 million!", "\"Did it?\"",
               "Yes."}));
}

TEST(SplitSentencesTest, HoldsEveryByteThatIsNoWhiteSpace) {
  std::mt19937 random(7);
  const std::string alphabet = "aB .!?\"\n)(1é";
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = 0; i < 40; ++i) text += alphabet[random() % alphabet.size()];
    std::string kept, expected;
    uint32_t last = 0;
    for (const retrieval::ByteRange& range : SplitSentences(text)) {
      ASSERT_LE(last, range.begin) << text;
      ASSERT_LT(range.begin, range.end) << text;
      ASSERT_LE(range.end, text.size()) << text;
      last = range.end;
      kept += text.substr(range.begin, range.end - range.begin);
    }
    std::erase_if(kept, [](char c) { return c == ' ' || c == '\n'; });
    expected = text;
    std::erase_if(expected, [](char c) { return c == ' ' || c == '\n'; });
    ASSERT_EQ(kept, expected) << "in round " << round << ": " << text;
  }
}

TEST(FindSpansTest, FindsNamesWithWhatJoinsThem) {
  const std::string text = "In 2001 the Bank of New York hired George W. Bush. He is Canadian.";
  EXPECT_EQ(SpansOf(text, SpanKind::kName), (Strings{"Bank of New York", "George W. Bush"}));
  EXPECT_EQ(SpansOf(text, SpanKind::kDemonym), (Strings{"Canadian"}));
  EXPECT_EQ(SpansOf(text, SpanKind::kYear), (Strings{"2001"}));
}

TEST(FindSpansTest, FindsThePartsOfANameToo) {
  EXPECT_EQ(SpansOf("the Mayor of London", SpanKind::kName, true),
            (Strings{"Mayor", "Mayor of London", "London"}));
  EXPECT_EQ(SpansOf("saw Child's Play", SpanKind::kName), (Strings{"Child's Play"}));
}

TEST(FindSpansTest, FindsDatesInBothOrders) {
  EXPECT_EQ(SpansOf("on March 27, 2015 and 15 February 1942, 1914–1918", SpanKind::kDate),
            (Strings{"March 27, 2015", "15 February 1942", "1914–1918"}));
}

TEST(FindSpansTest, FindsNumbersWithWhatTheyCount) {
  EXPECT_EQ(SpansOf("It has 22 floors, six lifts.", SpanKind::kMeasure),
            (Strings{"22 floors", "six lifts"}));
  EXPECT_EQ(SpansOf("He sang \"Hey Jude\" twice.", SpanKind::kQuoted), (Strings{"Hey Jude"}));
}

TEST(FindSpansTest, SpansAnyBytesWithinTheWords) {
  std::mt19937 random(11);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = 0; i < 60; ++i) {
      static constexpr std::string_view kPieces[] = {
          "A",  "b",   " ",  "\"", "1", "19", "20", "\xc3", "\xe2\x80\x93",
          ", ", "May", "of", ". ", "-"};
      text += kPieces[random() % std::size(kPieces)];
    }
    const std::vector<Word> words = SplitWords(text);
    for (const Span& span : FindSpans(text, words)) {
      ASSERT_LE(span.first, span.last) << "in round " << round << ": " << text;
      ASSERT_LT(span.last, words.size()) << "in round " << round << ": " << text;
    }
  }
}

}  // namespace
}  // namespace foraker::agent
