#include "retrieval/passage_cutter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unicode/brkiter.h>
#include <unicode/utext.h>

#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace foraker::retrieval {
namespace {

using ::testing::ElementsAre;

class PassageCutterTest : public ::testing::Test {
 protected:
  PassageCutterTest() : session_((*model::Analyzer::Create({}))->NewSession()) {}

  std::vector<PassageSpan> Cut(std::string_view text, uint32_t tokens) {
    words_ = session_->Analyze(text);
    std::vector<PassageSpan> passages;
    (*PassageCutter::Create(tokens))->Cut(text, words_, passages);
    return passages;
  }

  std::vector<std::string> Texts(std::string_view text, uint32_t tokens) {
    std::vector<std::string> texts;
    for (const PassageSpan& span : Cut(text, tokens)) {
      texts.emplace_back(text.substr(span.begin, span.end - span.begin));
    }
    return texts;
  }

  void ExpectPartition(std::string_view text, const std::vector<PassageSpan>& passages) {
    uint32_t end = 0;
    size_t end_word = 0;
    for (const PassageSpan& span : passages) {
      ASSERT_EQ(span.begin, end);
      ASSERT_LT(span.begin, span.end);
      ASSERT_EQ(span.first_word, end_word);
      for (size_t w = span.first_word; w < span.end_word; ++w) {
        ASSERT_GE(words_[w].begin, span.begin);
        ASSERT_LT(words_[w].begin, span.end);
      }
      end = span.end;
      end_word = span.end_word;
    }
    ASSERT_EQ(end, text.size());
    ASSERT_EQ(end_word, words_.size());
  }

  std::unique_ptr<model::Analyzer::Session> session_;
  std::vector<model::AnalyzedWord> words_;
};

// Sentence ends as ICU's iterator gives them from front to back.
std::set<uint32_t> SentenceEnds(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  std::unique_ptr<icu::BreakIterator> iterator(
      icu::BreakIterator::createSentenceInstance(icu::Locale::getRoot(), error));
  UText* view = utext_openUTF8(nullptr, text.data(), static_cast<int64_t>(text.size()), &error);
  iterator->setText(view, error);
  std::set<uint32_t> ends;
  for (int32_t at = iterator->first(); at != icu::BreakIterator::DONE; at = iterator->next()) {
    ends.insert(static_cast<uint32_t>(at));
  }
  utext_close(view);
  return ends;
}

TEST_F(PassageCutterTest, SentencesStayTogetherWhileTheyFit) {
  // 9 tokens are 6 words.
  EXPECT_THAT(Texts("One two three. Four five six. Seven eight.", 9),
              ElementsAre("One two three. Four five six. ", "Seven eight."));
  EXPECT_THAT(Texts("One two three. Four five six seven. Eight.", 9),
              ElementsAre("One two three. ", "Four five six seven. Eight."));
}

TEST_F(PassageCutterTest, A256TokenPassageHolds170Words) {
  std::string text;
  for (int i = 0; i < 170; ++i) text += "word ";
  EXPECT_EQ(Cut(text, 256).size(), 1u);
  text += "more ";
  EXPECT_EQ(Cut(text, 256).size(), 2u);
}

TEST_F(PassageCutterTest, ALongSentenceIsCutBehindAWordAndItsPunctuation) {
  EXPECT_THAT(Texts("one two, three four five", 3),
              ElementsAre("one two, ", "three four ", "five"));
  EXPECT_THAT(Texts("one/two/three", 3), ElementsAre("one/two", "/three"));
}

TEST_F(PassageCutterTest, AWordWithoutEndIsCutAtCharacterBoundaries) {
  std::string word;
  for (int i = 0; i < 100; ++i) word += "\u00e9";  // 200 bytes, 7 times 32 bytes
  const std::vector<std::string> texts = Texts("x " + word + " y", 4);  // 2 units of 32 bytes
  for (const std::string& text : texts) {
    EXPECT_LE(text.size(), 68u);
    EXPECT_NE(static_cast<uint8_t>(text[0]) & 0xc0, 0x80);
  }
  ExpectPartition("x " + word + " y", Cut("x " + word + " y", 4));
}

TEST_F(PassageCutterTest, AnEmptyTextHasNoPassageAndZeroTokensMeansOne) {
  EXPECT_TRUE(Cut("", 256).empty());
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "A sentence. ";
  EXPECT_EQ(Cut(text, 0).size(), 1u);
  EXPECT_EQ(Cut(" \n", 256).size(), 1u);
}

TEST_F(PassageCutterTest, RandomTextsArePartitionedAndCutAtIcusSentenceEnds) {
  const uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::vector<std::string> pieces = {"word ",
                                           "Other ",
                                           "a.b ",
                                           "Mr. ",
                                           "end. ",
                                           "Why? ",
                                           "yes! ",
                                           "\n",
                                           "\u3002",
                                           "京",
                                           "é ",
                                           "\xff",
                                           "(",
                                           ") ",
                                           "\" ",
                                           "3.14 ",
                                           "supercalifragilisticexpialid",
                                           "\r\n",
                                           "...",
                                           ". ",
                                           "' ",
                                           ", ",
                                           "; ",
                                           "\u2029",
                                           "\u0301"};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    const int length = static_cast<int>(random() % 120);
    for (int i = 0; i < length; ++i) text += pieces[random() % pieces.size()];
    const uint32_t tokens = 1 + random() % 60;
    const std::vector<PassageSpan> passages = Cut(text, tokens);
    ExpectPartition(text, passages);
    if (HasFatalFailure()) return;
    const std::set<uint32_t> ends = SentenceEnds(text);
    for (const PassageSpan& span : passages) {
      if (span.end == text.size() || ends.contains(span.end)) continue;
      // Not a sentence end, so none may lie inside the passage.
      const auto inside = ends.upper_bound(span.begin);
      EXPECT_TRUE(inside == ends.end() || *inside > span.end)
          << ::testing::PrintToString(text) << " " << span.begin << "-" << span.end;
    }
  }
}

}  // namespace
}  // namespace foraker::retrieval
