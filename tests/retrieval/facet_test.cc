#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/string_view.h"
#include "retrieval/facets.h"
#include "tests/retrieval/searched_collection.h"

namespace foraker::retrieval {
namespace {

using ::testing::HasSubstr;

std::vector<std::pair<Value, uint64_t>> CountsOf(const Facet& facet) {
  std::vector<std::pair<Value, uint64_t>> counts;
  for (const FacetValue& value : facet.values) counts.emplace_back(value.value, value.count);
  return counts;
}

class FacetTest : public ::testing::Test {
 protected:
  FacetTest() {
    books_.Add({TestDocument("a", "", "", {{"lang", {"en", "de"}}, {"year", {int64_t{1815}}}}),
                TestDocument("b", "", "", {{"lang", {"en"}}, {"free", {true}}}),
                TestDocument("c", "", "", {{"lang", {"fr"}}})});
    books_.Add({TestDocument("d", "", "", {{"lang", {"de"}}, {"year", {int64_t{1815}}}}),
                TestDocument("c", "", "", {{"lang", {"it"}}})});
  }

  Facet Count(const FacetRequest& request) {
    const auto snapshot = books_.snapshot();
    auto facet = CountFacet(request, *snapshot, LiveDocuments(*snapshot));
    EXPECT_TRUE(facet.ok()) << facet.status();
    return *std::move(facet);
  }

  SearchedCollection books_;
};

TEST_F(FacetTest, ValuesComeByCountThenByValueAndReplacedDocumentsDoNotCount) {
  const Facet facet = Count({.field = "lang", .limit = 10, .best_hits = 0});
  EXPECT_EQ(facet.field, "lang");
  EXPECT_EQ(CountsOf(facet),
            (std::vector<std::pair<Value, uint64_t>>{{"de", 2u}, {"en", 2u}, {"it", 1u}}));
  EXPECT_EQ(facet.other, 0u);
}

TEST_F(FacetTest, WhatTheLimitCutsIsCountedAsOther) {
  const Facet facet = Count({.field = "lang", .limit = 1, .best_hits = 0});
  EXPECT_EQ(CountsOf(facet), (std::vector<std::pair<Value, uint64_t>>{{"de", 2u}}));
  EXPECT_EQ(facet.other, 3u);
  EXPECT_EQ(Count({.field = "lang", .limit = 0, .best_hits = 0}).other, 5u);
}

TEST_F(FacetTest, NumbersAndBooleansAreCountedToo) {
  EXPECT_EQ(CountsOf(Count({.field = "year", .limit = 10, .best_hits = 0})),
            (std::vector<std::pair<Value, uint64_t>>{{int64_t{1815}, 2u}}));
  EXPECT_EQ(CountsOf(Count({.field = "free", .limit = 10, .best_hits = 0})),
            (std::vector<std::pair<Value, uint64_t>>{{true, 1u}}));
}

TEST_F(FacetTest, AnUnknownFieldIsAnError) {
  const auto snapshot = books_.snapshot();
  const auto facet = CountFacet({.field = "colour", .limit = 10, .best_hits = 0}, *snapshot,
                                LiveDocuments(*snapshot));
  EXPECT_EQ(facet.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(base::ToStd(facet.status().message())),
              HasSubstr("facet: collection \"books\" has no field \"colour\""));
}

TEST(FacetPropertyTest, CountsOverRandomSetsAreThoseOfAScan) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 8; ++round) {
    SearchedCollection collection;
    std::map<std::string, std::set<std::string>> words;
    for (int segment = 0; segment < 3; ++segment) {
      std::vector<index::Document> documents;
      for (int i = 0; i < 40; ++i) {
        const std::string id = std::to_string(segment) + "-" + std::to_string(i);
        index::Document& document = documents.emplace_back(TestDocument(id, "", ""));
        index::Field field{"word", {}};
        for (size_t v = random() % 4; v > 0; --v) {
          const std::string word(1, static_cast<char>('a' + random() % 12));
          words[id].insert(word);
          field.values.emplace_back(word);
        }
        // One document has a value always, so that each segment knows the field.
        if (i == 0 && field.values.empty()) {
          words[id].insert("a");
          field.values.emplace_back("a");
        }
        if (!field.values.empty()) document.fields.push_back(std::move(field));
      }
      collection.Add(std::move(documents));
    }
    const auto snapshot = collection.snapshot();
    DocumentSets among(snapshot->segments.size());
    std::map<std::string, uint64_t> counts;
    for (size_t s = 0; s < among.size(); ++s) {
      for (uint32_t d = 0; d < snapshot->segments[s].segment->num_documents(); ++d) {
        if (random() % 2 == 0) continue;
        among[s].add(d);
        const auto id = snapshot->segments[s].segment->Id(d);
        ASSERT_TRUE(id.ok());
        for (const std::string& word : words[std::string(*id)]) ++counts[word];
      }
    }
    std::vector<std::pair<Value, uint64_t>> expected(counts.begin(), counts.end());
    std::stable_sort(expected.begin(), expected.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    const size_t limit = random() % 12;
    uint64_t other = 0;
    for (size_t i = limit; i < expected.size(); ++i) other += expected[i].second;
    expected.resize(std::min(limit, expected.size()));

    const auto facet = CountFacet(
        {.field = "word", .limit = static_cast<uint32_t>(limit), .best_hits = 0}, *snapshot, among);
    ASSERT_TRUE(facet.ok()) << facet.status();
    EXPECT_EQ(CountsOf(*facet), expected);
    EXPECT_EQ(facet->other, other);
  }
}

}  // namespace
}  // namespace foraker::retrieval
