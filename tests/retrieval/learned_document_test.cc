// Documents through a neural encoder: learned terms beside stems.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "base/float16.h"
#include "retrieval/document_encoder.h"
#include "tests/retrieval/model_fixtures.h"

namespace foraker::retrieval {
namespace {

using index::TermNamespace;
using model::LearnedTerm;

// The part of a vector that lies in a namespace.
index::SparseVector Part(const index::SparseVector& vector, TermNamespace ns) {
  index::SparseVector part;
  for (size_t i = 0; i < vector.keys.size(); ++i) {
    if (index::NamespaceOf(vector.keys[i]) != ns) continue;
    part.keys.push_back(vector.keys[i]);
    part.weights.push_back(vector.weights[i]);
    if (!vector.positions.empty()) part.positions.push_back(vector.positions[i]);
  }
  return part;
}

class LearnedDocumentTest : public ::testing::Test {
 protected:
  std::unique_ptr<DocumentEncoder> NewEncoder() {
    auto encoder = DocumentEncoder::Create(settings_, encoder_);
    EXPECT_TRUE(encoder.ok()) << encoder.status();
    return *std::move(encoder);
  }

  index::Document Encode(const std::string& title, const std::string& text) {
    index::Document document;
    document.id = "d";
    document.title = title;
    document.text = text;
    const absl::Status status = NewEncoder()->Encode(document, nullptr);
    EXPECT_TRUE(status.ok()) << status;
    for (const index::Passage& passage : document.passages) {
      const absl::Status valid = index::Validate(passage.vector.view());
      EXPECT_TRUE(valid.ok()) << valid;
    }
    return document;
  }

  const LoadedEncoder encoder_ = LoadedFixture();
  DocumentSide settings_ = ModelSettings();
};

TEST_F(LearnedDocumentTest, LearnedTermsAreTheModelsOfTitleAndPassage) {
  const index::Document document = Encode("Blue boat", "The bear and the bird.");
  ASSERT_EQ(document.passages.size(), 1u);
  const index::SparseVector learned = Part(document.passages[0].vector, TermNamespace::kWordPiece);
  const auto expected = LearnedTermsOf(encoder_, "Blue boat The bear and the bird.");
  ASSERT_EQ(learned.keys.size(), expected.size());
  constexpr index::Position kTitle = index::kTitlePosition;
  const std::vector<index::Position> positions = {kTitle, kTitle, 0, 4, 9, 13, 17, 21};
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(learned.keys[i], TokenKey(expected[i].token));
    EXPECT_EQ(learned.weights[i], base::FloatToFloat16(expected[i].weight));
    EXPECT_EQ(learned.positions[i], positions[expected[i].source]);
  }
}

TEST_F(LearnedDocumentTest, StemsAndTitleStandBesideThemAsWithoutTheModel) {
  const index::Document both = Encode("Blue boat", "The bear and the bird.");
  settings_.encoder = "bm25";
  const index::Document stems = Encode("Blue boat", "The bear and the bird.");
  for (const TermNamespace ns : {TermNamespace::kStem, TermNamespace::kTitle}) {
    const index::SparseVector a = Part(both.passages[0].vector, ns);
    const index::SparseVector b = Part(stems.passages[0].vector, ns);
    EXPECT_FALSE(a.keys.empty());
    EXPECT_EQ(a.keys, b.keys);
    EXPECT_EQ(a.weights, b.weights);
    EXPECT_EQ(a.positions, b.positions);
  }
  EXPECT_EQ(both.counted_namespace, TermNamespace::kWordPiece);
  EXPECT_EQ(stems.counted_namespace, std::nullopt);
}

TEST_F(LearnedDocumentTest, StemsTitlesAndPositionsCanBeLeftOut) {
  settings_.stems = false;
  settings_.titles = false;
  settings_.positions = false;
  settings_.reference_length = 0;  // of no use without stems
  const index::SparseVector vector = Encode("Blue boat", "The bear.").passages[0].vector;
  EXPECT_EQ(Part(vector, TermNamespace::kWordPiece).keys, vector.keys);
  EXPECT_FALSE(vector.keys.empty());
  EXPECT_TRUE(vector.positions.empty());
}

TEST_F(LearnedDocumentTest, PassagesCountTheTokensOfTheirText) {
  const index::Document document = Encode("blue", "bear bird");
  std::vector<index::TermKey> keys;
  for (const char* token : {"blue", "bear", "bird"}) keys.push_back(TokenKey(encoder_, token));
  EXPECT_THAT(document.passages[0].counted, ::testing::UnorderedElementsAreArray(keys));
}

TEST_F(LearnedDocumentTest, TheShareKeepsTheLargestWeightsUpToItsPartOfTheirSum) {
  const std::string text = "The bear and the bird about the bank.";
  std::vector<LearnedTerm> terms = LearnedTermsOf(encoder_, text);
  std::sort(terms.begin(), terms.end(),
            [](const LearnedTerm& a, const LearnedTerm& b) { return a.weight > b.weight; });
  const double sum = std::accumulate(terms.begin(), terms.end(), 0.0,
                                     [](double s, const LearnedTerm& t) { return s + t.weight; });
  for (const float share : {0.1f, 0.5f, 0.9f}) {
    settings_.learned_share = share;
    const index::SparseVector kept =
        Part(Encode("", text).passages[0].vector, TermNamespace::kWordPiece);
    double reached = 0;
    std::vector<index::TermKey> expected;
    for (size_t i = 0; reached < share * sum; ++i) {
      reached += terms[i].weight;
      expected.push_back(TokenKey(terms[i].token));
    }
    EXPECT_THAT(kept.keys, ::testing::UnorderedElementsAreArray(expected)) << share;
  }
}

TEST_F(LearnedDocumentTest, TokensWithoutRoomAreReported) {
  settings_.max_encoder_tokens = 5;  // three of the text
  index::Document fits;
  fits.text = "blue boat";
  index::Document longer;
  longer.text = "blue boat bear bird bank";
  index::Document* const documents[] = {&fits, &longer};
  std::vector<DocumentEncoder::Outcome> outcomes;
  ASSERT_TRUE(NewEncoder()->Encode(documents, nullptr, outcomes).ok());
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_EQ(outcomes[0].dropped_tokens, 0u);
  EXPECT_EQ(outcomes[1].dropped_tokens, 2u);
  settings_.max_encoder_tokens = 10'000;  // the model itself has 40 positions
  longer.text.clear();
  for (int i = 0; i < 50; ++i) longer.text += "bear ";
  ASSERT_TRUE(NewEncoder()->Encode(documents, nullptr, outcomes).ok());
  EXPECT_EQ(outcomes[1].dropped_tokens, 12u);
}

TEST_F(LearnedDocumentTest, ADocumentsVectorsDoNotDependOnItsCompany) {
  std::vector<index::Document> documents(600);  // more tokens than one run of the model takes
  std::vector<index::Document*> pointers;
  static constexpr const char* kWords[] = {"bear", "bird", "bank", "blue", "boat", "about"};
  for (size_t i = 0; i < documents.size(); ++i) {
    for (size_t word = 0; word < i % 37; ++word) {
      absl::StrAppend(&documents[i].text, kWords[(i * 7 + word * word) % 6], " ");
    }
    pointers.push_back(&documents[i]);
  }
  const auto encoder = NewEncoder();
  std::vector<DocumentEncoder::Outcome> outcomes;
  ASSERT_TRUE(encoder->Encode(pointers, nullptr, outcomes).ok());
  for (size_t i = 0; i < documents.size(); i += 13) {
    index::Document alone;
    alone.text = documents[i].text;
    ASSERT_TRUE(encoder->Encode(alone, nullptr).ok());
    ASSERT_EQ(alone.passages.size(), documents[i].passages.size());
    for (size_t p = 0; p < alone.passages.size(); ++p) {
      const index::SparseVector& a = alone.passages[p].vector;
      const index::SparseVector& b = documents[i].passages[p].vector;
      EXPECT_EQ(a.keys, b.keys);
      EXPECT_EQ(a.weights, b.weights);
      EXPECT_EQ(a.positions, b.positions);
    }
  }
}

TEST_F(LearnedDocumentTest, AModelThatIsNotLoadedIsAnError) {
  EXPECT_TRUE(absl::IsInvalidArgument(DocumentEncoder::Create(settings_).status()));
}

}  // namespace
}  // namespace foraker::retrieval
