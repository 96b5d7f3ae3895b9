// What a search with a rerank stage reads, returns and refuses; its pages are in
// reranked_pages_test.cc.

#include "retrieval/reranked_searcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "base/float16.h"
#include "tests/retrieval/reranked_fixture.h"

namespace foraker::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(RerankedSearcherTest, HitsStandInTheRerankersOrderAndKeepTheirOwnScores) {
  const SearchResult plain = Search(Ask("white whale"));
  const SearchResult result = Search(Ranked(4));
  EXPECT_THAT(IdsOf(result), ElementsAre("d7", "d4", "d1", "d8"));
  for (const SearchHit& hit : result.hits) {
    EXPECT_EQ(hit.score, plain.hits[0].score);
    EXPECT_EQ(hit.document.text.find("A white whale"), 0u);
    EXPECT_EQ(hit.document.fields.size(), 2u);
  }
  EXPECT_EQ(result.hits[0].rank_score, 9.0f);
  EXPECT_EQ(result.hits[3].rank_score, 6.0f);
  EXPECT_FALSE(plain.hits[0].rank_score.has_value());
  EXPECT_EQ(result.rank_tokens, 200u);
  EXPECT_EQ(result.rank_tokens_dropped, 20u);
  EXPECT_EQ(result.generation, plain.generation);
  EXPECT_EQ(result.postings_scanned, plain.postings_scanned);
  EXPECT_TRUE(result.exact);
  EXPECT_EQ(result.next_page_token, "");
  EXPECT_EQ(local_->Gauges().leases, 0u);  // nobody asked for pages
}

TEST_F(RerankedSearcherTest, OnlyTheCandidatesAreRead) {
  const SearchResult result = Search(Ranked(2, 4));
  ASSERT_EQ(reranker_->requests().size(), 1u);
  EXPECT_EQ(reranker_->requests()[0].documents.size(), 4u);
  EXPECT_THAT(IdsOf(result), ElementsAre("d1", "d2"));  // the best of d0 to d3
}

TEST_F(RerankedSearcherTest, TheModelReadsTheQuestionTheTitleAndTheBestPassage) {
  std::string text = "Nothing is said here about the sea or the animals that live in it. ";
  for (int i = 0; i < 5; ++i) text += "There are only words that fill the page and say no more. ";
  const std::string passage = "Then a narwhal swims by.";
  books_.Add({TestDocument("long", "A long one", text + passage)});
  ASSERT_TRUE(local_->Refresh().ok());
  SearchRequest request = Ranked(1);
  std::get<TextQuery>(request.query).text = "narwhal";
  const SearchResult result = Search(request);
  ASSERT_THAT(IdsOf(result), ElementsAre("long"));
  ASSERT_GT(result.hits[0].passage, 0u);
  const RankRequest asked = reranker_->requests().at(0);
  EXPECT_EQ(asked.query, "narwhal");
  ASSERT_EQ(asked.documents.size(), 1u);
  EXPECT_EQ(asked.documents[0].title, "A long one");
  EXPECT_THAT(asked.documents[0].text, HasSubstr(passage));
  EXPECT_THAT(asked.documents[0].text, ::testing::Not(HasSubstr("Nothing is said")));
}

TEST_F(RerankedSearcherTest, PartsThatTheCallerDoesNotWantAreReadAndNotReturned) {
  SearchRequest request = Ranked(3);
  request.with_title = request.with_text = false;
  request.field_mask = {"year"};
  const SearchResult result = Search(request);
  EXPECT_EQ(reranker_->requests().at(0).documents[0].title, "Book 0");
  ASSERT_THAT(IdsOf(result), ElementsAre("d7", "d4", "d1"));
  for (const SearchHit& hit : result.hits) {
    EXPECT_EQ(hit.document.title, "");
    EXPECT_EQ(hit.document.text, "");
    ASSERT_EQ(hit.document.fields.size(), 1u);
    EXPECT_EQ(hit.document.fields[0].first, "year");
    EXPECT_GT(hit.document.version, 0u);
  }
}

TEST_F(RerankedSearcherTest, OptionsReachTheReranker) {
  SearchRequest request = Ranked();
  RankOptions& options = request.rerank->options;
  options.variant = RankVariant::kPaper;
  options.precision = RankPrecision::kBf16;
  options.max_document_tokens = 64;
  options.windows = true;
  options.deadline = absl::FromUnixSeconds(77);
  options.cancelled = [] { return false; };
  options.caller = "somebody";
  Search(request);
  const RankOptions asked = reranker_->requests().at(0).options;
  EXPECT_EQ(asked.variant, RankVariant::kPaper);
  EXPECT_EQ(asked.precision, RankPrecision::kBf16);
  EXPECT_EQ(asked.max_document_tokens, 64u);
  EXPECT_TRUE(asked.windows);
  EXPECT_EQ(asked.deadline, absl::FromUnixSeconds(77));
  EXPECT_TRUE(asked.cancelled);
  EXPECT_EQ(asked.caller, "somebody");
  EXPECT_EQ(asked.top_n, 0u);
}

TEST_F(RerankedSearcherTest, SnippetsExplanationsFacetsAndFiltersAreTheFirstStages) {
  SearchRequest request = Ranked(2);
  request.snippet = SnippetRequest();
  request.explain = true;
  request.explain_ids = {"d0", "nobody"};
  request.facets = {{.field = "lang"}};
  request.filter = Equals("lang", "en");
  const SearchResult result = Search(request);
  ASSERT_THAT(IdsOf(result), ElementsAre("d4", "d8"));
  for (const SearchHit& hit : result.hits) {
    ASSERT_EQ(hit.snippets.size(), 1u);
    EXPECT_THAT(hit.snippets[0].text, HasSubstr("whale"));
    ASSERT_TRUE(hit.explanation.has_value());
    EXPECT_EQ(hit.explanation->document_id, hit.document.id);
  }
  EXPECT_EQ(result.explanations.size(), 2u);
  ASSERT_EQ(result.facets.size(), 1u);
  EXPECT_EQ(result.facets[0].values[0].count, 5u);
  EXPECT_EQ(result.filtered_documents, 5u);
}

TEST_F(RerankedSearcherTest, ACandidateWithNothingToReadStandsBehindTheOthers) {
  index::Document blank = TestDocument("blank", "", " \n");
  index::Passage& passage = blank.passages.emplace_back();
  passage.text_end = 2;
  passage.vector.keys = {index::HashedTermKey(index::TermNamespace::kStem, "whale")};
  passage.vector.weights = {base::FloatToFloat16(50.0f)};
  passage.vector.positions = {index::Position()};
  books_.AddEncoded({std::move(blank)}, {{passage.vector.keys[0], "whale"}});
  ASSERT_TRUE(local_->Refresh().ok());
  ASSERT_EQ(IdsOf(Search(Ask("white whale", 1)))[0], "blank");
  const SearchResult result = Search(Ranked(3, 3));
  EXPECT_THAT(IdsOf(result), ElementsAre("d1", "d0", "blank"));
  EXPECT_EQ(reranker_->requests().at(0).documents.size(), 2u);
  EXPECT_FALSE(result.hits[2].rank_score.has_value());
}

TEST_F(RerankedSearcherTest, PassagesAreRankedWhereTheSearchReturnsPassages) {
  std::string text;
  for (int i = 0; i < 6; ++i) {
    text += absl::StrCat("A whale that is white, number ", 20 + i,
                         ", swims through a passage which is long enough to stand alone. ");
  }
  books_.Add({TestDocument("long", "", text)});
  ASSERT_TRUE(local_->Refresh().ok());
  SearchRequest request = Ranked(3, 20);
  request.collapse = CollapseMode::kNone;
  request.want_page_token = true;
  const SearchResult first = Search(request);
  ASSERT_THAT(IdsOf(first), ElementsAre("long", "long", "long"));
  EXPECT_GT(first.hits[0].passage, first.hits[2].passage);
  request.page_token = first.next_page_token;
  const SearchResult second = Search(request);
  ASSERT_EQ(second.hits.size(), 3u);
  EXPECT_EQ(second.hits[0].document.text, text);
  EXPECT_EQ(second.hits[1].document.text, text);
}

TEST_F(RerankedSearcherTest, AHugePassageIsCutBetweenCharacters) {
  std::string huge = "whale ";
  while (huge.size() < 100'000) huge += "é";
  index::Document document = TestDocument("huge", "", huge);
  index::Passage& passage = document.passages.emplace_back();
  passage.text_end = static_cast<uint32_t>(huge.size());
  passage.vector.keys = {index::HashedTermKey(index::TermNamespace::kStem, "whale")};
  passage.vector.weights = {base::FloatToFloat16(50.0f)};
  passage.vector.positions = {index::Position()};
  books_.AddEncoded({std::move(document)}, {{passage.vector.keys[0], "whale"}});
  ASSERT_TRUE(local_->Refresh().ok());
  Search(Ranked(1, 1));
  const std::string read = reranker_->requests().at(0).documents.at(0).text;
  EXPECT_LT(read.size(), 50'000u);
  EXPECT_EQ(read.size() % 2, 0u);
  EXPECT_EQ(huge.substr(0, read.size()), read);
}

TEST_F(RerankedSearcherTest, WithoutCandidatesNothingIsRead) {
  SearchRequest request = Ranked();
  std::get<TextQuery>(request.query).text = "zyzzyva";
  EXPECT_THAT(Search(request).hits, IsEmpty());
  EXPECT_THAT(reranker_->requests(), IsEmpty());
}

TEST_F(RerankedSearcherTest, AStoppedScanKeepsItsCertificate) {
  SearchRequest request = Ranked();
  request.deadline = absl::InfinitePast();
  const SearchResult result = Search(request);
  EXPECT_FALSE(result.exact);
  EXPECT_GT(result.bound, 0);
}

TEST_F(RerankedSearcherTest, ARerankersErrorIsTheSearchs) {
  reranker_->Fail(absl::ResourceExhaustedError("too much to read"));
  ExpectError(Ranked(), absl::StatusCode::kResourceExhausted, "rerank: too much to read");
  reranker_->Fail(absl::DeadlineExceededError("too late"));
  ExpectError(FirstPage(2), absl::StatusCode::kDeadlineExceeded, "rerank: too late");
  EXPECT_EQ(local_->Gauges().leases, 0u);
}

TEST_F(RerankedSearcherTest, AnOrderThatIsNoneIsRefused) {
  reranker_->Spoil([](RankResult& result) { result.documents[1] = result.documents[0]; });
  ExpectError(Ranked(), absl::StatusCode::kInternal, "holds document 7 of 10 twice");
  reranker_->Spoil([](RankResult& result) { result.documents[1].index = 10; });
  ExpectError(Ranked(), absl::StatusCode::kInternal, "that it was not given");
  reranker_->Spoil([](RankResult& result) { result.documents.pop_back(); });
  ExpectError(Ranked(), absl::StatusCode::kInternal, "ranked 9 of 10 documents");
}

TEST_F(RerankedSearcherTest, WhatCannotBeRankedIsRefusedByName) {
  ExpectError(Ranked(1, 0), absl::StatusCode::kInvalidArgument,
              "rerank.candidates: expected 1 to 500, got 0");
  ExpectError(Ranked(1, 501), absl::StatusCode::kInvalidArgument, "got 501");
  ExpectError(Ranked(11, 10), absl::StatusCode::kInvalidArgument, "k: expected 1 to 10");
  ExpectError(Ranked(0, 10), absl::StatusCode::kInvalidArgument, "k: expected 1 to 10");
  SearchRequest request = Ranked();
  request.rerank->options.top_n = 3;
  ExpectError(request, absl::StatusCode::kInvalidArgument, "rerank.options.top_n: must be 0");
  request = Ranked();
  request.query = DocumentQuery{.document_id = "d1"};
  ExpectError(request, absl::StatusCode::kInvalidArgument, "query.text must be given");
  request.query = TextQuery();
  ExpectError(request, absl::StatusCode::kInvalidArgument, "query.text must be given");
  EXPECT_THAT(reranker_->requests(), IsEmpty());
}

TEST_F(RerankedSearcherTest, WithoutAModelARerankIsRefused) {
  const absl::Status status = local_->Search(Ranked()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(base::ToStd(status.message())),
              HasSubstr("no reranking model is loaded"));
}

TEST_F(RerankedSearcherTest, EverythingElseIsTheOtherSearchers) {
  EXPECT_EQ(IdsOf(Search(Ask("white whale", 3))), IdsOf(*local_->Search(Ask("white whale", 3))));
  EXPECT_THAT(reranker_->requests(), IsEmpty());
  EXPECT_EQ(*searcher_->PredictPostings(Ask("white whale")), 20u);
  EXPECT_EQ(*searcher_->PredictPostings(Ranked()), 20u);
  EXPECT_EQ(searcher_->PredictPostings(Ranked(1, 0)).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(searcher_->Get("books", "", {"d3"})->at(0).title, "Book 3");
  EXPECT_EQ(*searcher_->Resolve("books"), "books");
  EXPECT_EQ(searcher_->Describe("books")->documents, 10u);
  EXPECT_EQ(searcher_->Collections()->size(), 1u);
  ListRequest list;
  list.collection = "books";
  EXPECT_EQ(searcher_->List(list)->documents.size(), 10u);
  EXPECT_EQ(searcher_->Analyze("books", "", "whale")->size(), 1u);
  EXPECT_TRUE(searcher_->Links("books", "", {{.document_id = "d3"}}).ok());
  const auto pinned = searcher_->Pin("books", absl::ZeroDuration());
  ASSERT_TRUE(pinned.ok()) << pinned.status();
  EXPECT_TRUE(searcher_->Release(pinned->token).ok());
}

}  // namespace
}  // namespace foraker::retrieval
