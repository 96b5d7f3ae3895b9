#include "retrieval/api/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "base/string_view.h"

namespace foraker::retrieval {
namespace {

using ::testing::HasSubstr;

SearchRequest Valid() {
  SearchRequest request;
  request.collection = "books";
  request.query = TextQuery{.text = "whales", .stem_weight = {}, .title_weight = {}};
  return request;
}

Filter Equals(std::string field, Value value) {
  Filter filter;
  filter.kind = Filter::Kind::kEquals;
  filter.field = std::move(field);
  filter.values = {std::move(value)};
  return filter;
}

void ExpectRefused(const SearchRequest& request, const std::string& message) {
  const absl::Status status = CheckLimits(request, RequestLimits());
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(base::ToStd(status.message())), HasSubstr(message));
}

TEST(LimitsTest, AnOrdinaryRequestPasses) {
  SearchRequest request = Valid();
  request.filter = Equals("year", int64_t{1851});
  request.facets = {{.field = "year", .limit = 10, .best_hits = 0}};
  request.snippet = SnippetRequest();
  EXPECT_TRUE(CheckLimits(request, RequestLimits()).ok());
}

TEST(LimitsTest, TheLargestKPassesAndOneMoreIsRefused) {
  SearchRequest request = Valid();
  request.k = 10'000;
  EXPECT_TRUE(CheckLimits(request, RequestLimits()).ok());
  request.k = 10'001;
  ExpectRefused(request, "k: 10001 given, at most 10000 allowed");
}

TEST(LimitsTest, ACollectionMustBeNamed) {
  SearchRequest request = Valid();
  request.collection.clear();
  ExpectRefused(request, "collection: must be given");
}

TEST(LimitsTest, QueryTextIsBounded) {
  SearchRequest request = Valid();
  request.query =
      TextQuery{.text = std::string((64 << 10) + 1, 'a'), .stem_weight = {}, .title_weight = {}};
  ExpectRefused(request, "query.text: 65537 bytes long, at most 65536 allowed");
}

TEST(LimitsTest, FactorsOfAQueryMustBeFiniteAndNotNegative) {
  SearchRequest request = Valid();
  request.query = TextQuery{.text = "a", .stem_weight = -1.0f, .title_weight = {}};
  ExpectRefused(request, "query.stem_weight: expected a finite number of at least 0, got -1");
  request.query = TextQuery{.text = "a", .stem_weight = {}, .title_weight = INFINITY};
  ExpectRefused(request, "query.title_weight");
}

TEST(LimitsTest, SparseTermsNeedANameAndAPositiveWeightAndAreCounted) {
  SearchRequest request = Valid();
  request.query = SparseQuery{{{.kind = NamedTerm::Kind::kStem, .text = "a", .weight = 0}}};
  ExpectRefused(request, "query.terms[0].weight: expected a finite number above 0, got 0");
  request.query = SparseQuery{{{.kind = NamedTerm::Kind::kStem, .text = "", .weight = 1}}};
  ExpectRefused(request, "query.terms[0]: must be given");
  SparseQuery many;
  many.terms.assign(10'001, {.kind = NamedTerm::Kind::kStem, .text = "a", .weight = 1});
  request.query = many;
  ExpectRefused(request, "query.terms: 10001 given, at most 10000 allowed");
}

TEST(LimitsTest, FilterNodesAreCountedOverTheWholeTree) {
  SearchRequest request = Valid();
  Filter filter;
  filter.kind = Filter::Kind::kOr;
  filter.operands.assign(1'023, Equals("year", int64_t{1}));
  request.filter = filter;
  EXPECT_TRUE(CheckLimits(request, RequestLimits()).ok());
  request.filter->operands.push_back(Equals("year", int64_t{1}));
  ExpectRefused(request, "filter: more than 1024 conditions");
}

TEST(LimitsTest, FilterDepthIsBounded) {
  Filter filter = Equals("year", int64_t{1});
  for (int i = 0; i < 32; ++i) {
    Filter outer;
    outer.kind = Filter::Kind::kNot;
    outer.operands.push_back(std::move(filter));
    filter = std::move(outer);
  }
  SearchRequest request = Valid();
  request.filter = std::move(filter);
  ExpectRefused(request, "filter: nested deeper than 32");
}

TEST(LimitsTest, FilterValuesAreCountedOverTheWholeTree) {
  Filter in = Equals("year", int64_t{1});
  in.kind = Filter::Kind::kIn;
  in.values.assign(6'000, int64_t{1});
  SearchRequest request = Valid();
  request.filter.emplace();
  request.filter->operands = {in, in};
  ExpectRefused(request, "filter: values: 12000 given, at most 10000 allowed");
}

TEST(LimitsTest, MisshapenConditionsNameTheirField) {
  SearchRequest request = Valid();
  request.filter = Equals("year", int64_t{1});
  request.filter->values.clear();
  ExpectRefused(request, "filter on field \"year\": \"equals\" takes one value, got 0");
  request.filter->kind = Filter::Kind::kRange;
  ExpectRefused(request, "filter on field \"year\": \"range\" needs a low or a high bound");
  request.filter->low = std::numeric_limits<double>::quiet_NaN();
  ExpectRefused(request, "filter on field \"year\": not-a-number compares with nothing");
  request.filter = Filter();
  request.filter->kind = Filter::Kind::kNot;
  ExpectRefused(request, "filter: \"not\" takes one condition, got 0");
  request.filter = Equals("", int64_t{1});
  ExpectRefused(request, "filter.field: must be given");
}

TEST(LimitsTest, FacetsSnippetsMasksAndIdsAreBounded) {
  SearchRequest request = Valid();
  request.facets.assign(17, {.field = "year", .limit = 10, .best_hits = 0});
  ExpectRefused(request, "facets: 17 given, at most 16 allowed");
  request = Valid();
  request.snippet = SnippetRequest{.max_chars = 0, .count = 1};
  ExpectRefused(request, "snippet.max_chars: expected at least 1");
  request = Valid();
  request.field_mask.assign(257, "f");
  ExpectRefused(request, "field_mask: 257 given, at most 256 allowed");
  request = Valid();
  request.explain_ids.assign(101, "id");
  ExpectRefused(request, "explain_ids: 101 given, at most 100 allowed");
  request.explain_ids = {std::string(513, 'x')};
  ExpectRefused(request, "explain_ids: 513 bytes long, at most 512 allowed");
}

TEST(LimitsTest, PagesOfAListHoldBetweenOneAndAThousandDocuments) {
  ListRequest request;
  request.collection = "books";
  request.page_size = 0;
  EXPECT_EQ(CheckLimits(request, RequestLimits()).message(), "page_size: expected at least 1");
  request.page_size = 1'001;
  EXPECT_EQ(CheckLimits(request, RequestLimits()).message(),
            "page_size: 1001 given, at most 1000 allowed");
}

TEST(LimitsTest, LinksAreAskedOfABoundedNumberOfPassages) {
  EXPECT_TRUE(CheckLimits(std::vector<PassageName>(256, {"a", 0}), RequestLimits()).ok());
  EXPECT_FALSE(CheckLimits(std::vector<PassageName>(257, {"a", 0}), RequestLimits()).ok());
  EXPECT_FALSE(CheckLimits(std::vector<PassageName>{{"", 0}}, RequestLimits()).ok());
}

}  // namespace
}  // namespace foraker::retrieval
