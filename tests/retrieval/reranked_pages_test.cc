// Pages of reranked searches, and the orders that they walk.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "retrieval/stored_orders.h"
#include "tests/retrieval/reranked_fixture.h"

namespace foraker::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class RerankedPagesTest : public RerankedSearcherTest {};

SearchRequest Next(SearchRequest request, const SearchResult& page) {
  request.page_token = page.next_page_token;
  return request;
}

TEST_F(RerankedPagesTest, PagesWalkOneOrderAndRankNothingAgain) {
  const SearchRequest request = FirstPage(4);
  const SearchResult first = Search(request);
  EXPECT_THAT(IdsOf(first), ElementsAre("d7", "d4", "d1", "d8"));
  const SearchResult second = Search(Next(request, first));
  EXPECT_THAT(IdsOf(second), ElementsAre("d5", "d2", "d9", "d6"));
  const SearchResult third = Search(Next(request, second));
  EXPECT_THAT(IdsOf(third), ElementsAre("d3", "d0"));
  EXPECT_EQ(third.next_page_token, "");
  EXPECT_THAT(reranker_->requests(), SizeIs(1));
  EXPECT_EQ(second.hits[0].rank_score, 5.0f);
  EXPECT_EQ(second.hits[0].score, first.hits[0].score);
  EXPECT_EQ(second.hits[0].document.text, "A white whale, number 5.");
  EXPECT_EQ(second.hits[0].document.fields.size(), 2u);
  EXPECT_EQ(second.generation, first.generation);
  EXPECT_EQ(second.rank_tokens, first.rank_tokens);
  EXPECT_EQ(second.postings_scanned, 0u);
  EXPECT_EQ(second.timing.rerank, 0u);
  // A page can be asked for again.
  EXPECT_EQ(IdsOf(Search(Next(request, first))), IdsOf(second));
}

TEST_F(RerankedPagesTest, PagesAreOfTheFirstPagesSnapshotWhateverIsWritten) {
  const SearchRequest request = FirstPage(4);
  const SearchResult first = Search(request);
  books_.Delete({"d5", "d2"});
  books_.Add({TestDocument("d9", "Changed", "A white whale, number 99.")});
  ASSERT_TRUE(local_->Refresh().ok());
  const SearchResult second = Search(Next(request, first));
  EXPECT_THAT(IdsOf(second), ElementsAre("d5", "d2", "d9", "d6"));
  EXPECT_EQ(second.hits[2].document.title, "Book 9");
  EXPECT_EQ(IdsOf(Search(Ranked(1)))[0], "d9");
}

TEST_F(RerankedPagesTest, ThePartsAndTheSizeOfAPageMayChange) {
  SearchRequest request = FirstPage(4);
  const SearchResult first = Search(request);
  request.k = 2;
  request.with_text = request.with_fields = false;
  const SearchResult second = Search(Next(request, first));
  EXPECT_THAT(IdsOf(second), ElementsAre("d5", "d2"));
  EXPECT_EQ(second.hits[0].document.title, "Book 5");
  EXPECT_EQ(second.hits[0].document.text, "");
  EXPECT_TRUE(second.hits[0].document.fields.empty());
  request.with_title = false;
  request.k = 10;
  const SearchResult third = Search(Next(request, second));
  EXPECT_THAT(IdsOf(third), ElementsAre("d9", "d6", "d3", "d0"));
  EXPECT_EQ(third.hits[0].document.title, "");
  EXPECT_GT(third.hits[0].document.version, 0u);
}

TEST_F(RerankedPagesTest, SnippetsExplanationsAndFacetsComeWithEveryPage) {
  SearchRequest request = FirstPage(4);
  request.snippet = SnippetRequest();
  request.explain = true;
  request.explain_ids = {"nobody"};
  request.facets = {{.field = "lang"}};
  const SearchResult first = Search(request);
  const SearchResult second = Search(Next(request, first));
  ASSERT_EQ(second.hits.size(), 4u);
  EXPECT_THAT(second.hits[3].snippets.at(0).text, HasSubstr("number 2"));
  EXPECT_EQ(second.hits[3].explanation->document_id, "d6");
  EXPECT_THAT(second.explanations, SizeIs(1));
  EXPECT_EQ(second.facets.at(0).values[0].count, 5u);
}

TEST_F(RerankedPagesTest, ATokenIsGoodForItsOwnRequestAlone) {
  const SearchRequest request = Next(FirstPage(4), Search(FirstPage(4)));
  const std::string refusal = "page_token: it was given for another request";
  const auto refused = [&](const std::function<void(SearchRequest&)>& change) {
    SearchRequest other = request;
    change(other);
    ExpectError(other, absl::StatusCode::kInvalidArgument, refusal);
  };
  refused([](SearchRequest& r) { std::get<TextQuery>(r.query).text = "whale"; });
  refused([](SearchRequest& r) { r.rerank->candidates = 9; });
  refused([](SearchRequest& r) { r.rerank->options.variant = RankVariant::kAllKeys; });
  refused([](SearchRequest& r) { r.rerank->options.precision = RankPrecision::kF32; });
  refused([](SearchRequest& r) { r.rerank->options.max_document_tokens = 40; });
  refused([](SearchRequest& r) { r.rerank->options.windows = true; });
  refused([](SearchRequest& r) { r.filter = Equals("lang", "en"); });
  refused([](SearchRequest& r) { r.snippet = SnippetRequest(); });
  refused([](SearchRequest& r) { r.explain = true; });
  refused([](SearchRequest& r) { r.explain_ids = {"d1"}; });
  refused([](SearchRequest& r) { r.facets = {{.field = "lang"}}; });
  refused([](SearchRequest& r) { r.collection = "films"; });
  refused([](SearchRequest& r) { r.rerank.reset(); });
  SearchRequest plain = Ask("white whale", 4);
  plain.want_page_token = true;
  const std::string token_of_plain = Search(plain).next_page_token;
  refused([&](SearchRequest& r) { r.page_token = token_of_plain; });
  SearchRequest damaged = request;
  damaged.page_token[5] = damaged.page_token[5] == 'A' ? 'B' : 'A';
  ExpectError(damaged, absl::StatusCode::kInvalidArgument, "page_token: not a token");
  SearchRequest pinned = request;
  pinned.snapshot = local_->Pin("books", absl::ZeroDuration())->token;
  ExpectError(pinned, absl::StatusCode::kInvalidArgument, "the page token holds another one");
  EXPECT_EQ(Search(request).hits.size(), 4u);
}

TEST_F(RerankedPagesTest, PagesOfAPinnedSnapshotEndWithItsLease) {
  const std::string token = local_->Pin("books", absl::ZeroDuration())->token;
  SearchRequest request = FirstPage(4);
  request.snapshot = token;
  const SearchResult first = Search(request);
  EXPECT_EQ(local_->Gauges().leases, 1u);
  EXPECT_EQ(Search(Next(request, first)).hits.size(), 4u);
  ASSERT_TRUE(local_->Release(token).ok());
  ExpectError(Next(request, first), absl::StatusCode::kFailedPrecondition, "snapshot expired");
}

TEST_F(RerankedPagesTest, AnUnusedOrderExpiresAndUseRenewsIt) {
  const SearchRequest request = FirstPage(2);
  SearchResult page = Search(request);
  for (int i = 0; i < 3; ++i) {
    now_ += absl::Seconds(59);
    page = Search(Next(request, page));
  }
  EXPECT_THAT(IdsOf(page), ElementsAre("d9", "d6"));
  now_ += absl::Seconds(60);
  ExpectError(Next(request, page), absl::StatusCode::kFailedPrecondition, "page_token expired");
  EXPECT_EQ(searcher_->PredictPostings(Next(request, page)).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(RerankedPagesTest, ALaterPageTouchesNoPostings) {
  const SearchRequest request = FirstPage(2);
  const auto predicted = searcher_->PredictPostings(Next(request, Search(request)));
  ASSERT_TRUE(predicted.ok()) << predicted.status();
  EXPECT_EQ(*predicted, 0u);
}

TEST_F(RerankedPagesTest, OneSearchThatFitsOnItsPageKeepsNothing) {
  EXPECT_EQ(Search(FirstPage(10)).next_page_token, "");
  EXPECT_EQ(local_->Gauges().leases, 0u);
}

TEST_F(RerankedPagesTest, ManyReadersAndAWriterGetWholeOrders) {
  std::atomic<bool> writing = true;
  std::vector<std::thread> readers;
  for (int t = 0; t < 4; ++t) {
    readers.emplace_back([this] {
      for (int round = 0; round < 15; ++round) {
        const SearchRequest request = FirstPage(3);
        std::vector<std::string> ids;
        SearchResult page = Search(request);
        for (;;) {
          for (const SearchHit& hit : page.hits) ids.push_back(hit.document.title);
          if (page.next_page_token.empty()) break;
          page = Search(Next(request, page));
        }
        EXPECT_THAT(ids, ElementsAre("Book 7", "Book 4", "Book 1", "Book 8", "Book 5", "Book 2",
                                     "Book 9", "Book 6", "Book 3", "Book 0"));
      }
    });
  }
  std::thread writer([&] {
    for (int i = 0; writing; i = (i + 1) % 10) {
      books_.Add({Book(i)});
      EXPECT_TRUE(local_->Refresh().ok());
    }
  });
  for (std::thread& reader : readers) reader.join();
  writing = false;
  writer.join();
}

class FewOrdersTest : public RerankedSearcherTest {
 protected:
  FewOrdersTest() : RerankedSearcherTest({.max_orders = 2, .lease = absl::Seconds(60)}) {}
};

TEST_F(FewOrdersTest, TheOrderThatWasUsedLongestAgoMakesRoomAndFreesItsSnapshot) {
  const SearchRequest request = FirstPage(2);
  const SearchResult a = Search(request), b = Search(request);
  EXPECT_EQ(local_->Gauges().leases, 2u);
  Search(Next(request, a));
  const SearchResult c = Search(request);
  EXPECT_EQ(local_->Gauges().leases, 2u);
  ExpectError(Next(request, b), absl::StatusCode::kFailedPrecondition, "page_token expired");
  EXPECT_EQ(Search(Next(request, a)).hits.size(), 2u);
  EXPECT_EQ(Search(Next(request, c)).hits.size(), 2u);
}

StoredOrder OrderOf(size_t hits) {
  StoredOrder order;
  order.result.hits.resize(hits);
  return order;
}

TEST(StoredOrdersTest, OrdersAreBoundedInBytes) {
  const size_t bytes = BytesOf(OrderOf(10));
  StoredOrders orders({.max_bytes = 2 * bytes}, absl::Now);
  const std::string a = *orders.Keep(OrderOf(10)), b = *orders.Keep(OrderOf(10));
  EXPECT_NE(a, b);
  EXPECT_TRUE(orders.Use(a).ok());
  const std::string c = *orders.Keep(OrderOf(5));
  EXPECT_TRUE(orders.Use(a).ok());
  EXPECT_FALSE(orders.Use(b).ok());
  EXPECT_EQ((*orders.Use(c))->result.hits.size(), 5u);
  const absl::Status large = orders.Keep(OrderOf(21)).status();
  EXPECT_EQ(large.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(orders.Use(a).ok());  // what cannot be kept takes nobody's room
}

TEST(StoredOrdersTest, WhatAnOrderTakesCountsItsTexts) {
  StoredOrder order = OrderOf(1);
  const size_t bare = BytesOf(order);
  SearchHit& hit = order.result.hits[0];
  hit.snippets.push_back({.text = std::string(1'000, 'x'), .source = {}, .highlights = {}});
  const size_t with_snippet = BytesOf(order);
  EXPECT_GE(with_snippet, bare + 1'000);
  hit.explanation.emplace();
  hit.explanation->terms.resize(3);
  hit.explanation->terms[0].word_text = std::string(500, 'x');
  EXPECT_GE(BytesOf(order), with_snippet + 500 + 3 * sizeof(TermContribution));
}

}  // namespace
}  // namespace foraker::retrieval
