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
  ExpectRefused(request, "field_names: 257 given, at most 256 allowed");
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

// ---- writes and administration ----

template <typename Request>
void ExpectTooLarge(const Request& request, const RequestLimits& limits,
                    const std::string& message) {
  const absl::Status status = CheckLimits(request, limits);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(base::ToStd(status.message())), HasSubstr(message));
}

WriteRequest ValidWrite() {
  WriteRequest request;
  request.collection = "books";
  request.writes = {
      {.change = PutRequest{.id = "a",
                            .title = "t",
                            .text = "text",
                            .fields = {{"year", {int64_t{1}}}},
                            .vector = {}},
       .if_version = {}},
      {.change = UpdateFieldsRequest{.id = "b", .set = {}, .clear = {"year"}}, .if_version = {}},
      {.change = DeleteRequest{"c"}, .if_version = {}}};
  return request;
}

PutRequest& PutOf(WriteRequest& request) { return std::get<PutRequest>(request.writes[0].change); }

TEST(LimitsTest, AnOrdinaryWritePassesAndAnEmptyOneDoesNot) {
  WriteRequest request = ValidWrite();
  EXPECT_TRUE(CheckLimits(request, RequestLimits()).ok());
  request.writes.clear();
  ExpectTooLarge(request, RequestLimits(), "writes: must be given");
}

TEST(LimitsTest, WritesOfARequestAreBounded) {
  RequestLimits limits;
  limits.writes = 3;
  WriteRequest request = ValidWrite();
  EXPECT_TRUE(CheckLimits(request, limits).ok());
  request.writes.push_back({.change = DeleteRequest{"d"}, .if_version = {}});
  ExpectTooLarge(request, limits, "writes: 4 given, at most 3 allowed");
}

TEST(LimitsTest, BytesOfARequestAreBoundedTogether) {
  RequestLimits limits;
  limits.write_bytes = 1'000;
  WriteRequest request = ValidWrite();
  PutOf(request).text = std::string(970, 'x');
  EXPECT_TRUE(CheckLimits(request, limits).ok());
  PutOf(request).text += std::string(30, 'x');
  ExpectTooLarge(request, limits, "writes: ");
}

TEST(LimitsTest, EveryPartOfADocumentIsBounded) {
  RequestLimits limits;
  WriteRequest request = ValidWrite();
  PutOf(request).id = std::string(513, 'x');
  ExpectTooLarge(request, limits, "writes.put.id: 513 bytes long");
  request = ValidWrite();
  PutOf(request).id.clear();
  ExpectTooLarge(request, limits, "writes.put.id: must be given");
  request = ValidWrite();
  PutOf(request).title = std::string(limits.title_bytes + 1, 'x');
  ExpectTooLarge(request, limits, "writes.put.title");
  request = ValidWrite();
  PutOf(request).text = std::string(limits.text_bytes + 1, 'x');
  ExpectTooLarge(request, limits, "writes.put.text");
  request = ValidWrite();
  PutOf(request).fields.assign(limits.fields + 1, {"f", {}});
  ExpectTooLarge(request, limits, "writes.put.fields: 257 given");
  request = ValidWrite();
  PutOf(request).fields = {{"f", std::vector<Value>(limits.field_values + 1, Value(true))}};
  ExpectTooLarge(request, limits, "writes.put.fields: values: 10001 given");
  request = ValidWrite();
  PutOf(request).fields = {{"f", {std::string(limits.value_bytes + 1, 'x')}}};
  ExpectTooLarge(request, limits, "writes.put.fields: 65537 bytes");
  request = ValidWrite();
  PutOf(request).vector.resize(limits.query_terms + 1);
  ExpectTooLarge(request, limits, "writes.put.vector: 10001 given");
}

TEST(LimitsTest, UpdatesDeletesAndRequestIdsAreBounded) {
  RequestLimits limits;
  WriteRequest request = ValidWrite();
  request.request_id = std::string(129, 'x');
  ExpectTooLarge(request, limits, "request_id: 129 bytes long");
  request = ValidWrite();
  std::get<UpdateFieldsRequest>(request.writes[1].change).clear.assign(257, "f");
  ExpectTooLarge(request, limits, "writes.update_fields.clear: 257 given");
  request = ValidWrite();
  std::get<UpdateFieldsRequest>(request.writes[1].change).set.assign(257, {"f", {}});
  ExpectTooLarge(request, limits, "writes.update_fields.set: 257 given");
  request = ValidWrite();
  std::get<DeleteRequest>(request.writes[2].change).id = std::string(513, 'x');
  ExpectTooLarge(request, limits, "writes.delete.id");
}

TEST(LimitsTest, FiltersOfDeletesAreBounded) {
  DeleteMatchingRequest request;
  request.collection = "books";
  request.filter = Equals("year", int64_t{1});
  EXPECT_TRUE(CheckLimits(request, RequestLimits()).ok());
  RequestLimits limits;
  limits.filter_depth = 0;
  ExpectTooLarge(request, limits, "filter: nested deeper");
}

TEST(LimitsTest, AdministrationIsBounded) {
  const RequestLimits limits;
  CreateRequest create;
  create.collection = "books";
  EXPECT_TRUE(CheckLimits(create, limits).ok());
  create.settings.assign(65, {"query.stem_weight", "1"});
  ExpectTooLarge(create, limits, "settings: 65 given, at most 64 allowed");
  create.settings.clear();
  create.fields.assign(257, {"f", "integer"});
  ExpectTooLarge(create, limits, "fields: 257 given");

  AttachRequest attach{.collection = "books", .directories = {"a"}};
  EXPECT_TRUE(CheckLimits(attach, limits).ok());
  attach.directories.assign(1'025, "a");
  ExpectTooLarge(attach, limits, "directories: 1025 given");

  RebuildRequest rebuild;
  rebuild.alias = "books";
  rebuild.new_collection = "books-v2";
  EXPECT_TRUE(CheckLimits(rebuild, limits).ok());
  rebuild.settings = {{"query.stem_weight", std::string(limits.value_bytes + 1, '1')}};
  ExpectTooLarge(rebuild, limits, "setting query.stem_weight: ");
  rebuild.alias.clear();
  ExpectTooLarge(rebuild, limits, "alias: must be given");
}

}  // namespace
}  // namespace foraker::retrieval
