#include "services/cli/filter_expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "base/string_view.h"

namespace foraker::cli {
namespace {

using retrieval::Filter;
using retrieval::Value;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Prefix notation, to compare trees: (and (= a "x") (range b [1 2)))
std::string Print(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return "\"" + *text + "\"";
  if (const auto* integer = std::get_if<int64_t>(&value)) return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&value)) return std::to_string(*real);
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", std::get<absl::Time>(value), absl::UTCTimeZone());
}

std::string Print(const Filter& filter) {
  std::string text;
  switch (filter.kind) {
    case Filter::Kind::kAnd:
      text = "(and";
      break;
    case Filter::Kind::kOr:
      text = "(or";
      break;
    case Filter::Kind::kNot:
      text = "(not";
      break;
    case Filter::Kind::kEquals:
      text = "(= " + filter.field;
      break;
    case Filter::Kind::kIn:
      text = "(in " + filter.field;
      break;
    case Filter::Kind::kExists:
      text = "(exists " + filter.field;
      break;
    case Filter::Kind::kRange:
      text = "(range " + filter.field + " ";
      text += filter.low_inclusive ? "[" : "(";
      text += filter.low ? Print(*filter.low) : "-";
      text += ", ";
      text += filter.high ? Print(*filter.high) : "-";
      text += filter.high_inclusive ? "]" : ")";
      break;
  }
  for (const Filter& operand : filter.operands) text.append(" ").append(Print(operand));
  for (const Value& value : filter.values) text.append(" ").append(Print(value));
  return text + ")";
}

std::string Parsed(std::string_view expression) {
  const absl::StatusOr<Filter> filter = ParseFilter(expression);
  return filter.ok() ? Print(*filter) : std::string(filter.status().message());
}

TEST(FilterExpression, ComparisonsBecomeEqualsAndRanges) {
  EXPECT_EQ(Parsed(R"(section = "libs")"), R"((= section "libs"))");
  EXPECT_EQ(Parsed("size != 3"), "(not (= size 3))");
  EXPECT_EQ(Parsed("size < 3"), "(range size [-, 3))");
  EXPECT_EQ(Parsed("size <= 3"), "(range size [-, 3])");
  EXPECT_EQ(Parsed("size > -3"), "(range size (-3, -])");
  EXPECT_EQ(Parsed("size >= 2.5"), "(range size [2.500000, -])");
}

TEST(FilterExpression, AndBindsTighterThanOrAndNotTighterThanBoth) {
  EXPECT_EQ(Parsed("a = 1 or b = 2 and not c = 3"), "(or (= a 1) (and (= b 2) (not (= c 3))))");
  EXPECT_EQ(Parsed("(a = 1 or b = 2) and c = 3"), "(and (or (= a 1) (= b 2)) (= c 3))");
  EXPECT_EQ(Parsed("a = 1 AND b = 2 And c = 3"), "(and (= a 1) (= b 2) (= c 3))");
}

TEST(FilterExpression, ListsAndPresenceAreConditions) {
  EXPECT_EQ(Parsed(R"(_id in ("x", 'y'))"), R"((in _id "x" "y"))");
  EXPECT_EQ(Parsed("size not in (1, 2)"), "(not (in size 1 2))");
  EXPECT_EQ(Parsed("not exists(homepage)"), "(not (exists homepage))");
  EXPECT_EQ(Parsed("exists = true"), "(= exists true)") << "a field may be called so";
}

TEST(FilterExpression, ValuesHaveTheTypeTheyAreWrittenIn) {
  EXPECT_EQ(Parsed("a = true or a = FALSE"), "(or (= a true) (= a false))");
  EXPECT_EQ(Parsed("a = 1e3"), "(= a 1000.000000)");
  EXPECT_EQ(Parsed("a = \"1\""), "(= a \"1\")");
  EXPECT_EQ(Parsed("a = timestamp('2024-05-01')"), "(= a 2024-05-01T00:00:00Z)");
  EXPECT_EQ(Parsed("a = timestamp('2024-05-01T12:00:00+02:00')"), "(= a 2024-05-01T10:00:00Z)");
}

TEST(FilterExpression, QuotesTakeAnyName) {
  EXPECT_EQ(Parsed(R"(`my field` = "a \"b\" \\")"), R"((= my field "a "b" \"))");
  EXPECT_EQ(Parsed("`not` = 1"), "(= not 1)");
}

TEST(FilterExpression, MistakesNameTheColumnAndWhatWasExpected) {
  EXPECT_EQ(Parsed("size <"),
            "filter, column 7: expected a value: \"text\", 12, 1.5, true, false or "
            "timestamp(\"2024-05-01\"), not the end");
  EXPECT_EQ(Parsed("(a = 1"), "filter, column 7: expected \"and\", \"or\" or \")\", not the end");
  EXPECT_EQ(Parsed("a = 1 b = 2"),
            "filter, column 7: expected \"and\", \"or\" or the end, not \"b\"");
  EXPECT_THAT(Parsed("a = \"x"), StartsWith("filter, column 5: this \" has no closing \""));
  EXPECT_THAT(Parsed("a = 12monkeys"), HasSubstr("\"12monkeys\" is no number"));
  EXPECT_THAT(Parsed("a = 1 and"), StartsWith("filter, column 10: expected a field"));
  EXPECT_THAT(Parsed("a = 1e999"), HasSubstr("is no number"));
  EXPECT_THAT(Parsed(""), StartsWith("filter, column 1: expected a field"));
}

TEST(FilterExpression, NestingIsBounded) {
  const std::string open(31, '(');
  const std::string close(31, ')');
  EXPECT_EQ(Parsed(open + "a = 1" + close), "(= a 1)");
  EXPECT_THAT(Parsed("(" + open + "a = 1" + close + ")"), HasSubstr("nested deeper than 32"));
}

}  // namespace
}  // namespace foraker::cli
