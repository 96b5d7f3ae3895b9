#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/status.h"
#include "fake_searcher.h"
#include "services/convert/collection.h"
#include "services/convert/search_request.h"
#include "services/convert/search_result.h"
#include "services/convert/unknown_fields.h"
#include "services/convert/value.h"

namespace foraker::convert {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const absl::Time kArrival = absl::FromUnixSeconds(1'000'000);

v1::SearchRequest Minimal() {
  v1::SearchRequest request;
  request.set_collection("books");
  request.mutable_query()->set_text("lens");
  return request;
}

absl::StatusOr<retrieval::SearchRequest> Convert(const v1::SearchRequest& request) {
  return FromProto(request, kArrival, retrieval::RequestLimits());
}

std::string ErrorOf(const v1::SearchRequest& request) {
  return std::string(base::ToStd(Convert(request).status().message()));
}

TEST(SearchRequestConversionTest, WhatIsNotSetTakesTheDefaultOfItsComment) {
  const auto request = Convert(Minimal());
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->k, 10u);
  EXPECT_EQ(request->collapse, retrieval::CollapseMode::kDocument);
  EXPECT_TRUE(request->with_title && request->with_text && request->with_fields);
  EXPECT_FALSE(request->want_page_token || request->explain || request->snippet.has_value());
  EXPECT_EQ(request->max_postings, std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(request->deadline, absl::InfiniteFuture());
}

TEST(SearchRequestConversionTest, APageOfNoHitsIsNotTheDefault) {
  v1::SearchRequest request = Minimal();
  request.set_page_size(0);
  EXPECT_EQ(Convert(request)->k, 0u);
  request.set_page_size(10'001);
  EXPECT_EQ(ErrorOf(request), "page_size: expected 0 to 10000, got 10001");
}

TEST(SearchRequestConversionTest, ACollectionAndAQueryMustBeGiven) {
  v1::SearchRequest request = Minimal();
  request.clear_collection();
  EXPECT_EQ(ErrorOf(request), "collection: must be given");
  request = Minimal();
  request.clear_query();
  EXPECT_THAT(ErrorOf(request), HasSubstr("query: expected one of"));
}

TEST(SearchRequestConversionTest, AnUnknownEnumValueIsRefused) {
  v1::SearchRequest request = Minimal();
  request.set_collapse(static_cast<v1::Collapse>(17));
  EXPECT_THAT(ErrorOf(request), HasSubstr("collapse: expected COLLAPSE_DOCUMENT"));
  EXPECT_THAT(ErrorOf(request), HasSubstr("17"));
}

TEST(SearchRequestConversionTest, AReadMaskLimitsTheParts) {
  v1::SearchRequest request = Minimal();
  request.mutable_read_mask()->add_paths("title");
  request.add_field_names("year");
  auto converted = Convert(request);
  EXPECT_TRUE(converted->with_title);
  EXPECT_FALSE(converted->with_text || converted->with_fields);
  EXPECT_THAT(converted->field_mask, ElementsAre("year"));
  request.mutable_read_mask()->add_paths("author");
  EXPECT_THAT(ErrorOf(request), HasSubstr("read_mask.paths[1]: expected id, version, title"));
}

TEST(SearchRequestConversionTest, ATimeLimitCountsFromTheArrival) {
  v1::SearchRequest request = Minimal();
  request.mutable_time_limit()->set_seconds(2);
  EXPECT_EQ(Convert(request)->deadline, kArrival + absl::Seconds(2));
  request.mutable_time_limit()->set_seconds(0);
  EXPECT_EQ(ErrorOf(request), "time_limit: expected a duration above 0");
  request.mutable_time_limit()->set_nanos(2'000'000'000);
  EXPECT_THAT(ErrorOf(request), HasSubstr("time_limit: expected a duration with"));
}

TEST(SearchRequestConversionTest, OptionsNameTheirPathWhenOutOfRange) {
  v1::SearchRequest request = Minimal();
  request.mutable_snippets()->set_max_chars(0);
  EXPECT_THAT(ErrorOf(request), HasSubstr("snippets.max_chars: expected 1 to"));
  request = Minimal();
  request.add_facets()->set_field("year");
  request.add_facets();
  EXPECT_EQ(ErrorOf(request), "facets[1].field: must be given");
  request.mutable_facets(1)->set_field("tag");
  request.mutable_facets(1)->set_limit(1'001);
  EXPECT_THAT(ErrorOf(request), HasSubstr("facets[1].limit: expected 0 to 1000"));
}

TEST(SearchRequestConversionTest, ARerankReadsAsManyCandidatesAsAPageMayShow) {
  v1::SearchRequest request = Minimal();
  request.mutable_rerank();
  EXPECT_EQ(Convert(request)->rerank->candidates, 100u);
  request.set_page_size(101);
  EXPECT_EQ(ErrorOf(request),
            "page_size: expected 1 to 100, the candidates of the rerank, got 101");
  request.clear_page_size();
  request.mutable_rerank()->set_candidates(5);
  EXPECT_EQ(Convert(request)->k, 5u) << "the default fits";
  request.mutable_rerank()->set_candidates(501);
  EXPECT_EQ(ErrorOf(request), "rerank.candidates: expected 1 to 500, got 501");
  request.mutable_rerank()->set_candidates(200);
  request.mutable_rerank()->mutable_options()->set_top_n(5);
  EXPECT_THAT(ErrorOf(request), HasSubstr("rerank.options.top_n: expected 0"));
  request.mutable_rerank()->mutable_options()->set_top_n(0);
  request.mutable_rerank()->mutable_options()->set_variant(static_cast<v1::RankVariant>(9));
  EXPECT_EQ(ErrorOf(request), "rerank.options.variant: expected a RankVariant, got the number 9");
}

TEST(SearchRequestConversionTest, ARequestSurvivesTheRoundTrip) {
  retrieval::SearchRequest request;
  request.collection = "books";
  request.snapshot = "token";
  request.query = retrieval::TextQuery{"lens", 1.0f, 0.0f};
  request.filter.emplace();
  request.k = 3;
  request.collapse = retrieval::CollapseMode::kNone;
  request.page_token = "page";
  request.want_page_token = true;
  request.with_text = false;
  request.field_mask = {"year", "tag"};
  request.snippet = retrieval::SnippetRequest{100, 2};
  request.explain = true;
  request.explain_ids = {"d1", "d2"};
  request.facets = {{"tag", 5, 100}};
  request.max_postings = 10'000;
  request.rerank = retrieval::RerankStage{.candidates = 40, .options = {}};
  request.rerank->options.variant = retrieval::RankVariant::kPaper;
  request.rerank->options.precision = retrieval::RankPrecision::kInt8;
  request.rerank->options.max_document_tokens = 128;
  request.rerank->options.windows = true;
  request.deadline = kArrival + absl::Milliseconds(1'500);

  v1::SearchRequest wire, again;
  ToProto(request, kArrival, wire);
  const auto back = Convert(wire);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->deadline, request.deadline);
  EXPECT_EQ(back->explain_ids, request.explain_ids);
  EXPECT_EQ(back->rerank->candidates, 40u);
  EXPECT_EQ(back->rerank->options.variant, retrieval::RankVariant::kPaper);
  ToProto(*back, kArrival, again);
  EXPECT_EQ(again.SerializeAsString(), wire.SerializeAsString());
}

TEST(SearchRequestConversionTest, AFieldThatTheServerDoesNotKnowIsRefusedWhereverItStands) {
  v1::SearchRequest request = Minimal();
  EXPECT_TRUE(CheckNoUnknownFields(request).ok());
  request.mutable_filter()->mutable_all_of()->add_filters()->mutable_exists();
  v1::Filter* inner = request.mutable_filter()->mutable_all_of()->add_filters();
  inner->GetReflection()->MutableUnknownFields(inner)->AddVarint(99, 1);
  EXPECT_THAT(CheckNoUnknownFields(request).message(),
              HasSubstr("filter.all_of.filters[1]: unknown field 99"));
  request.clear_filter();
  request.GetReflection()->MutableUnknownFields(&request)->AddVarint(25, 1);
  EXPECT_THAT(CheckNoUnknownFields(request).message(), HasSubstr("request: unknown field 25"));
}

TEST(SearchResultConversionTest, AResultSurvivesTheRoundTrip) {
  v1::SearchResponse wire, again;
  ToProto(FullResult(), wire);
  const auto back = FromProto(wire);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->hits[0].document.fields, FullResult().hits[0].document.fields);
  EXPECT_EQ(back->timing.retrieve, 2'000'030u);
  EXPECT_EQ(back->hits[0].explanation->terms[0].kind, "title");
  EXPECT_EQ(back->hits[0].explanation->terms[0].word_text, "Grand");
  EXPECT_TRUE(back->hits[0].explanation->terms[1].in_title);
  EXPECT_FALSE(back->hits[0].explanation->terms[1].word.has_value());
  EXPECT_EQ(back->query_tokens_dropped, 3u);
  EXPECT_EQ(back->hits[0].rank_score, 0.25f);
  EXPECT_EQ(back->rank_tokens, 900u);
  EXPECT_EQ(back->rank_tokens_dropped, 17u);
  EXPECT_EQ(back->timing.rerank, 50u);
  EXPECT_EQ(back->bound, 0.75f);
  ToProto(*back, again);
  EXPECT_EQ(again.DebugString(), wire.DebugString());
}

TEST(SearchResultConversionTest, TheBoundIsThereOnlyWhenTheResultIsNotExact) {
  retrieval::SearchResult result;
  v1::SearchResponse wire;
  ToProto(result, wire);
  EXPECT_TRUE(wire.certificate().exact());
  EXPECT_FALSE(wire.certificate().has_bound());
}

TEST(CollectionConversionTest, ASummarySurvivesTheRoundTrip) {
  retrieval::CollectionSummary summary = *FakeSearcher().Describe("books");
  summary.aliases = {"b"};
  summary.snapshots = {"monday"};
  summary.encoder = "bm25";
  v1::Collection wire;
  ToProto(summary, wire);
  EXPECT_EQ(wire.fields(0).type(), v1::FIELD_TYPE_INTEGER);
  const retrieval::CollectionSummary back = FromProto(wire);
  EXPECT_EQ(back.fields, summary.fields);
  EXPECT_EQ(back.section_bytes, summary.section_bytes);
  EXPECT_EQ(back.aliases, summary.aliases);
  EXPECT_EQ(back.snapshots, summary.snapshots);
  EXPECT_EQ(back.generation, 7u);
}

TEST(TimeConversionTest, TimesBeforeTheEpochAndInfiniteOnesStayInRange) {
  const FieldPath path;
  google::protobuf::Timestamp wire;
  for (const int64_t micros : {int64_t{-1}, int64_t{0}, int64_t{1}, int64_t{-1'500'000}}) {
    ToProto(absl::FromUnixMicros(micros), wire);
    EXPECT_EQ(*FromProto(wire, path), absl::FromUnixMicros(micros));
  }
  for (const absl::Time time : {absl::InfiniteFuture(), absl::InfinitePast()}) {
    ToProto(time, wire);
    EXPECT_TRUE(FromProto(wire, path).ok());
  }
  google::protobuf::Duration duration;
  ToProto(absl::InfiniteDuration(), duration);
  EXPECT_TRUE(FromProto(duration, path).ok());
  ToProto(-absl::Milliseconds(1'500), duration);
  EXPECT_EQ(*FromProto(duration, path), -absl::Milliseconds(1'500));
}

}  // namespace
}  // namespace foraker::convert
