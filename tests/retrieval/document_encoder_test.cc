#include "retrieval/document_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/float16.h"
#include "index/sparse_vector.h"
#include "retrieval/document_text.h"

namespace foraker::retrieval {
namespace {

using index::TermNamespace;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

index::TermKey Stem(std::string_view stem) {
  return index::HashedTermKey(TermNamespace::kStem, stem);
}
index::TermKey Title(std::string_view title) {
  return index::HashedTermKey(TermNamespace::kTitle, title);
}

class DocumentEncoderTest : public ::testing::Test {
 protected:
  DocumentEncoderTest() { settings_.reference_length = 4; }

  index::Document Encode(std::string title, std::string text) {
    auto encoder = DocumentEncoder::Create(settings_);
    EXPECT_TRUE(encoder.ok()) << encoder.status();
    index::Document document;
    document.id = "d";
    document.title = std::move(title);
    document.text = std::move(text);
    names_.clear();
    const absl::Status status =
        (*encoder)->Encode(document, [&](index::TermKey key, std::string_view name) {
          EXPECT_TRUE(names_.emplace(key, name).second) << "named twice: " << name;
        });
    EXPECT_TRUE(status.ok()) << status;
    for (const index::Passage& passage : document.passages) {
      EXPECT_TRUE(index::Validate(passage.vector.view()).ok());
    }
    return document;
  }

  // Weight and position of a term, or {0, 0}.
  static std::pair<float, int> Find(const index::Passage& passage, index::TermKey key) {
    for (size_t i = 0; i < passage.vector.keys.size(); ++i) {
      if (passage.vector.keys[i] != key) continue;
      return {base::Float16ToFloat(passage.vector.weights[i]),
              passage.vector.positions.empty() ? -1 : passage.vector.positions[i]};
    }
    return {0.0f, 0};
  }

  DocumentSide settings_;
  std::map<index::TermKey, std::string> names_;
};

TEST_F(DocumentEncoderTest, WeightsAreSaturatedTermFrequencies) {
  // Indexed stems: dog chase cat dog sleep, 5 of a reference of 4.
  settings_.k1 = 0.5f;
  settings_.b = 0.25f;
  const double saturation = 0.5 * (0.75 + 0.25 * 5 / 4);
  const index::Document document = Encode("", "Dogs chase cats; the dog sleeps");
  ASSERT_EQ(document.passages.size(), 1u);
  const auto [dog, position] = Find(document.passages[0], Stem("dog"));
  EXPECT_EQ(dog, base::Float16ToFloat(
                     base::FloatToFloat16(static_cast<float>(2 * 1.5 / (2 + saturation)))));
  EXPECT_EQ(position, 0);
  EXPECT_EQ(Find(document.passages[0], Stem("sleep")).second, 25);
  EXPECT_EQ(Find(document.passages[0], Stem("the")).first, 0);
}

TEST_F(DocumentEncoderTest, TheTitleCountsAsTextOfTheFirstPassageAndItsKeyStandsOnEvery) {
  settings_.passage_tokens = 3;  // two words
  const index::Document document = Encode("Big Dogs", "cats sleep. dogs bark.");
  ASSERT_EQ(document.passages.size(), 2u);
  EXPECT_EQ(Find(document.passages[0], Stem("big")).second, index::kTitlePosition);
  EXPECT_EQ(Find(document.passages[1], Stem("big")).first, 0);
  EXPECT_EQ(Find(document.passages[1], Stem("dog")).second, 0);  // bytes in its passage
  EXPECT_EQ(Find(document.passages[1], Stem("bark")).second, 5);
  for (const index::Passage& passage : document.passages) {
    EXPECT_EQ(Find(passage, Title("big dogs")).first, 1.0f);
  }
  EXPECT_EQ(document.passages[0].text_begin, 0u);
  EXPECT_EQ(document.passages[0].text_end, document.passages[1].text_begin);
  EXPECT_EQ(document.passages[1].text_end, document.text.size());
}

TEST_F(DocumentEncoderTest, AWordOfTitleAndTextHasItsPositionInTheText) {
  const index::Document document = Encode("Dogs", "A dog");
  const auto [weight, position] = Find(document.passages[0], Stem("dog"));
  EXPECT_EQ(position, 2);
  EXPECT_GT(weight, 1.0f);  // twice
}

TEST_F(DocumentEncoderTest, WordsBeyondTheReachOfAPositionHaveNone) {
  settings_.passage_tokens = 0;
  const std::string spaces(66'000, ' ');
  const index::Document document = Encode("", "near" + spaces + "far");
  EXPECT_EQ(Find(document.passages[0], Stem("near")).second, 0);
  EXPECT_EQ(Find(document.passages[0], Stem("far")).second, index::kNoPosition);
}

TEST_F(DocumentEncoderTest, EveryTermIsNamedOncePerDocument) {
  settings_.passage_tokens = 3;
  Encode("Red", "dogs bark. dogs sleep. Red dogs.");
  std::vector<std::string> names;
  for (const auto& [key, name] : names_) names.push_back(name);
  EXPECT_THAT(names, UnorderedElementsAre("red", "red", "dog", "bark", "sleep"));
  EXPECT_EQ(names_[Title("red")], "red");
}

TEST_F(DocumentEncoderTest, PositionsAndTitlesCanBeLeftOut) {
  settings_.positions = false;
  settings_.titles = false;
  const index::Document document = Encode("Big", "dogs");
  EXPECT_TRUE(document.passages[0].vector.positions.empty());
  EXPECT_THAT(document.passages[0].vector.keys.size(), 2u);
}

TEST_F(DocumentEncoderTest, ADocumentWithoutTextHasThePassageOfItsTitleAndAnEmptyOneHasNone) {
  const index::Document titled = Encode("Big dogs", "");
  ASSERT_EQ(titled.passages.size(), 1u);
  EXPECT_EQ(titled.passages[0].text_end, 0u);
  EXPECT_EQ(titled.passages[0].vector.keys.size(), 3u);
  EXPECT_TRUE(Encode("", "").passages.empty());
}

TEST_F(DocumentEncoderTest, LengthsCountStemsOfTitleAndTextAndPassages) {
  settings_.passage_tokens = 3;
  const auto text = DocumentText::Create(settings_);
  ASSERT_TRUE(text.ok()) << text.status();
  (*text)->Read("The big", "dogs bark. cats sleep.");
  EXPECT_EQ((*text)->indexed_words(), 5u);
  EXPECT_EQ((*text)->passages().size(), 2u);
}

TEST_F(DocumentEncoderTest, AReferenceLengthIsNeededToEncode) {
  settings_.reference_length = 0;
  index::Document document;
  const auto encoder = DocumentEncoder::Create(settings_);
  ASSERT_TRUE(encoder.ok());
  EXPECT_EQ((*encoder)->Encode(document, nullptr).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(DocumentEncoderTest, OtherEncodersAreRefusedByName) {
  settings_.encoder = "vectors";
  EXPECT_EQ(DocumentEncoder::Create(settings_).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace foraker::retrieval
