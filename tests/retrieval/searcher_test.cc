#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <fstream>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "base/string_view.h"
#include "tests/retrieval/searched_collection.h"

namespace foraker::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

SearchRequest Ask(std::string text, uint32_t k = 10) {
  SearchRequest request;
  request.collection = "books";
  request.query = TextQuery{.text = std::move(text), .stem_weight = {}, .title_weight = {}};
  request.k = k;
  return request;
}

Filter Equals(std::string field, Value value) {
  Filter filter;
  filter.kind = Filter::Kind::kEquals;
  filter.field = std::move(field);
  filter.values = {std::move(value)};
  return filter;
}

std::vector<std::string> IdsOf(const SearchResult& result) {
  std::vector<std::string> ids;
  for (const SearchHit& hit : result.hits) ids.push_back(hit.document.id);
  return ids;
}

class SearcherTest : public ::testing::Test {
 protected:
  SearcherTest() {
    books_.Add({
        TestDocument("moby", "Moby-Dick", "Call me Ishmael. The white whale swims in the sea.",
                     {{"year", {int64_t{1851}}}, {"lang", {"en"}}}),
        TestDocument("jaws", "Jaws", "A white shark swims near the beach.",
                     {{"year", {int64_t{1974}}}, {"lang", {"en"}}}),
        TestDocument("emma", "Emma", "A young woman makes matches.", {{"year", {int64_t{1815}}}}),
    });
    books_.Add({TestDocument("wal", "Der Wal", "A white whale.", {{"lang", {"de"}}})});
    searcher_ = books_.Open({.leases = {.max_leases = 16,
                                        .default_lease = absl::Seconds(60),
                                        .max_lease = absl::Seconds(600)},
                             .limits = {},
                             .search_threads = 2,
                             .clock = [this] { return now_; }});
  }

  SearchResult Search(const SearchRequest& request) {
    auto result = searcher_->Search(request);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : SearchResult();
  }
  void ExpectError(const SearchRequest& request, absl::StatusCode code,
                   const std::string& message) {
    const absl::Status status = searcher_->Search(request).status();
    EXPECT_EQ(status.code(), code);
    EXPECT_THAT(std::string(base::ToStd(status.message())), HasSubstr(message));
  }

  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  SearchedCollection books_;
  std::unique_ptr<LocalSearcher> searcher_;
};

TEST_F(SearcherTest, TheBestDocumentsComeFirstWithWhatTheyHold) {
  const SearchResult result = Search(Ask("white whales"));
  ASSERT_EQ(result.hits.size(), 3u);
  EXPECT_EQ(result.hits[2].document.id, "jaws");
  EXPECT_TRUE(result.exact);
  const auto moby = std::find_if(result.hits.begin(), result.hits.end(),
                                 [](const SearchHit& hit) { return hit.document.id == "moby"; });
  ASSERT_NE(moby, result.hits.end());
  EXPECT_EQ(moby->document.title, "Moby-Dick");
  EXPECT_EQ(moby->document.text, "Call me Ishmael. The white whale swims in the sea.");
  EXPECT_GT(moby->document.version, 0u);
  EXPECT_THAT(moby->document.fields,
              UnorderedElementsAre(Pair("lang", ElementsAre(Value("en"))),
                                   Pair("year", ElementsAre(Value(int64_t{1851})))));
  EXPECT_EQ(moby->passage_range.end, moby->document.text.size());
}

TEST_F(SearcherTest, TheReplyCountsTermsPostingsAndDocuments) {
  const SearchResult result = Search(Ask("white whale zyzzyva"));
  EXPECT_EQ(result.terms_known, 2u);
  EXPECT_EQ(result.terms_unknown, 1u);
  EXPECT_EQ(result.postings_predicted, 5u);  // white in three documents, whale in two
  EXPECT_EQ(result.filtered_documents, 4u);
  EXPECT_EQ(result.generation, 2u);
  EXPECT_EQ(result.idf_version, 2u);
  EXPECT_LE(
      result.timing.query + result.timing.filter + result.timing.retrieve + result.timing.fetch,
      result.timing.total);
  const auto predicted = searcher_->PredictPostings(Ask("white whale zyzzyva"));
  ASSERT_TRUE(predicted.ok()) << predicted.status();
  EXPECT_EQ(*predicted, 5u);
}

TEST_F(SearcherTest, QueriesWithoutKnownTermsFindNothing) {
  EXPECT_THAT(Search(Ask("")).hits, IsEmpty());
  EXPECT_THAT(Search(Ask("zyzzyva the of")).hits, IsEmpty());
  EXPECT_TRUE(Search(Ask("zyzzyva")).exact);
}

TEST_F(SearcherTest, OnlyTheAskedPartsAreReturned) {
  SearchRequest request = Ask("shark", 1);
  request.with_title = request.with_text = false;
  request.field_mask = {"lang"};
  request.snippet = SnippetRequest();
  const SearchResult result = Search(request);
  ASSERT_EQ(result.hits.size(), 1u);
  EXPECT_EQ(result.hits[0].document.title, "");
  EXPECT_EQ(result.hits[0].document.text, "");
  EXPECT_THAT(result.hits[0].document.fields, ElementsAre(Pair("lang", ElementsAre(Value("en")))));
  ASSERT_EQ(result.hits[0].snippets.size(), 1u);
  EXPECT_EQ(result.hits[0].snippets[0].text, "A white shark swims near the beach.");
  request.with_fields = false;
  EXPECT_THAT(Search(request).hits[0].document.fields, IsEmpty());
}

TEST_F(SearcherTest, SnippetsHighlightEveryFormOfAQueriedWord) {
  books_.Add({TestDocument("hunt", "", "Hunters hunt; the hunted hide. Nothing else.")});
  ASSERT_TRUE(searcher_->Refresh().ok());
  SearchRequest request = Ask("hunting");
  request.snippet = SnippetRequest{.max_chars = 30, .count = 1};
  const SearchResult result = Search(request);
  ASSERT_EQ(result.hits.size(), 1u);
  ASSERT_EQ(result.hits[0].snippets.size(), 1u);
  const Snippet& snippet = result.hits[0].snippets[0];
  std::vector<std::string> highlighted;
  for (const ByteRange& range : snippet.highlights) {
    highlighted.push_back(snippet.text.substr(range.begin, range.end - range.begin));
  }
  EXPECT_THAT(highlighted, ElementsAre("hunt", "hunted"));
}

TEST_F(SearcherTest, AFilterLimitsTheHitsAndItsErrorsNameTheField) {
  SearchRequest request = Ask("white");
  request.filter = Equals("lang", "de");
  const SearchResult result = Search(request);
  EXPECT_THAT(IdsOf(result), ElementsAre("wal"));
  EXPECT_EQ(result.filtered_documents, 1u);
  request.filter = Equals("language", "de");
  ExpectError(request, absl::StatusCode::kInvalidArgument, "has no field \"language\"");
}

TEST_F(SearcherTest, NamedTermsAreSearchedWithTheirWeights) {
  SearchRequest request = Ask("");
  request.query = SparseQuery{
      {{NamedTerm::Kind::kStem, "whale", 2.0f}, {NamedTerm::Kind::kTitle, "JAWS (novel)", 9.0f}}};
  const SearchResult result = Search(request);
  ASSERT_EQ(result.hits.size(), 3u);
  EXPECT_EQ(result.hits[0].document.id, "jaws");
  EXPECT_EQ(result.hits[0].score, 9.0f);  // a title's stored weight is 1
}

TEST_F(SearcherTest, MoreLikeADocumentLeavesItOut) {
  SearchRequest request = Ask("");
  request.query = DocumentQuery{.document_id = "moby"};
  EXPECT_THAT(IdsOf(Search(request)), UnorderedElementsAre("jaws", "wal"));
  request.filter = Equals("lang", "en");
  EXPECT_THAT(IdsOf(Search(request)), ElementsAre("jaws"));
  request.query = DocumentQuery{.document_id = "nobody"};
  ExpectError(request, absl::StatusCode::kNotFound,
              "query.document_id: the collection has no document \"nobody\"");
}

TEST_F(SearcherTest, FacetsCountOverTheFilterOrOverTheBestHits) {
  SearchRequest request = Ask("whale", 1);
  request.facets = {{.field = "lang", .limit = 10, .best_hits = 0},
                    {.field = "lang", .limit = 10, .best_hits = 2}};
  const SearchResult result = Search(request);
  EXPECT_EQ(result.hits.size(), 1u);
  ASSERT_EQ(result.facets.size(), 2u);
  ASSERT_EQ(result.facets[0].values.size(), 2u);
  EXPECT_EQ(result.facets[0].values[0].value, Value("en"));
  EXPECT_EQ(result.facets[0].values[0].count, 2u);
  ASSERT_EQ(result.facets[1].values.size(), 2u);
  EXPECT_EQ(result.facets[1].values[0].value, Value("de"));
  EXPECT_EQ(result.facets[1].values[0].count, 1u);

  request.want_page_token = true;
  const SearchResult first = Search(request);
  request.page_token = first.next_page_token;
  EXPECT_EQ(Search(request).facets[1].values[0].value, Value("de"));  // the same on every page
}

TEST_F(SearcherTest, AStoppedScanSaysWhatItMayHaveMissed) {
  SearchRequest request = Ask("white whale", 1);
  request.max_postings = 0;
  const SearchResult result = Search(request);
  EXPECT_FALSE(result.exact);
  EXPECT_GT(result.bound, 0);
  request = Ask("white whale", 1);
  request.deadline = absl::InfinitePast();
  EXPECT_FALSE(Search(request).exact);
}

TEST_F(SearcherTest, AnUnknownCollectionIsNotFound) {
  SearchRequest request = Ask("whale");
  request.collection = "films";
  ExpectError(request, absl::StatusCode::kNotFound, "films");
}

TEST_F(SearcherTest, LimitsHoldForEveryCall) {
  ExpectError(Ask("whale", 10'001), absl::StatusCode::kInvalidArgument, "k: 10001 given");
  EXPECT_EQ(searcher_->PredictPostings(Ask("whale", 10'001)).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(searcher_->Get("books", "", std::vector<std::string>(1'001, "moby")).status().message(),
            "ids: 1001 given, at most 1000 allowed");
  EXPECT_EQ(searcher_->Analyze("books", "", std::string((1 << 20) + 1, 'a')).status().message(),
            "text: 1048577 bytes long, at most 1048576 allowed");
}

TEST_F(SearcherTest, AnAliasFindsTheCollectionAndSharesItsGeneration) {
  ASSERT_TRUE(books_.catalog()->SetAlias("library", "books").ok());
  SearchRequest request = Ask("shark");
  request.collection = "library";
  EXPECT_THAT(IdsOf(Search(request)), ElementsAre("jaws"));
  Search(Ask("shark"));
  EXPECT_EQ(searcher_->Gauges().open_collections, 1u);
}

TEST_F(SearcherTest, ANewGenerationIsSeenAfterRefreshAndNotByPinnedSearches) {
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

TEST_F(SearcherTest, LeasesExpireByTheClock) {
  const auto pinned = searcher_->Pin("books", absl::Seconds(10));
  ASSERT_TRUE(pinned.ok()) << pinned.status();
  EXPECT_EQ(searcher_->Gauges().leases, 1u);
  now_ += absl::Seconds(10);
  SearchRequest request = Ask("shark");
  request.snapshot = pinned->token;
  ExpectError(request, absl::StatusCode::kFailedPrecondition, "snapshot expired");
  EXPECT_EQ(searcher_->Gauges().leases, 0u);
}

TEST_F(SearcherTest, ADroppedCollectionIsGoneAfterRefreshButNotForItsLeases) {
  const auto pinned = searcher_->Pin("books", absl::ZeroDuration());
  ASSERT_TRUE(books_.catalog()->Drop("books").ok());
  ASSERT_TRUE(searcher_->Refresh().ok());
  ExpectError(Ask("shark"), absl::StatusCode::kNotFound, "books");
  SearchRequest request = Ask("shark");
  request.snapshot = pinned->token;
  EXPECT_THAT(IdsOf(Search(request)), ElementsAre("jaws"));
}

TEST_F(SearcherTest, AGenerationThatCannotBeOpenedIsReportedAndTheOldOneStays) {
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

TEST_F(SearcherTest, APageTokenServesOnlyTheRequestItWasGivenFor) {
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

TEST_F(SearcherTest, TheLastPageHasNoToken) {
  SearchRequest request = Ask("white", 3);
  request.want_page_token = true;
  EXPECT_EQ(Search(request).hits.size(), 3u);
  EXPECT_EQ(Search(request).next_page_token, "");
  EXPECT_EQ(searcher_->Gauges().leases, 0u);  // so nothing is held for it
}

TEST_F(SearcherTest, PagesOfAPinnedSearchStayOnItsSnapshot) {
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

TEST_F(SearcherTest, ListReturnsEveryLiveDocumentOnceThoughTheCollectionChanges) {
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

TEST_F(SearcherTest, AnalyzeNamesTermsWithIdfAndRanges) {
  const auto terms = searcher_->Analyze("books", "", "The white whales");
  ASSERT_TRUE(terms.ok()) << terms.status();
  ASSERT_EQ(terms->size(), 2u);
  EXPECT_EQ((*terms)[1].term, "whale");
  EXPECT_EQ((*terms)[1].document_frequency, 2u);
  EXPECT_GT((*terms)[1].idf, (*terms)[0].idf);
  EXPECT_EQ((*terms)[1].range.begin, 10u);
  EXPECT_EQ((*terms)[1].range.end, 16u);
}

TEST_F(SearcherTest, CollectionsAreListedAndDescribed) {
  const auto summaries = searcher_->Collections();
  ASSERT_TRUE(summaries.ok()) << summaries.status();
  ASSERT_EQ(summaries->size(), 1u);
  EXPECT_EQ((*summaries)[0].name, "books");
  EXPECT_EQ((*summaries)[0].documents, 4u);
  const auto described = searcher_->Describe("books");
  ASSERT_TRUE(described.ok()) << described.status();
  EXPECT_EQ(described->segments, 2u);
  EXPECT_EQ(described->passages, 4u);
  EXPECT_EQ(described->encoder, "bm25");
  EXPECT_EQ(described->analyzer, "english/porter");
  EXPECT_THAT(described->fields, ElementsAre(Pair("lang", "keyword"), Pair("year", "integer")));
  uint64_t bytes = 0;
  for (const auto& [section, length] : described->section_bytes) bytes += length;
  EXPECT_GT(bytes, 0u);
  EXPECT_LE(bytes, described->bytes);
}

// ---- properties ----

class RandomBooks {
 public:
  explicit RandomBooks(uint64_t seed) : random_(seed) {}

  size_t Below(size_t bound) { return random_() % bound; }
  std::string Text(size_t words) {
    std::string text;
    for (size_t i = 0; i < words; ++i) {
      text += "w" + std::to_string(Below(25)) + (Below(10) == 0 ? ". " : " ");
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
          TestDocument("d" + std::to_string(i), "", "the same whale", {{"generation", {number}}}));
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
