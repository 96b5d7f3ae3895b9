#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "retrieval/api/limits.h"
#include "services/convert/filter.h"

namespace foraker::convert {
namespace {

using retrieval::Filter;
using ::testing::HasSubstr;

absl::StatusOr<Filter> Convert(const v1::Filter& filter) {
  const FieldPath path;
  return FromProto(filter, path.Field("filter"), retrieval::RequestLimits().filter_depth);
}

Filter OnField(Filter::Kind kind, std::vector<retrieval::Value> values = {}) {
  Filter filter;
  filter.kind = kind;
  filter.field = "year";
  filter.values = std::move(values);
  return filter;
}

TEST(FilterConversionTest, EveryKindSurvivesTheRoundTrip) {
  Filter range = OnField(Filter::Kind::kRange);
  range.low = retrieval::Value(int64_t{1990});
  range.low_inclusive = false;
  range.high = retrieval::Value(absl::FromUnixSeconds(5));
  Filter negation;
  negation.kind = Filter::Kind::kNot;
  negation.operands = {OnField(Filter::Kind::kExists)};
  Filter any;
  any.kind = Filter::Kind::kOr;
  any.operands = {negation, range, OnField(Filter::Kind::kIn, {"a", 2.5, true})};
  Filter all;
  all.operands = {any, OnField(Filter::Kind::kEquals, {int64_t{7}})};

  v1::Filter wire, again;
  ToProto(all, wire);
  const auto back = Convert(wire);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->operands[0].operands[0].kind, Filter::Kind::kNot);
  EXPECT_FALSE(back->operands[0].operands[1].low_inclusive);
  EXPECT_TRUE(back->operands[0].operands[1].high_inclusive);
  ToProto(*back, again);
  EXPECT_EQ(again.SerializeAsString(), wire.SerializeAsString());
}

TEST(FilterConversionTest, NoneOfSeveralIsTheNegationOfAny) {
  v1::Filter filter;
  for (const char* field : {"a", "b"}) {
    filter.mutable_none_of()->add_filters()->mutable_exists()->set_field(field);
  }
  const auto converted = Convert(filter);
  ASSERT_TRUE(converted.ok());
  EXPECT_EQ(converted->kind, Filter::Kind::kNot);
  ASSERT_EQ(converted->operands.size(), 1u);
  EXPECT_EQ(converted->operands[0].kind, Filter::Kind::kOr);
  EXPECT_EQ(converted->operands[0].operands.size(), 2u);
}

TEST(FilterConversionTest, AConditionThatIsNotSetIsNamedByItsPath) {
  v1::Filter filter;
  filter.mutable_all_of()->add_filters()->mutable_exists()->set_field("a");
  filter.mutable_all_of()->add_filters()->mutable_any_of()->add_filters();
  EXPECT_THAT(Convert(filter).status().message(),
              HasSubstr("filter.all_of.filters[1].any_of.filters[0]: expected one of all_of"));
}

TEST(FilterConversionTest, AValueMustBeSetAndANumber) {
  v1::Filter filter;
  filter.mutable_equals()->set_field("year");
  EXPECT_THAT(Convert(filter).status().message(),
              HasSubstr("filter.equals.value: expected one of keyword"));
  filter.mutable_equals()->mutable_value()->set_real(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(Convert(filter).status().message(), HasSubstr("filter.equals.value.real: not-a-num"));
}

TEST(FilterConversionTest, ATimestampOutOfRangeIsRefused) {
  v1::Filter filter;
  filter.mutable_in_values()->set_field("when");
  filter.mutable_in_values()->add_values()->mutable_timestamp()->set_nanos(-1);
  EXPECT_THAT(Convert(filter).status().message(),
              HasSubstr("filter.in_values.values[0].timestamp: expected a time"));
}

TEST(FilterConversionTest, AFieldAndABoundMustBeGiven) {
  v1::Filter filter;
  filter.mutable_range();
  EXPECT_THAT(Convert(filter).status().message(), HasSubstr("filter.range.field: must be given"));
  filter.mutable_range()->set_field("year");
  EXPECT_THAT(Convert(filter).status().message(), HasSubstr("filter.range: expected a bound"));
}

TEST(FilterConversionTest, NestingHasALimit) {
  v1::Filter filter;
  v1::Filter* inner = &filter;
  for (int i = 0; i < 33; ++i) inner = inner->mutable_all_of()->add_filters();
  inner->mutable_exists()->set_field("a");
  EXPECT_THAT(Convert(filter).status().message(), HasSubstr("nested too deep"));
}

}  // namespace
}  // namespace foraker::convert
