// A searcher with a rerank stage over ten books whose texts hold the numbers by which the reranker
// orders them: d7 d4 d1 d8 d5 d2 d9 d6 d3 d0. The first stage has them all at one score, by id.

#ifndef FORAKER_TESTS_RETRIEVAL_RERANKED_FIXTURE_H_
#define FORAKER_TESTS_RETRIEVAL_RERANKED_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "retrieval/reranked_searcher.h"
#include "tests/retrieval/fake_reranker.h"
#include "tests/retrieval/searcher_fixture.h"

namespace foraker::retrieval {

inline float NumberIn(const RankDocument& document) {
  const size_t at = document.text.find("number ");
  return at == std::string::npos ? -1 : std::strtof(document.text.c_str() + at + 7, nullptr);
}

class RerankedSearcherTest : public ::testing::Test {
 protected:
  explicit RerankedSearcherTest(StoredOrderOptions orders = {.lease = absl::Seconds(60)}) {
    std::vector<index::Document> documents;
    for (int i = 0; i < 10; ++i) documents.push_back(Book(i));
    books_.Add(std::move(documents));
    local_ = books_.Open({.leases = {.max_leases = 1'000, .default_lease = absl::Seconds(60)},
                          .limits = {},
                          .search_threads = 1,
                          .clock = [this] { return now_; }});
    searcher_ = MakeRerankedSearcher(
        local_, reranker_, {.orders = orders, .limits = {}, .clock = [this] { return now_; }});
  }

  static index::Document Book(int i) {
    return TestDocument(absl::StrCat("d", i), absl::StrCat("Book ", i),
                        absl::StrCat("A white whale, number ", i * 7 % 10, "."),
                        {{"year", {int64_t{1800} + i}}, {"lang", {i % 2 == 0 ? "en" : "de"}}});
  }
  static SearchRequest Ranked(uint32_t k = 10, uint32_t candidates = 10) {
    SearchRequest request = Ask("white whale", k);
    request.rerank = RerankStage{.candidates = candidates, .options = {}};
    return request;
  }
  static SearchRequest FirstPage(uint32_t k) {
    SearchRequest request = Ranked(k);
    request.want_page_token = true;
    return request;
  }

  SearchResult Search(const SearchRequest& request) {
    auto result = searcher_->Search(request);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : SearchResult();
  }
  void ExpectError(const SearchRequest& request, absl::StatusCode code,
                   const std::string& message) {
    const absl::Status status = searcher_->Search(request).status();
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_THAT(std::string(base::ToStd(status.message())), ::testing::HasSubstr(message));
  }

  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  SearchedCollection books_;
  std::shared_ptr<LocalSearcher> local_;
  const std::shared_ptr<FakeReranker> reranker_ = std::make_shared<FakeReranker>(NumberIn);
  std::unique_ptr<Searcher> searcher_;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_TESTS_RETRIEVAL_RERANKED_FIXTURE_H_
