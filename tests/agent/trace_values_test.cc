// Values and structs of a trace as JSON: everything comes back with the same bits, in one spelling,
// and what cannot be read is refused with its place.

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "agent/trace/difference.h"
#include "agent/trace/schema.h"

namespace foraker::agent::trace {
namespace {

// What a file would give back.
template <typename T>
absl::Status ReadBack(const T& value, T& again, std::string* text = nullptr) {
  const std::string written = Dump(Encode(value));
  if (text != nullptr) *text = written;
  ReadState state;
  Decode(Json::parse(written), again, state);
  return state.status();
}

template <typename T>
T Again(const T& value) {
  T again{};
  std::string text;
  const absl::Status status = ReadBack(value, again, &text);
  EXPECT_TRUE(status.ok()) << text << ": " << status;
  EXPECT_EQ(Dump(Encode(again)), text);
  return again;
}

template <typename T>
std::string Refusal(const char* json) {
  T value{};
  ReadState state;
  Decode(Json::parse(json), value, state);
  EXPECT_FALSE(state.ok()) << json;
  return std::string(state.status().message());
}

TEST(TraceValues, FloatsComeBackWithTheirBits) {
  std::mt19937 random(7);
  std::vector<uint32_t> patterns = {0,           0x80000000u, 1,          0x007fffffu,
                                    0x00800000u, 0x7f7fffffu, 0x3f800000u};
  for (int i = 0; i < 20000; ++i) patterns.push_back(static_cast<uint32_t>(random()));
  for (const uint32_t bits : patterns) {
    const float value = std::bit_cast<float>(bits);
    if (std::isnan(value)) continue;
    EXPECT_EQ(std::bit_cast<uint32_t>(Again(value)), bits) << value;
  }
}

TEST(TraceValues, DoublesComeBackWithTheirBits) {
  std::mt19937_64 random(8);
  std::vector<uint64_t> patterns = {0,
                                    uint64_t{1} << 63,
                                    1,
                                    std::bit_cast<uint64_t>(0.1),
                                    std::bit_cast<uint64_t>(1e22),
                                    std::bit_cast<uint64_t>(3.0),
                                    std::bit_cast<uint64_t>(9007199254740993.0),
                                    std::bit_cast<uint64_t>(std::numeric_limits<double>::max())};
  for (int i = 0; i < 20000; ++i) patterns.push_back(random());
  for (const uint64_t bits : patterns) {
    const auto value = std::bit_cast<double>(bits);
    if (std::isnan(value)) continue;
    EXPECT_EQ(std::bit_cast<uint64_t>(Again(value)), bits) << value;
  }
}

TEST(TraceValues, NumbersThatJsonLacksHaveNames) {
  EXPECT_TRUE(std::isnan(Again(std::numeric_limits<double>::quiet_NaN())));
  EXPECT_EQ(Again(-std::numeric_limits<float>::infinity()),
            -std::numeric_limits<float>::infinity());
  EXPECT_EQ(Dump(Encode(std::numeric_limits<double>::infinity())), R"({"number":"inf"})");
  EXPECT_EQ(Refusal<float>("1e39"), "expected a number");
  EXPECT_EQ(Refusal<double>(R"({"number": "many"})"), "expected a number");
}

TEST(TraceValues, WholeNumbersKeepTheirRange) {
  EXPECT_EQ(Again(std::numeric_limits<uint64_t>::max()), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(Again(std::numeric_limits<uint32_t>::max()), std::numeric_limits<uint32_t>::max());
  EXPECT_EQ(Refusal<uint32_t>("4294967296"), "expected a whole number below 2^32");
  EXPECT_EQ(Refusal<uint32_t>("-1"), "expected a whole number below 2^32");
  EXPECT_EQ(Refusal<uint64_t>("1.0"), "expected a whole number below 2^64");
}

TEST(TraceValues, TimesAndDurationsComeBackToTheTick) {
  EXPECT_EQ(Dump(Encode(absl::FromUnixNanos(1767323045678901234))),
            R"("2026-01-02T03:04:05.678901234Z")");
  EXPECT_EQ(Again(absl::InfiniteFuture()), absl::InfiniteFuture());
  EXPECT_EQ(Again(absl::InfinitePast()), absl::InfinitePast());
  EXPECT_EQ(Again(absl::InfiniteDuration()), absl::InfiniteDuration());
  EXPECT_EQ(Dump(Encode(absl::Seconds(62.5))), R"("1m2.5s")");
  std::mt19937_64 random(9);
  for (int i = 0; i < 5000; ++i) {
    // A quarter of a nanosecond is the smallest step.
    const absl::Duration duration =
        absl::Nanoseconds(static_cast<int64_t>(random()) >> (random() % 60)) +
        static_cast<int64_t>(random() % 4) * absl::Nanoseconds(1) / 4;
    EXPECT_EQ(Again(duration), duration);
    EXPECT_EQ(Again(absl::UnixEpoch() + duration), absl::UnixEpoch() + duration);
  }
  EXPECT_EQ(Refusal<absl::Time>(R"("yesterday")"), "expected a time as in 2026-01-02T03:04:05.5Z");
  EXPECT_EQ(Refusal<absl::Duration>("3"), "expected a duration as in 1m2.5s");
}

// The oracle is nlohmann's own check of what it writes.
bool WritableAsText(const std::string& bytes) {
  const std::string kept =
      nlohmann::json(bytes).dump(-1, ' ', false, Json::error_handler_t::ignore);
  return nlohmann::json::parse(kept) == bytes;
}

TEST(TraceValues, AnyBytesComeBackAndUtf8StaysText) {
  std::mt19937 random(10);
  const std::vector<std::string> pieces = {"a",
                                           "\xc3\xa9",
                                           "\xe2\x82\xac",
                                           "\xf0\x9f\x98\x80",
                                           "\xed\xa0\x80",
                                           "\xc0\x80",
                                           "\xf4\x90\x80\x80",
                                           "\xe0\x9f\xbf",
                                           "\xf0\x8f\xbf\xbf",
                                           "\xff",
                                           "\x80",
                                           "\xc3",
                                           "\xf4\x8f\xbf\xbf",
                                           "\"\\\n",
                                           std::string(1, '\0')};
  for (int i = 0; i < 5000; ++i) {
    std::string bytes;
    for (unsigned n = random() % 5; n > 0; --n) {
      bytes += random() % 4 == 0 ? std::string(1, static_cast<char>(random()))
                                 : pieces[random() % pieces.size()];
    }
    EXPECT_EQ(Again(bytes), bytes);
    EXPECT_EQ(Encode(bytes).is_string(), WritableAsText(bytes)) << Dump(Encode(bytes));
  }
  EXPECT_EQ(Refusal<std::string>(R"({"base64": "*"})"),
            R"(expected a string or {"base64": "..."})");
}

TEST(TraceValues, FilterValuesKeepTheirTypes) {
  const std::vector<retrieval::Value> values = {std::string("3"),
                                                std::string("\xff"),
                                                int64_t{3},
                                                int64_t{-3},
                                                std::numeric_limits<int64_t>::max(),
                                                3.0,
                                                std::numeric_limits<double>::infinity(),
                                                true,
                                                absl::FromUnixNanos(5)};
  for (const retrieval::Value& value : values) EXPECT_EQ(Again(value), value);
  EXPECT_EQ(Refusal<retrieval::Value>("9223372036854775808"),
            R"(expected a string, number, true, false or {"time": "..."})");
}

TEST(TraceValues, RequestsComeBackWhole) {
  AskRequest request;
  request.collection = "wiki";
  request.snapshot = "\x01\xff token";
  request.question = "who?";
  request.budget = {3, 9, 700, absl::Milliseconds(2500), absl::FromUnixNanos(77)};
  request.planner = PlannerKind::kLlm;
  request.answerer = AnswererKind::kNone;
  request.stop = {StopMode::kNever, 0.25};
  request.passages_per_search = 4;
  request.rerank = AgentRerank{20};
  retrieval::Filter range;
  range.kind = retrieval::Filter::Kind::kRange;
  range.field = "year";
  range.low = int64_t{1969};
  range.high_inclusive = false;
  request.filter.emplace();
  request.filter->operands = {range};
  const AskRequest again = Again(request);  // which compares what both are written as
  EXPECT_EQ(again.snapshot, request.snapshot);
  EXPECT_EQ(again.budget.deadline, request.budget.deadline);
  EXPECT_EQ(again.stop.threshold, 0.25);
  ASSERT_TRUE(again.filter.has_value());
  EXPECT_EQ(again.filter->operands.at(0).low, retrieval::Value(int64_t{1969}));
  EXPECT_FALSE(again.filter->operands.at(0).high.has_value());
}

TEST(TraceValues, RefusalsNameTheMember) {
  EXPECT_EQ(Refusal<Found>(R"({"passages": [], "exact": 1})"), "exact: expected true or false");
  EXPECT_EQ(Refusal<Found>(R"({"passages": [{"document_id": "a"}]})"),
            "passages[0].ordinal: is missing");
  EXPECT_EQ(Refusal<Found>(R"({"passages": {}})"), "passages: expected a list");
  EXPECT_EQ(Refusal<Found>("[]"), "expected an object");
  EXPECT_EQ(Refusal<StopOptions>(R"({"mode": "sometimes"})"),
            "mode: expected one of learned, never");
  EXPECT_EQ(Refusal<StopOptions>(R"({"mode": 1})"), "mode: expected one of learned, never");
}

TEST(TraceValues, FiltersNestedTooDeepAreRefused) {
  retrieval::Filter filter;
  for (int i = 0; i < 200; ++i) {
    retrieval::Filter outer;
    outer.kind = retrieval::Filter::Kind::kNot;
    outer.operands = {filter};
    filter = std::move(outer);
  }
  retrieval::Filter again;
  const absl::Status status = ReadBack(filter, again);
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.message().find("is nested too deep"), std::string::npos) << status;
}

std::string Told(const char* left, const char* right) {
  const auto difference = FirstDifference(Json::parse(left), Json::parse(right));
  if (!difference) return "same";
  return difference->path + ": " + difference->left + " / " + difference->right;
}

TEST(TraceValues, TheFirstDifferenceIsTold) {
  EXPECT_EQ(Told(R"({"a": [1, {"b": 2.5}]})", R"({"a": [1, {"b": 2.5}]})"), "same");
  EXPECT_EQ(Told(R"({"a": [1, {"b": 2.5}]})", R"({"a": [1, {"b": 2.0}]})"), "a[1].b: 2.5 / 2.0");
  EXPECT_EQ(Told(R"({"a": 0.0})", R"({"a": -0.0})"), "a: 0.0 / -0.0");
  EXPECT_EQ(Told(R"({"a": [1]})", R"({"a": [1, 2]})"), "a: 1 item / 2 items");
  EXPECT_EQ(Told(R"({"a": 1, "b": "x"})", R"({"a": 1})"), R"(b: "x" / nothing)");
  EXPECT_EQ(Told(R"({"a": 1})", R"({"a": 1, "b": {}})"), "b: nothing / an object");
  EXPECT_EQ(Told(R"(["x"])", R"(["y"])"), R"([0]: "x" / "y")");
}

TEST(TraceValues, LongTextsAreShownWhereTheyDiffer) {
  std::string left(500, 'a'), right = left;
  left[300] = 'b';
  const auto difference = FirstDifference(Json(left), Json(right));
  ASSERT_TRUE(difference.has_value());
  EXPECT_NE(difference->left.find('b'), std::string::npos) << difference->left;
  EXPECT_LT(difference->left.size(), 80u);
}

}  // namespace
}  // namespace foraker::agent::trace
