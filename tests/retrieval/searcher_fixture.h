// A searcher over a few books, with a clock that a test moves; and requests in few words.

#ifndef FORAKER_TESTS_RETRIEVAL_SEARCHER_FIXTURE_H_
#define FORAKER_TESTS_RETRIEVAL_SEARCHER_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/string_view.h"
#include "tests/retrieval/searched_collection.h"

namespace foraker::retrieval {

inline SearchRequest Ask(std::string text, uint32_t k = 10) {
  SearchRequest request;
  request.collection = "books";
  request.query = TextQuery{.text = std::move(text), .stem_weight = {}, .title_weight = {}};
  request.k = k;
  return request;
}

inline Filter Equals(std::string field, Value value) {
  Filter filter;
  filter.kind = Filter::Kind::kEquals;
  filter.field = std::move(field);
  filter.values = {std::move(value)};
  return filter;
}

inline std::vector<std::string> IdsOf(const SearchResult& result) {
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
    EXPECT_THAT(std::string(base::ToStd(status.message())), ::testing::HasSubstr(message));
  }

  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  SearchedCollection books_;
  std::unique_ptr<LocalSearcher> searcher_;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_TESTS_RETRIEVAL_SEARCHER_FIXTURE_H_
