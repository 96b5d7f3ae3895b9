#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/string_view.h"
#include "fake_reranker.h"
#include "services/convert/rank.h"

namespace foraker::convert {
namespace {

using ::testing::HasSubstr;

v1::RankRequest Minimal() {
  v1::RankRequest request;
  request.set_query("lens");
  request.add_documents()->mutable_text()->set_text("A lens bends light.");
  return request;
}

std::string ErrorOf(const v1::RankRequest& request) {
  return std::string(base::ToStd(FromProto(request).status().message()));
}

TEST(RankConversionTest, WhatIsNotSetIsLeftToTheModel) {
  const auto request = FromProto(Minimal());
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_FALSE(request->options.variant.has_value() || request->options.precision.has_value());
  EXPECT_EQ(request->options.top_n + request->options.max_document_tokens, 0u);
  EXPECT_FALSE(request->options.windows);
  EXPECT_EQ(request->options.deadline, absl::InfiniteFuture());
}

TEST(RankConversionTest, ErrorsNameTheirPath) {
  v1::RankRequest request = Minimal();
  request.clear_query();
  EXPECT_EQ(ErrorOf(request), "query: must be given");
  request = Minimal();
  request.add_documents();
  EXPECT_EQ(ErrorOf(request), "documents[1]: expected one of text, id");
  request.mutable_documents(1)->set_id("");
  EXPECT_EQ(ErrorOf(request), "documents[1].id: must be given");
  request.mutable_documents(1)->set_id("d1");
  EXPECT_EQ(ErrorOf(request), "collection: must be given");
  request.set_collection("books");
  EXPECT_EQ(ErrorOf(request), "");
  request.mutable_options()->set_precision(static_cast<v1::RankPrecision>(17));
  EXPECT_EQ(ErrorOf(request), "options.precision: expected a RankPrecision, got the number 17");
  request.mutable_options()->set_variant(static_cast<v1::RankVariant>(17));
  EXPECT_THAT(ErrorOf(request), HasSubstr("options.variant: expected a RankVariant"));
}

TEST(RankConversionTest, ARequestSurvivesTheRoundTrip) {
  for (const auto variant :
       {retrieval::RankVariant::kPaper, retrieval::RankVariant::kLastToken,
        retrieval::RankVariant::kTwoTokens, retrieval::RankVariant::kAllKeys}) {
    retrieval::RankRequest request;
    request.query = "lens";
    request.documents = {{"Title", "Text"}, {"", "Only text"}};
    request.options.top_n = 3;
    request.options.variant = variant;
    request.options.precision = retrieval::RankPrecision::kInt8;
    request.options.max_document_tokens = 99;
    request.options.windows = true;
    v1::RankRequest wire, again;
    ToProto(request, wire);
    const auto back = FromProto(wire);
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(back->options.variant, variant);
    EXPECT_EQ(back->documents[1].text, "Only text");
    ToProto(*back, again);
    EXPECT_EQ(again.SerializeAsString(), wire.SerializeAsString());
  }
}

TEST(RankConversionTest, AResultSurvivesTheRoundTrip) {
  retrieval::RankRequest request;
  request.documents = {{"", "short"}, {"", "a longer one"}};
  for (const auto precision : {retrieval::RankPrecision::kF32, retrieval::RankPrecision::kBf16,
                               retrieval::RankPrecision::kInt8}) {
    request.options.precision = precision;
    const retrieval::RankResult result = FakeReranker::ByLength(request);
    v1::RankResponse wire;
    ToProto(result, wire);
    const retrieval::RankResult back = FromProto(wire);
    ASSERT_EQ(back.documents.size(), 2u);
    EXPECT_EQ(back.documents[0].index, 1u);
    EXPECT_EQ(back.documents[0].score, result.documents[0].score);
    EXPECT_EQ(back.documents[0].tokens_read, 12u);
    EXPECT_EQ(back.documents[0].tokens_dropped, 3u);
    EXPECT_EQ(back.documents[0].windows, 2u);
    EXPECT_EQ(back.tokens, 17u);
    EXPECT_EQ(back.precision, precision);
    EXPECT_EQ(back.model, "fake");
    EXPECT_EQ(back.timing.compute, 3'000'004u);
    EXPECT_EQ(back.timing.total, 5'000'006u);
  }
}

TEST(RankConversionTest, NamesAreReadAsTheyAreWritten) {
  for (const char* name : {"paper", "last_token", "two_tokens", "all_keys"}) {
    EXPECT_EQ(Name(ParseRankVariant(name).value()), name);
  }
  for (const char* name : {"f32", "bf16", "int8"}) {
    EXPECT_EQ(Name(ParseRankPrecision(name).value()), name);
  }
  EXPECT_FALSE(ParseRankVariant("Paper").has_value());
  EXPECT_FALSE(ParseRankPrecision("").has_value());
}

}  // namespace
}  // namespace foraker::convert
