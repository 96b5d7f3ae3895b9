#include "model/analyzer/word_segmenter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace foraker::model {
namespace {

std::vector<std::string> Words(WordSegmenter& segmenter, std::string_view text) {
  std::vector<WordSpan> spans;
  segmenter.Segment(text, spans);
  std::vector<std::string> words;
  for (const WordSpan& span : spans) {
    words.emplace_back(text.substr(span.begin, span.end - span.begin));
  }
  return words;
}

class WordSegmenterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto segmenter = WordSegmenter::Create();
    ASSERT_TRUE(segmenter.ok()) << segmenter.status();
    segmenter_ = std::move(*segmenter);
  }

  void ExpectSameAsIcu(std::string_view text) {
    segmenter_->Segment(text, fast_);
    segmenter_->SegmentByIcu(text, by_icu_);
    ASSERT_EQ(fast_.size(), by_icu_.size()) << ::testing::PrintToString(std::string(text));
    for (size_t i = 0; i < fast_.size(); ++i) {
      ASSERT_EQ(fast_[i].begin, by_icu_[i].begin) << ::testing::PrintToString(std::string(text));
      ASSERT_EQ(fast_[i].end, by_icu_[i].end) << ::testing::PrintToString(std::string(text));
    }
  }

  std::unique_ptr<WordSegmenter> segmenter_;
  std::vector<WordSpan> fast_;
  std::vector<WordSpan> by_icu_;
};

TEST_F(WordSegmenterTest, WordsHoldALetterOrADigitAndPunctuationIsLeftOut) {
  EXPECT_EQ(Words(*segmenter_, "Don't panic -- pi is 3.14 (about), state-of-the-art: __ _x_ !"),
            (std::vector<std::string>{"Don't", "panic", "pi", "is", "3.14", "about", "state", "of",
                                      "the", "art", "_x_"}));
}

TEST_F(WordSegmenterTest, ChineseJapaneseAndThaiAreCutByDictionary) {
  // Where exactly depends on the dictionary of the ICU release.
  EXPECT_THAT(Words(*segmenter_, "東京タワーへ行く"), ::testing::IsSupersetOf({"へ", "行く"}));
  EXPECT_THAT(Words(*segmenter_, "我们在北京"), ::testing::ElementsAre("我们", "在", "北京"));
  EXPECT_GT(Words(*segmenter_, "ภาษาไทยเป็นภาษา").size(), 1u);
}

TEST_F(WordSegmenterTest, InvalidBytesSeparateWords) {
  EXPECT_EQ(Words(*segmenter_, "left\xff\xfe right\xc3"),
            (std::vector<std::string>{"left", "right"}));
}

TEST_F(WordSegmenterTest, EmptyTextHasNoWords) {
  EXPECT_TRUE(Words(*segmenter_, "").empty());
  EXPECT_TRUE(Words(*segmenter_, " \n ").empty());
}

TEST_F(WordSegmenterTest, EveryAsciiTripleIsSegmentedAsIcuDoes) {
  std::string text(3, ' ');
  for (int a = 0; a < 128; ++a) {
    for (int b = 0; b < 128; ++b) {
      // The third character of each kind the rules tell apart.
      for (const char c : std::string_view("a1_@.,;:' -\n\r\t")) {
        text[0] = static_cast<char>(a);
        text[1] = static_cast<char>(b);
        text[2] = c;
        ExpectSameAsIcu(text);
        text[0] = c;
        text[2] = static_cast<char>(a);
        ExpectSameAsIcu(text);
      }
    }
  }
}

TEST_F(WordSegmenterTest, RandomTextsOfAllScriptsAreSegmentedAsIcuDoes) {
  const uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::vector<std::string> pieces = {
      "a",      "Z",      "7",      "0",      "_",      "@",      ".",      ",",
      ";",      ":",      "'",      "\"",     "-",      " ",      " ",      "  ",
      "\n",     "\r\n",   "\r",     "\t",     "\x0b",   "\x7f",   "é",      "ß",
      "\u0301", "\u200d", "\u00ad", "\u200b", "\u00a0", "\u2019", "\u3000", "東",
      "京",     "タ",     "ー",     "ひ",     "ภ",      "า",      "א",      "\u05f4",
      "и",      "\u0660", "😀",      "🇩",      "🇪",      "👩",      "\u200d", "\xff",
      "\xe2",   "\x82",   "한",     "\u2028", "\u0085", "・",     "\ufe0f", "the quick brown fox "};
  for (int round = 0; round < 60'000; ++round) {
    std::string text;
    const int length = 1 + static_cast<int>(random() % 24);
    // Some rounds draw from ASCII alone, so that its path sees long runs.
    const size_t choices = round % 3 == 0 ? 22 : pieces.size();
    for (int i = 0; i < length; ++i) text += pieces[random() % choices];
    ExpectSameAsIcu(text);
    if (HasFatalFailure()) return;
  }
}

TEST_F(WordSegmenterTest, RandomBytesAreSegmentedAsIcuDoes) {
  const uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 80, ' ');
    for (char& c : text) c = static_cast<char>(random());
    ExpectSameAsIcu(text);
    if (HasFatalFailure()) return;
  }
}

TEST_F(WordSegmenterTest, ACloneSegmentsAlike) {
  const std::unique_ptr<WordSegmenter> clone = segmenter_->Clone();
  const std::string_view text = "user@example.com naïve 3,000.5 京都 x_1";
  EXPECT_EQ(Words(*clone, text), Words(*segmenter_, text));
}

}  // namespace
}  // namespace foraker::model
