#include "retrieval/idf.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string_view>

#include "retrieval/stem_prior.h"
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
