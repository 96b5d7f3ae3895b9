// Searching collections that are written to.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "retrieval/open_collections.h"
#include "tests/retrieval/live_directory.h"

namespace foraker::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class LiveSearchTest : public ::testing::Test {
 protected:
  LiveSearchTest() { live_.Create("books"); }

  std::vector<DocumentWrite> Whales(size_t begin, size_t end) {
    std::vector<DocumentWrite> writes;
    for (size_t i = begin; i < end; ++i) {
      std::string text = "whale";
      for (size_t words = random_() % 40; words-- > 0;) absl::StrAppend(&text, " w", words % 7);
      writes.push_back(Put(absl::StrCat("d", i), text));
    }
    return writes;
  }

  LiveDirectory live_;
  std::mt19937_64 random_{7};
};

TEST_F(LiveSearchTest, PagesOfAMovingCollectionHoldEveryHitOnce) {
  live_.Write("books", Whales(0, 120));
  SearchRequest request;
  request.collection = "books";
  request.query = TextQuery{.text = "whale w1", .stem_weight = {}, .title_weight = {}};
  request.k = 1'000;
  const auto all = live_.searcher().Search(request);
  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_EQ(all->hits.size(), 120u);

  std::vector<std::string> paged;
  request.k = 7;
  request.want_page_token = true;
  do {
    const auto page = live_.searcher().Search(request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const SearchHit& hit : page->hits) paged.push_back(hit.document.id);
    request.page_token = page->next_page_token;
    // New, replaced and deleted documents, flushes and merges between the pages.
    std::vector<DocumentWrite> writes = Whales(random_() % 150, 160);
    writes.push_back(Delete(absl::StrCat("d", random_() % 120)));
    live_.Write("books", writes);
    if (random_() % 3 == 0) {
      ASSERT_TRUE(live_.admin().Flush("books").ok());
    }
    if (random_() % 5 == 0) {
      ASSERT_TRUE(live_.admin().Compact("books").ok());
    }
  } while (!request.page_token.empty());
  std::vector<std::string> expected;
  for (const SearchHit& hit : all->hits) expected.push_back(hit.document.id);
  EXPECT_EQ(paged, expected);
}

TEST_F(LiveSearchTest, APinnedSnapshotHoldsWhileTheCollectionMovesOn) {
  live_.Write("books", {Put("a", "whale"), Put("b", "whale")});
  const auto pinned = live_.searcher().Pin("books", absl::ZeroDuration());
  ASSERT_TRUE(pinned.ok()) << pinned.status();
  live_.Write("books", {Delete("a"), Put("c", "whale")});
  ASSERT_TRUE(live_.admin().Compact("books").ok());
  SearchRequest request;
  request.collection = "books";
  request.snapshot = pinned->token;
  request.query = TextQuery{.text = "whale", .stem_weight = {}, .title_weight = {}};
  const auto then = live_.searcher().Search(request);
  ASSERT_TRUE(then.ok()) << then.status();
  EXPECT_EQ(then->hits.size(), 2u);
  EXPECT_THAT(live_.Find("books", "whale"), UnorderedElementsAre("b", "c"));
  ASSERT_TRUE(live_.searcher().Refresh().ok());
  EXPECT_GT(live_.searcher().Gauges().leased_bytes, 0u);
  ASSERT_TRUE(live_.searcher().Release(pinned->token).ok());
  ASSERT_TRUE(live_.searcher().Refresh().ok());
  EXPECT_EQ(live_.searcher().Gauges().leased_bytes, 0u);
}

TEST_F(LiveSearchTest, ASummaryCountsTheBuffer) {
  live_.Write("books", {Put("a", "whale"), Put("b", "whale", {{"year", {int64_t{1}}}})});
  CollectionSummary summary = live_.Describe("books");
  EXPECT_EQ(summary.documents, 2u);
  EXPECT_EQ(summary.passages, 2u);
  EXPECT_EQ(summary.segments, 1u);
  EXPECT_EQ(summary.sequence, 2u);
  EXPECT_THAT(summary.fields, ElementsAre(std::pair("year", "integer")));
  live_.Write("books", {Delete("a")});
  const auto all = live_.searcher().Collections();
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->front().documents, 1u);
}

TEST_F(LiveSearchTest, AnAliasIsFollowedAtOnce) {
  live_.Create("films");
  live_.Write("books", {Put("a", "whale")});
  live_.Write("films", {Put("b", "whale")});
  ASSERT_TRUE(live_.admin().SetAlias("now", "books").ok());
  EXPECT_THAT(live_.Find("now", "whale"), ElementsAre("a"));
  ASSERT_TRUE(live_.admin().SetAlias("now", "films").ok());
  EXPECT_THAT(live_.Find("now", "whale"), ElementsAre("b"));
  ASSERT_TRUE(live_.admin().DropCollection("films").ok());
  EXPECT_EQ(live_.searcher().Describe("now").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(LiveSearchTest, ACollectionThatIsMadeAnewUnderAnOldNameIsTheNewOne) {
  live_.Write("books", {Put("a", "whale")});
  EXPECT_THAT(live_.Find("books", "whale"), ElementsAre("a"));
  ASSERT_TRUE(live_.admin().DropCollection("books").ok());
  live_.Create("books");
  EXPECT_THAT(live_.Find("books", "whale"), IsEmpty());
  live_.Write("books", {Put("b", "whale")});
  EXPECT_THAT(live_.Find("books", "whale"), ElementsAre("b"));
}

TEST_F(LiveSearchTest, AReaderBesideTheWriterFindsWhatIsStillInTheLog) {
  live_.Write("books", {Put("a", "whale")});
  auto catalog = index::Catalog::Open(live_.data_dir(), index::OpenMode::kRead);
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  const auto reader = LocalSearcher::Open(std::shared_ptr<index::Catalog>(*std::move(catalog)));
  ASSERT_TRUE(reader.ok()) << reader.status();
  const auto find = [&] {
    SearchRequest request;
    request.collection = "books";
    request.query = TextQuery{.text = "whale", .stem_weight = {}, .title_weight = {}};
    const auto found = (*reader)->Search(request);
    EXPECT_TRUE(found.ok()) << found.status();
    std::set<std::string> ids;
    for (const SearchHit& hit : found->hits) ids.insert(hit.document.id);
    return ids;
  };
  EXPECT_THAT(find(), ElementsAre("a"));
  live_.Write("books", {Put("b", "whale"), Delete("a")});
  ASSERT_TRUE((*reader)->Refresh().ok());
  EXPECT_THAT(find(), ElementsAre("b"));
  ASSERT_TRUE(live_.admin().Flush("books").ok());
  live_.Write("books", {Put("c", "whale")});
  ASSERT_TRUE((*reader)->Refresh().ok());
  EXPECT_THAT(find(), ElementsAre("b", "c"));
}

TEST_F(LiveSearchTest, ANewSnapshotOfTheSameSettingsSharesEverythingButItself) {
  OpenCollections collections(
      std::shared_ptr<index::SnapshotSource>(&live_.store(), [](index::SnapshotSource*) {}),
      live_.data_dir());
  live_.Write("books", {Put("a", "whale")});
  const auto before = collections.Find("books");
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_EQ(*collections.Find("books"), *before);
  live_.Write("books", {Put("b", "whale")});
  const auto after = collections.Find("books");
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_NE((*after)->snapshot, (*before)->snapshot);
  EXPECT_EQ((*after)->queries, (*before)->queries);
  EXPECT_EQ((*after)->sessions, (*before)->sessions);
  EXPECT_EQ(collections.count(), 1u);
}

}  // namespace
}  // namespace foraker::retrieval
