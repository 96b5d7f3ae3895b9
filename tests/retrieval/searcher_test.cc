#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/retrieval/searcher_fixture.h"

namespace foraker::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

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

}  // namespace
}  // namespace foraker::retrieval
