#include "retrieval/idf.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string_view>

#include "retrieval/stem_prior.h"
#include "tests/retrieval/fake_encoder.h"
#include "tests/retrieval/memory_collection.h"

namespace foraker::retrieval {
namespace {

index::TermKey Stem(std::string_view stem) {
  return index::HashedTermKey(index::TermNamespace::kStem, stem);
}

TermIdf Get(const IdfTable& table, index::TermKey key) {
  const auto idf = table.Get(key);
  EXPECT_TRUE(idf.ok()) << idf.status();
  return *idf;
}

CollectionSettings WithPrior(float strength) {
  CollectionSettings settings;
  settings.query.prior_strength = strength;
  return settings;
}

std::shared_ptr<const MemoryStatistics> Statistics() {
  return std::make_shared<MemoryStatistics>(
      std::unordered_map<index::TermKey, uint64_t>{{Stem("cat"), 2}, {Stem("all"), 10}}, 10);
}

TEST(IdfTest, TheFormulaIsThatOfTheHeader) {
  const IdfTable table(Statistics(), WithPrior(0));
  EXPECT_TRUE(table.published());
  EXPECT_DOUBLE_EQ(Get(table, Stem("cat")).idf, std::log(1 + (10 - 2 + 0.5) / (2 + 0.5)));
  EXPECT_EQ(Get(table, Stem("cat")).document_frequency, 2u);
  EXPECT_DOUBLE_EQ(Get(table, Stem("dog")).idf, std::log(1 + 10.5 / 0.5));
  EXPECT_GT(Get(table, Stem("all")).idf, 0);
}

TEST(IdfTest, ThePriorAddsImaginedPassages) {
  const IdfTable table(Statistics(), WithPrior(50));
  const StemPrior* prior = StemPrior::Shipped("porter");
  ASSERT_NE(prior, nullptr);
  const double p = prior->Probability(Stem("file"));
  EXPECT_GT(p, 0.01);
  EXPECT_DOUBLE_EQ(Get(table, Stem("file")).idf, std::log1p((60 - 50 * p + 0.5) / (50 * p + 0.5)));
  EXPECT_EQ(Get(table, Stem("file")).document_frequency, 0u);
  EXPECT_LT(Get(table, Stem("file")).idf, Get(table, Stem("zyzzyva")).idf);
}

TEST(IdfTest, ThePriorLeavesOtherTermsAndStemmersAlone) {
  CollectionSettings settings = WithPrior(50);
  const index::TermKey imported = index::HashedTermKey(index::TermNamespace::kImported, "file");
  EXPECT_DOUBLE_EQ(Get(IdfTable(Statistics(), settings), imported).idf,
                   Get(IdfTable(Statistics(), WithPrior(0)), imported).idf);
  settings.document.stemmer = "english";
  EXPECT_DOUBLE_EQ(Get(IdfTable(Statistics(), settings), Stem("file")).idf,
                   Get(IdfTable(Statistics(), WithPrior(0)), Stem("file")).idf);
}

TEST(IdfTest, BeforeAnythingIsPublishedTheTableStillAnswers) {
  const IdfTable table(nullptr, WithPrior(0));
  EXPECT_FALSE(table.published());
  EXPECT_DOUBLE_EQ(Get(table, Stem("cat")).idf, std::log(2.0));
}

// Tokens of FakeTable: ids from 4 on.
index::TermKey Token(uint64_t word) {
  return index::NumberedTermKey(index::TermNamespace::kWordPiece, 4 + word);
}

class LearnedIdfTest : public ::testing::Test {
 protected:
  enum Word : uint64_t { kThe, kCat, kRare, kUnseen, kNegative };

  IdfTable Table(IdfSource source, float strength, bool has_weights = true) const {
    CollectionSettings settings = WithPrior(strength);
    settings.document.encoder = "models/some";
    settings.query.idf_source = source;
    const FakeTable::Weights weights = {
        {"the", 0.1353f}, {"cat", 5.0f}, {"rare", 12.5f}, {"unseen", 1.0f}, {"odd", -0.25f}};
    return IdfTable(statistics_, settings, std::make_shared<FakeTable>(weights, has_weights));
  }

  std::shared_ptr<const MemoryStatistics> statistics_ = std::make_shared<MemoryStatistics>(
      std::unordered_map<index::TermKey, uint64_t>{{Token(kThe), 950}, {Token(kCat), 3}}, 1000);
};

TEST_F(LearnedIdfTest, ByCollectionTokensHaveTheFormulaOfTheHeader) {
  const IdfTable table = Table(IdfSource::kCollection, 100);
  EXPECT_DOUBLE_EQ(Get(table, Token(kCat)).idf, std::log(1 + (1000 - 3 + 0.5) / (3 + 0.5)));
  EXPECT_EQ(Get(table, Token(kCat)).document_frequency, 3u);
  EXPECT_DOUBLE_EQ(Get(table, Token(kRare)).idf, std::log(1 + 1000.5 / 0.5));
}

TEST_F(LearnedIdfTest, ByEncoderTheTableSpeaksAlone) {
  const IdfTable table = Table(IdfSource::kEncoder, 100);
  EXPECT_FLOAT_EQ(static_cast<float>(Get(table, Token(kCat)).idf), 5.0f);
  EXPECT_EQ(Get(table, Token(kCat)).document_frequency, 3u);
  EXPECT_FLOAT_EQ(static_cast<float>(Get(table, Token(kUnseen)).idf), 1.0f);
}

TEST_F(LearnedIdfTest, ABlendAddsImaginedPassagesOfTheTablesShares) {
  const IdfTable table = Table(IdfSource::kBlend, 100);
  const double p = std::exp(-5.0);
  EXPECT_NEAR(Get(table, Token(kCat)).idf, std::log((1100 + 1) / (3 + 100 * p + 0.5)), 1e-12);
  // A token that the table never saw has no share, whatever exp(-1) is; no share is above 1.
  EXPECT_NEAR(Get(table, Token(kUnseen)).idf, std::log((1100 + 1) / 0.5), 1e-12);
  EXPECT_NEAR(Get(table, Token(kNegative)).idf, std::log((1100 + 1) / 100.5), 1e-12);
}

TEST_F(LearnedIdfTest, SharesAreThoseFromWhichTheTableWasMade) {
  // The table of a large collection inverted and used as its own prior gives itself back.
  const double passages = 8'841'823, df = 58'950;
  const auto weight = static_cast<float>(std::log1p((passages - df + 0.5) / (df + 0.5)));
  CollectionSettings settings = WithPrior(static_cast<float>(passages));
  settings.document.encoder = "models/some";
  const IdfTable table(nullptr, settings,
                       std::make_shared<FakeTable>(FakeTable::Weights{{"cat", weight}}));
  EXPECT_NEAR(Get(table, Token(0)).idf, static_cast<double>(weight), 1e-4);
}

TEST_F(LearnedIdfTest, BeforeAnythingIsPublishedThePriorStandsAlone) {
  statistics_ = nullptr;
  const IdfTable table = Table(IdfSource::kBlend, 100);
  EXPECT_NEAR(Get(table, Token(kThe)).idf, std::log(101 / (100 * std::exp(-0.1353f) + 0.5)), 1e-6);
  EXPECT_GT(Get(table, Token(kCat)).idf, Get(table, Token(kThe)).idf);
  EXPECT_GT(Get(table, Token(kRare)).idf, Get(table, Token(kCat)).idf);
}

TEST_F(LearnedIdfTest, AModelWithoutATableGivesNoPrior) {
  EXPECT_EQ(Get(Table(IdfSource::kBlend, 100, false), Token(kCat)).idf,
            Get(Table(IdfSource::kCollection, 100), Token(kCat)).idf);
}

TEST_F(LearnedIdfTest, ACollectionWithoutStemsJudgesWordsByThePriorAlone) {
  CollectionSettings settings = WithPrior(100);
  settings.document.stems = false;
  EXPECT_EQ(Get(IdfTable(Statistics(), settings), Stem("file")).idf,
            Get(IdfTable(nullptr, WithPrior(100)), Stem("file")).idf);
}

TEST(StemPriorTest, TablesAreParsedAndMalformedLinesAreNamed) {
  const auto prior = StemPrior::Parse("# passages: 200\ncat\t50\n\ndog\t1\n");
  ASSERT_TRUE(prior.ok()) << prior.status();
  EXPECT_EQ(prior->Probability(Stem("cat")), 0.25);
  EXPECT_EQ(prior->Probability(Stem("cow")), 0);
  for (const std::string_view bad : {"", "cat\t50\n", "# passages: 0\n", "# passages: 9\ncat 50\n",
                                     "# passages: 9\ncat\t-1\n"}) {
    EXPECT_EQ(StemPrior::Parse(bad).status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace foraker::retrieval
