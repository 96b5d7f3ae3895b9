#include "retrieval/encoder_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/retrieval/model_fixtures.h"

namespace foraker::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class EncoderInputTest : public ::testing::Test {
 protected:
  // The inputs of all passages; `literal_` has those of each.
  std::vector<EncoderInput> Read(const std::string& title, const std::string& text,
                                 uint32_t max_tokens) {
    const auto document = *DocumentText::Create(settings_);
    document->Read(title, text);
    EncoderInputReader reader(encoder_.table->tokenizer(), max_tokens);
    std::vector<EncoderInput> inputs;
    literal_.resize(document->passages().size());
    for (size_t i = 0; i < document->passages().size(); ++i) {
      inputs.push_back(reader.Read(*document, i, literal_[i]));
    }
    return inputs;
  }

  std::vector<uint32_t> Ids(const std::string& text) const { return TokenIds(encoder_, text); }
  index::TermKey Key(const std::string& token) const { return TokenKey(encoder_, token); }

  const LoadedEncoder encoder_ = LoadedFixture();
  DocumentSide settings_ = ModelSettings();
  std::vector<std::vector<index::TermKey>> literal_;
};

TEST_F(EncoderInputTest, TheTitleStandsBeforeEveryPassage) {
  settings_.passage_tokens = 3;  // two words
  const auto inputs = Read("blue boat", "animal bank. bear bird.", 40);
  ASSERT_EQ(inputs.size(), 2u);
  EXPECT_EQ(inputs[0].ids, Ids("blue boat animal bank."));
  EXPECT_EQ(inputs[1].ids, Ids("blue boat bear bird."));
  EXPECT_EQ(inputs[1].dropped_tokens, 0u);
}

TEST_F(EncoderInputTest, ATokenStandsWhereItsWordBegins) {
  // "bearx" is no word of the vocabulary but begins with one.
  const auto inputs = Read("blue", "the bearx, bird", 40);
  ASSERT_EQ(inputs.size(), 1u);
  EXPECT_EQ(inputs[0].ids, Ids("blue the bearx, bird"));
  EXPECT_THAT(inputs[0].positions, ElementsAre(index::kTitlePosition, 0, 4, 4, 9, 11));
}

TEST_F(EncoderInputTest, PositionsCountFromThePassage) {
  settings_.passage_tokens = 3;
  const auto inputs = Read("", "animal bank. bear bird.", 40);
  ASSERT_EQ(inputs.size(), 2u);
  EXPECT_THAT(inputs[1].positions, ElementsAre(0, 5, 9));
}

TEST_F(EncoderInputTest, WhatDoesNotFitIsCutOffAndCounted) {
  const auto inputs = Read("blue", "animal bank bear bird", 6);  // room for four
  EXPECT_EQ(inputs[0].ids, Ids("blue animal bank bear"));
  EXPECT_EQ(inputs[0].positions.size(), 4u);
  EXPECT_EQ(inputs[0].dropped_tokens, 1u);
}

TEST_F(EncoderInputTest, ALongTitleHasHalfOfTheRoomAndWhatThePassageLeaves) {
  const std::string title = "blue boat animal bank bear";
  EXPECT_EQ(Read(title, "bird bird bird bird", 6)[0].ids, Ids("blue boat bird bird"));
  EXPECT_EQ(Read(title, "bird bird bird bird", 6)[0].dropped_tokens, 5u);
  EXPECT_EQ(Read(title, "bird", 6)[0].ids, Ids("blue boat animal bird"));
  EXPECT_EQ(Read(title, "", 6)[0].ids, Ids("blue boat animal bank"));
}

TEST_F(EncoderInputTest, LiteralTokensAreThoseOfTheWholeTextAndTheTitleIsTextOfTheFirst) {
  settings_.passage_tokens = 3;
  Read("blue boat", "bear bear. 日本 bird", 5);
  ASSERT_EQ(literal_.size(), 2u);
  EXPECT_THAT(literal_[0], UnorderedElementsAre(Key("blue"), Key("boat"), Key("bear"), Key(".")));
  EXPECT_TRUE(std::is_sorted(literal_[0].begin(), literal_[0].end()));
  EXPECT_THAT(literal_[1], ElementsAre(Key("bird")));  // [UNK] is special
}

}  // namespace
}  // namespace foraker::retrieval
