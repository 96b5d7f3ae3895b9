#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/string_view.h"
#include "retrieval/field_values.h"
#include "retrieval/filters.h"
#include "tests/retrieval/searched_collection.h"

namespace foraker::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

Filter Condition(Filter::Kind kind, std::string field, std::vector<Value> values = {}) {
  Filter filter;
  filter.kind = kind;
  filter.field = std::move(field);
  filter.values = std::move(values);
  return filter;
}
Filter Equals(std::string field, Value value) {
  return Condition(Filter::Kind::kEquals, std::move(field), {std::move(value)});
}
Filter Combine(Filter::Kind kind, std::vector<Filter> operands) {
  Filter filter;
  filter.kind = kind;
  filter.operands = std::move(operands);
  return filter;
}

std::vector<std::string> IdsOf(const index::Snapshot& snapshot, const DocumentSets& sets) {
  std::vector<std::string> ids;
  for (size_t s = 0; s < sets.size(); ++s) {
    for (const uint32_t document : sets[s]) {
      ids.emplace_back(*snapshot.segments[s].segment->Id(document));
    }
  }
  return ids;
}

class FilterTest : public ::testing::Test {
 protected:
  FilterTest() {
    books_.Add({TestDocument("moby", "", "", {{"year", {int64_t{1851}}}, {"price", {9.5}}}),
                TestDocument("emma", "", "", {{"year", {int64_t{1815}}}, {"lang", {"en"}}}),
                TestDocument("gone", "", "", {{"year", {int64_t{1851}}}})});
    books_.Add({TestDocument("faust", "", "", {{"lang", {"de", "en"}}, {"price", {4.0}}})});
    books_.Delete({"gone"});
  }

  std::vector<std::string> Matches(const Filter& filter) {
    const auto snapshot = books_.snapshot();
    const auto sets = Evaluate(filter, *snapshot);
    EXPECT_TRUE(sets.ok()) << sets.status();
    return sets.ok() ? IdsOf(*snapshot, *sets) : std::vector<std::string>();
  }
  void ExpectRefused(const Filter& filter, const std::string& message) {
    const absl::Status status = Evaluate(filter, *books_.snapshot()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(base::ToStd(status.message())), HasSubstr(message));
  }

  SearchedCollection books_;
};

TEST_F(FilterTest, DeletedDocumentsPassNoFilter) {
  EXPECT_THAT(Matches(Equals("year", int64_t{1851})), ElementsAre("moby"));
  EXPECT_THAT(Matches(Combine(Filter::Kind::kNot, {Equals("year", int64_t{1815})})),
              UnorderedElementsAre("moby", "faust"));
  EXPECT_THAT(IdsOf(*books_.snapshot(), LiveDocuments(*books_.snapshot())),
              UnorderedElementsAre("moby", "emma", "faust"));
}

TEST_F(FilterTest, AnEmptyConjunctionPassesAllAndAnEmptyDisjunctionNone) {
  EXPECT_EQ(Matches(Combine(Filter::Kind::kAnd, {})).size(), 3u);
  EXPECT_THAT(Matches(Combine(Filter::Kind::kOr, {})), IsEmpty());
}

TEST_F(FilterTest, RepeatedFieldsMatchByAnyValue) {
  EXPECT_THAT(Matches(Equals("lang", "en")), UnorderedElementsAre("emma", "faust"));
  EXPECT_THAT(Matches(Equals("lang", "de")), ElementsAre("faust"));
}

TEST_F(FilterTest, IdsAreAFieldOfTheirOwn) {
  EXPECT_THAT(Matches(Equals("_id", "emma")), ElementsAre("emma"));
  EXPECT_THAT(Matches(Condition(Filter::Kind::kIn, "_id", {"faust", "moby", "gone", "no"})),
              UnorderedElementsAre("faust", "moby"));
  EXPECT_EQ(Matches(Condition(Filter::Kind::kExists, "_id")).size(), 3u);
  ExpectRefused(Equals("_id", int64_t{1}),
                "filter on field \"_id\": expected keyword values, got integer");
  Filter range = Condition(Filter::Kind::kRange, "_id");
  range.low = "a";
  ExpectRefused(range, "filter on field \"_id\": ids have no ranges");
}

TEST_F(FilterTest, AFieldThatNoSegmentHasIsAnErrorThatNamesThoseThereAre) {
  ExpectRefused(Equals("yaer", int64_t{1851}),
                "filter: collection \"books\" has no field \"yaer\"; it has: lang, price, year");
  ExpectRefused(
      Combine(Filter::Kind::kOr, {Equals("lang", "en"), Condition(Filter::Kind::kExists, "yaer")}),
      "has no field \"yaer\"");
}

TEST_F(FilterTest, AFieldThatOnlySomeSegmentsHaveIsFine) {
  EXPECT_THAT(Matches(Condition(Filter::Kind::kExists, "year")),
              UnorderedElementsAre("moby", "emma"));
}

TEST_F(FilterTest, AValueOfAnotherTypeIsAnErrorThatNamesBothTypes) {
  ExpectRefused(
      Equals("year", "1851"),
      "filter on field \"year\": the field is of type integer, the value of type keyword");
  ExpectRefused(Equals("year", 1851.0), "the field is of type integer, the value of type real");
}

TEST_F(FilterTest, AnIntegerFitsARealFieldWhereItIsExact) {
  EXPECT_THAT(Matches(Equals("price", int64_t{4})), ElementsAre("faust"));
  Filter range = Condition(Filter::Kind::kRange, "price");
  range.low = int64_t{4};
  range.low_inclusive = false;
  EXPECT_THAT(Matches(range), ElementsAre("moby"));
  ExpectRefused(Equals("price", (int64_t{1} << 53) + 1),
                "a real field cannot hold the integer 9007199254740993 exactly");
}

TEST_F(FilterTest, ACollectionWithoutSegmentsHasEveryFieldAndNoDocument) {
  index::Snapshot empty;
  const auto sets = Evaluate(Equals("anything", true), empty);
  ASSERT_TRUE(sets.ok()) << sets.status();
  EXPECT_EQ(CountDocuments(*sets), 0u);
}

// ---- against brute force ----

using Fields = std::map<std::string, std::vector<Value>>;

bool Within(const Value& value, const Filter& filter) {
  if (filter.low.has_value() &&
      !(filter.low_inclusive ? value >= *filter.low : value > *filter.low)) {
    return false;
  }
  return !filter.high.has_value() ||
         (filter.high_inclusive ? value <= *filter.high : value < *filter.high);
}

bool Passes(const Filter& filter, const std::string& id, const Fields& fields) {
  const auto field = fields.find(filter.field);
  const std::vector<Value> values = filter.field == kIdField ? std::vector<Value>{id}
                                    : field == fields.end()  ? std::vector<Value>()
                                                             : field->second;
  const auto any = [&](auto condition) {
    return std::any_of(values.begin(), values.end(), condition);
  };
  switch (filter.kind) {
    case Filter::Kind::kAnd:
      return std::all_of(filter.operands.begin(), filter.operands.end(),
                         [&](const Filter& f) { return Passes(f, id, fields); });
    case Filter::Kind::kOr:
      return std::any_of(filter.operands.begin(), filter.operands.end(),
                         [&](const Filter& f) { return Passes(f, id, fields); });
    case Filter::Kind::kNot:
      return !Passes(filter.operands[0], id, fields);
    case Filter::Kind::kEquals:
    case Filter::Kind::kIn:
      return any([&](const Value& value) {
        return std::find(filter.values.begin(), filter.values.end(), value) != filter.values.end();
      });
    case Filter::Kind::kRange:
      return any([&](const Value& value) { return Within(value, filter); });
    case Filter::Kind::kExists:
      return !values.empty();
  }
  return false;
}

const std::vector<std::string> kFields = {"word", "number", "real", "flag", "time"};

class RandomFilters {
 public:
  explicit RandomFilters(uint64_t seed) : random_(seed) {}

  size_t Below(size_t bound) { return random_() % bound; }

  Value RandomValue(size_t field) {
    switch (field) {
      case 0:
        return std::string(1 + Below(3), static_cast<char>('a' + Below(4)));
      case 1:
        return static_cast<int64_t>(Below(9)) - 4;
      case 2:
        return static_cast<double>(Below(9)) / 4 - 1;
      case 3:
        return Below(2) == 0;
      default:
        return absl::FromUnixMicros(static_cast<int64_t>(Below(6)) * 1'000'000 - 2'000'000);
    }
  }

  Filter RandomFilter(int depth) {
    const size_t kind = depth > 0 ? Below(8) : 3 + Below(5);
    if (kind < 3) {
      const auto inner = static_cast<Filter::Kind>(kind);
      std::vector<Filter> operands;
      const size_t count = inner == Filter::Kind::kNot ? 1 : Below(4);
      for (size_t i = 0; i < count; ++i) operands.push_back(RandomFilter(depth - 1));
      return Combine(inner, std::move(operands));
    }
    const size_t field = Below(kFields.size());
    if (kind == 7) {
      Filter in = Condition(Filter::Kind::kIn, "_id");
      for (size_t i = Below(5); i > 0; --i) in.values.push_back(std::to_string(Below(40)));
      return in;
    }
    Filter filter = Condition(static_cast<Filter::Kind>(kind), kFields[field]);
    const size_t values = filter.kind == Filter::Kind::kEquals ? 1
                          : filter.kind == Filter::Kind::kIn   ? Below(4)
                                                               : 0;
    for (size_t i = 0; i < values; ++i) filter.values.push_back(RandomValue(field));
    if (filter.kind == Filter::Kind::kRange) {
      if (Below(3) != 0) filter.low = RandomValue(field);
      if (!filter.low.has_value() || Below(2) == 0) filter.high = RandomValue(field);
      filter.low_inclusive = Below(2) == 0;
      filter.high_inclusive = Below(2) == 0;
    }
    return filter;
  }

 private:
  std::mt19937_64 random_;
};

TEST(FilterPropertyTest, RandomFiltersPassWhatAScanOfTheDocumentsPasses) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  RandomFilters random(seed);
  for (int round = 0; round < 12; ++round) {
    SearchedCollection collection;
    std::map<std::string, Fields> documents;
    for (size_t segments = 1 + random.Below(3); segments > 0; --segments) {
      std::map<std::string, index::Document> added;
      for (size_t i = 0; i < 30; ++i) {
        const std::string id = std::to_string(random.Below(40));
        Fields& fields = documents[id];
        fields.clear();
        index::Document document = TestDocument(id, "", "");
        for (size_t field = 0; field < kFields.size(); ++field) {
          const size_t values = random.Below(3);
          if (values == 0) continue;
          index::Field& stored = document.fields.emplace_back();
          stored.name = kFields[field];
          for (size_t v = 0; v < values; ++v) {
            const Value value = random.RandomValue(field);
            fields[stored.name].push_back(value);
            stored.values.push_back(ToFieldValue(value));
          }
        }
        added[id] = std::move(document);
      }
      std::vector<index::Document> batch;
      for (auto& [id, document] : added) batch.push_back(std::move(document));
      collection.Add(std::move(batch));
    }
    const std::string deleted = documents.begin()->first;
    documents.erase(deleted);
    collection.Delete({deleted});

    const auto snapshot = collection.snapshot();
    for (int i = 0; i < 200; ++i) {
      const Filter filter = random.RandomFilter(3);
      const auto sets = Evaluate(filter, *snapshot);
      ASSERT_TRUE(sets.ok()) << sets.status();
      const std::vector<std::string> found = IdsOf(*snapshot, *sets);
      std::set<std::string> expected;
      for (const auto& [id, fields] : documents) {
        if (Passes(filter, id, fields)) expected.insert(id);
      }
      EXPECT_EQ(std::set<std::string>(found.begin(), found.end()), expected);
      EXPECT_EQ(found.size(), expected.size());
      EXPECT_EQ(CountDocuments(*sets), expected.size());
    }
  }
}

}  // namespace
}  // namespace foraker::retrieval
