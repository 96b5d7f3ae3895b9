// Snapshots, generations and pages of searches.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <bit>
#include <cstdint>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/retrieval/searcher_fixture.h"

namespace foraker::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

using SearcherSnapshotTest = SearcherTest;

TEST_F(SearcherSnapshotTest, ANewGenerationIsSeenAfterRefreshAndNotByPinnedSearches) {
  const auto pinned = searcher_->Pin("books", absl::ZeroDuration());
  ASSERT_TRUE(pinned.ok()) << pinned.status();
  EXPECT_EQ(pinned->generation, 2u);
  EXPECT_EQ(pinned->expires, now_ + absl::Seconds(60));
  books_.Delete({"jaws"});
  EXPECT_THAT(IdsOf(Search(Ask("shark"))), ElementsAre("jaws"));
  ASSERT_TRUE(searcher_->Refresh().ok());
  EXPECT_THAT(IdsOf(Search(Ask("shark"))), IsEmpty());

  SearchRequest request = Ask("shark");
  request.snapshot = pinned->token;
  EXPECT_THAT(IdsOf(Search(request)), ElementsAre("jaws"));
  EXPECT_TRUE(searcher_->Get("books", pinned->token, {"jaws"}).ok());
  EXPECT_EQ(searcher_->Get("books", "", {"jaws"}).status().message(),
            "collection \"books\" has no document \"jaws\"");

  ASSERT_TRUE(searcher_->Release(pinned->token).ok());
  ExpectError(request, absl::StatusCode::kFailedPrecondition, "snapshot expired");
}

TEST_F(SearcherSnapshotTest, WordsNewerThanTheStatisticsAreFound) {
  books_.settings().query.idf = IdfMode::kManual;
  books_.Add({TestDocument("kraken", "", "A white kraken rises.")});
  ASSERT_TRUE(searcher_->Refresh().ok());
  const SearchResult result = Search(Ask("white kraken zyzzyva"));
  EXPECT_EQ(result.idf_version, 2u);
  EXPECT_EQ(result.generation, 3u);
  EXPECT_EQ(result.terms_known, 2u);
  EXPECT_EQ(result.terms_unknown, 1u);
  ASSERT_FALSE(result.hits.empty());
  EXPECT_EQ(result.hits[0].document.id, "kraken");
}

TEST_F(SearcherSnapshotTest, LeasesExpireByTheClock) {
  const auto pinned = searcher_->Pin("books", absl::Seconds(10));
  ASSERT_TRUE(pinned.ok()) << pinned.status();
  EXPECT_EQ(searcher_->Gauges().leases, 1u);
  now_ += absl::Seconds(10);
  SearchRequest request = Ask("shark");
  request.snapshot = pinned->token;
  ExpectError(request, absl::StatusCode::kFailedPrecondition, "snapshot expired");
  EXPECT_EQ(searcher_->Gauges().leases, 0u);
}

TEST_F(SearcherSnapshotTest, ADroppedCollectionIsGoneAfterRefreshButNotForItsLeases) {
  const auto pinned = searcher_->Pin("books", absl::ZeroDuration());
  ASSERT_TRUE(books_.catalog()->Drop("books").ok());
  ASSERT_TRUE(searcher_->Refresh().ok());
  ExpectError(Ask("shark"), absl::StatusCode::kNotFound, "books");
  SearchRequest request = Ask("shark");
  request.snapshot = pinned->token;
  EXPECT_THAT(IdsOf(Search(request)), ElementsAre("jaws"));
}

TEST_F(SearcherSnapshotTest, AGenerationThatCannotBeOpenedIsReportedAndTheOldOneStays) {
  Search(Ask("shark"));
  books_.Add({TestDocument("orca", "", "Another shark.")});
  const auto published = books_.catalog()->Get("books");
  ASSERT_TRUE(published.ok()) << published.status();
  std::ofstream(books_.catalog()->CollectionDir("books") + "/" +
                published->record.segments.back().file)
      << "no segment any more";
  EXPECT_FALSE(searcher_->Refresh().ok());
  EXPECT_THAT(IdsOf(Search(Ask("shark"))), ElementsAre("jaws"));
}

TEST_F(SearcherSnapshotTest, APageTokenServesOnlyTheRequestItWasGivenFor) {
  SearchRequest request = Ask("white", 1);
  request.want_page_token = true;
  const std::string token = Search(request).next_page_token;
  ASSERT_FALSE(token.empty());
  SearchRequest next = Ask("white", 2);  // another size of page is fine
  next.page_token = token;
  EXPECT_EQ(Search(next).hits.size(), 2u);
  SearchRequest other = Ask("whale", 1);
  other.page_token = token;
  ExpectError(other, absl::StatusCode::kInvalidArgument, "page_token: it was given for another");
  next.page_token[5] = next.page_token[5] == 'A' ? 'B' : 'A';
  ExpectError(next, absl::StatusCode::kInvalidArgument, "page_token: not a token");
  EXPECT_EQ(searcher_
                ->List({.collection = "books",
                        .snapshot = {},
                        .page_token = token,
                        .page_size = 1,
                        .with_text = false})
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(SearcherSnapshotTest, TheLastPageHasNoToken) {
  SearchRequest request = Ask("white", 3);
  request.want_page_token = true;
  EXPECT_EQ(Search(request).hits.size(), 3u);
  EXPECT_EQ(Search(request).next_page_token, "");
  EXPECT_EQ(searcher_->Gauges().leases, 0u);  // so nothing is held for it
}

TEST_F(SearcherSnapshotTest, PagesOfAPinnedSearchStayOnItsSnapshot) {
  const auto pinned = searcher_->Pin("books", absl::ZeroDuration());
  SearchRequest request = Ask("white", 1);
  request.snapshot = pinned->token;
  request.want_page_token = true;
  SearchRequest next = request;
  next.page_token = Search(request).next_page_token;
  EXPECT_EQ(Search(next).hits.size(), 1u);
  EXPECT_EQ(searcher_->Gauges().leases, 1u);
  const auto other = searcher_->Pin("books", absl::ZeroDuration());
  next.snapshot = other->token;
  ExpectError(next, absl::StatusCode::kInvalidArgument, "snapshot: the page token holds another");
}

TEST_F(SearcherSnapshotTest, ListReturnsEveryLiveDocumentOnceThoughTheCollectionChanges) {
  std::vector<std::string> ids;
  ListRequest request{
      .collection = "books", .snapshot = {}, .page_token = {}, .page_size = 1, .with_text = false};
  do {
    const auto page = searcher_->List(request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const DocumentView& document : page->documents) {
      ids.push_back(document.id);
      EXPECT_EQ(document.text, "");
    }
    request.page_token = page->next_page_token;
    books_.Delete({"moby", "wal"});
    ASSERT_TRUE(searcher_->Refresh().ok());
  } while (!request.page_token.empty());
  EXPECT_THAT(ids, UnorderedElementsAre("moby", "jaws", "emma", "wal"));
  request.page_size = 10;
  request.with_text = true;
  const auto after = searcher_->List(request);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->documents.size(), 2u);
  EXPECT_EQ(after->next_page_token, "");
  EXPECT_NE(after->documents[0].text, "");
}

// ---- properties ----

class RandomBooks {
 public:
  explicit RandomBooks(uint64_t seed) : random_(seed) {}

  size_t Below(size_t bound) { return random_() % bound; }
  std::string Text(size_t words) {
    std::string text;
    for (size_t i = 0; i < words; ++i) {
      absl::StrAppend(&text, "w", Below(25), Below(10) == 0 ? ". " : " ");
    }
    return text;
  }
  std::vector<index::Document> Documents(const std::string& prefix, size_t count) {
    std::vector<index::Document> documents;
    for (size_t i = 0; i < count; ++i) {
      documents.push_back(TestDocument(prefix + std::to_string(i), "", Text(Below(90)),
                                       {{"group", {static_cast<int64_t>(Below(3))}}}));
    }
    return documents;
  }

 private:
  std::mt19937_64 random_;
};

using HitName = std::tuple<uint32_t, std::string, uint32_t>;

std::vector<HitName> NamesOf(const SearchResult& result) {
  std::vector<HitName> names;
  for (const SearchHit& hit : result.hits) {
    names.emplace_back(std::bit_cast<uint32_t>(hit.score), hit.document.id, hit.passage);
  }
  return names;
}

TEST(SearcherPropertyTest, PagesHoldEveryHitOnceInOrderWhateverIsPublishedMeanwhile) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  RandomBooks random(seed);
  SearchedCollection books;
  books.Add(random.Documents("a", 80));
  books.Add(random.Documents("b", 80));
  const auto searcher = books.Open();
  for (int round = 0; round < 12; ++round) {
    SearchRequest request = Ask(random.Text(1 + random.Below(4)), 10'000);
    request.collapse = random.Below(2) == 0 ? CollapseMode::kDocument : CollapseMode::kNone;
    if (random.Below(2) == 0) request.filter = Equals("group", static_cast<int64_t>(1));
    const auto all = searcher->Search(request);
    ASSERT_TRUE(all.ok()) << all.status();

    std::vector<HitName> paged;
    request.k = static_cast<uint32_t>(1 + random.Below(30));
    request.want_page_token = true;
    do {
      const auto page = searcher->Search(request);
      ASSERT_TRUE(page.ok()) << page.status();
      EXPECT_EQ(page->generation, all->generation);
      for (HitName& name : NamesOf(*page)) paged.push_back(std::move(name));
      request.page_token = page->next_page_token;
      if (random.Below(6) == 0) {
        books.Add(random.Documents("a", 5));
        ASSERT_TRUE(searcher->Refresh().ok());
      }
    } while (!request.page_token.empty());
    EXPECT_EQ(paged, NamesOf(*all));
  }
}

TEST(SearcherPropertyTest, SearchesBesideAWriterSeeWholeGenerations) {
  SearchedCollection books;
  const auto generation = [](int64_t number) {
    std::vector<index::Document> documents;
    for (int i = 0; i < 30; ++i) {
      documents.push_back(
          TestDocument(absl::StrCat("d", i), "", "the same whale", {{"generation", {number}}}));
    }
    return documents;
  };
  books.Add(generation(1));
  const auto searcher = books.Open();
  std::atomic<bool> done = false;
  std::atomic<int> mixed = 0;
  std::atomic<int> failed = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const auto result = searcher->Search(Ask("whale", 30));
        if (!result.ok() || result->hits.size() != 30) {
          ++failed;
          continue;
        }
        for (const SearchHit& hit : result->hits) {
          const auto expected = static_cast<int64_t>(result->generation);
          if (hit.document.fields[0].second[0] != Value(expected)) ++mixed;
        }
      }
    });
  }
  for (int64_t number = 2; number <= 8; ++number) {
    books.Add(generation(number));
    EXPECT_TRUE(searcher->Refresh().ok());
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(mixed, 0);
  EXPECT_EQ(searcher->Search(Ask("whale"))->generation, 8u);
}

}  // namespace
}  // namespace foraker::retrieval
