// The engine against the brute-force oracle on thousands of random collections and queries.

#include "index/query/top_k.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "brute_force.h"
#include "index/query/engine_tuning.h"
#include "random_collection.h"

namespace foraker::index {
namespace {

std::vector<ExpectedHit> Plain(const std::vector<Hit>& hits) {
  std::vector<ExpectedHit> plain;
  for (const Hit& hit : hits) {
    plain.push_back({hit.score, std::string(hit.id), hit.passage_in_document});
  }
  return plain;
}

std::vector<ExpectedHit> First(std::vector<ExpectedHit> hits, size_t k) {
  hits.resize(std::min(hits.size(), k));
  return hits;
}

EngineTuning RandomTuning(Random& random) {
  EngineTuning tuning;
  tuning.block_bounds = Chance(random, .9);
  tuning.seed_blocks = 1 + Below(random, 40);
  tuning.seed_growth = 2 + Below(random, 4);
  if (Chance(random, .5)) tuning.direct_passages = Below(random, 20);
  const auto kernels = RunnableKernels();
  tuning.kernels = kernels[Below(random, kernels.size())];
  return tuning;
}

uint32_t RandomK(Random& random) {
  static constexpr uint32_t kChoices[] = {0, 1, 2, 3, 10, 10, 10, 50, 1000, 100000};
  return kChoices[Below(random, std::size(kChoices))];
}

// A collection, a query and options drawn from a seed, with the oracle's whole answer.
struct Case {
  explicit Case(Random& random, size_t max_documents = 700)
      : shape(RandomShape(random, max_documents)),
        collection(RandomCollection(random, shape)),
        collapse(Chance(random, .6) ? Collapse::kDocument : Collapse::kNone) {
    NewQuery(random);
  }

  void NewQuery(Random& random) {
    query = RandomQuery(random, shape, 1 + Below(random, 40));
    kept.clear();
    filtered = Chance(random, .5);
    if (filtered) {
      static constexpr double kSelectivity[] = {0, .002, .01, .1, .5, 1};
      filter = RandomFilter(random, collection.snapshot,
                            kSelectivity[Below(random, std::size(kSelectivity))], kept);
    }
    expected = BruteForceSearch(collection.documents, query, collapse == Collapse::kDocument,
                                [this](const TestDocument& document) {
                                  return !collection.deleted.contains(document.id) &&
                                         (!filtered || kept.contains(document.id));
                                });
  }

  SearchOptions Options(Random& random) const {
    SearchOptions options;
    options.k = RandomK(random);
    options.collapse = collapse;
    options.threads = static_cast<uint32_t>(1 + Below(random, 4));
    if (Chance(random, .7)) options.threads = 1;
    if (filtered) options.filter = &filter;
    return options;
  }

  CollectionShape shape;
  TestCollection collection;
  Collapse collapse;
  QueryVector query;
  bool filtered = false;
  std::vector<DocumentSet> filter;
  std::set<std::string> kept;
  std::vector<ExpectedHit> expected;
};

TEST(TopKTest, EqualsTheBruteForceInOrderAndBits) {
  for (uint64_t seed = 0; seed < 2500; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    Case c(random);
    for (int q = 0; q < 3; ++q, c.NewQuery(random)) {
      const SearchOptions options = c.Options(random);
      const auto result = TunedTopK(c.collection.snapshot, c.query, options, RandomTuning(random));
      ASSERT_TRUE(result.ok()) << result.status();
      EXPECT_TRUE(result->certificate.exact);
      ASSERT_EQ(Plain(result->hits), First(c.expected, options.k));
    }
  }
}

TEST(TopKTest, EqualsTheBruteForceAroundTheEdgesOfWindows) {
  static constexpr size_t kSizes[] = {8127, 8128, 8129, 8191, 8192, 8193, 8256, 16383, 16385};
  uint64_t seed = 0;
  for (const size_t documents : kSizes) {
    SCOPED_TRACE(testing::Message() << "documents " << documents << " seed " << seed);
    Random random(seed++);
    CollectionShape shape;
    shape.documents = documents;
    shape.terms = 12;
    shape.density = .3;
    const std::vector<TestDocument> all = RandomDocuments(random, shape);
    Snapshot snapshot;
    snapshot.segments.push_back({MakeSegment(all, documents % 2 == 0), nullptr});
    for (int q = 0; q < 4; ++q) {
      const QueryVector query = RandomQuery(random, shape, 8);
      SearchOptions options;
      options.k = 25;
      const auto result = TunedTopK(snapshot, query, options, RandomTuning(random));
      ASSERT_TRUE(result.ok()) << result.status();
      const auto expected =
          BruteForceSearch(all, query, true, [](const TestDocument&) { return true; });
      ASSERT_EQ(Plain(result->hits), First(expected, options.k));
    }
  }
}

TEST(TopKTest, AQueryOfAThousandTermsIsExact) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    CollectionShape shape;
    shape.documents = 600;
    shape.terms = 1200;
    shape.density = .6;
    shape.weights = static_cast<CollectionShape::Weights>(seed);
    TestCollection collection = RandomCollection(random, shape);
    QueryVector query;
    while (query.size() < 1000) query = RandomQuery(random, shape, 1000);
    const auto result = TopK(collection.snapshot, query, {});
    ASSERT_TRUE(result.ok()) << result.status();
    const auto expected = BruteForceSearch(
        collection.documents, query, true,
        [&](const TestDocument& document) { return !collection.deleted.contains(document.id); });
    ASSERT_EQ(Plain(result->hits), First(expected, 10));
  }
}

// The threshold is infinite before blocks are chosen: the filter leaves three passages of the first
// segment, which are scored directly.
TEST(TopKTest, ScoresBeyondTheLargestFloatAreExact) {
  Random random(0);
  CollectionShape shape;
  shape.documents = 2000;
  shape.density = 1;
  shape.weights = CollectionShape::Weights::kLargest;
  const std::vector<TestDocument> documents = RandomDocuments(random, shape);
  const std::span<const TestDocument> all(documents);
  Snapshot snapshot;
  snapshot.segments.push_back({MakeSegment(all.first(3), true), nullptr});
  snapshot.segments.push_back({MakeSegment(all.subspan(3), true), nullptr});
  QueryVector query;
  while (query.size() < 5) query = RandomQuery(random, shape, 5);
  for (QueryTerm& term : query) term.weight = std::numeric_limits<float>::max();
  const auto any = [](const TestDocument&) { return true; };
  const auto expected = First(BruteForceSearch(all, query, true, any), 3);
  ASSERT_TRUE(std::isinf(expected.back().score));
  std::set<std::string> kept;
  const std::vector<DocumentSet> filter = RandomFilter(random, snapshot, 1, kept);
  SearchOptions options;
  options.k = 3;
  options.filter = &filter;
  EngineTuning tuning;
  tuning.direct_passages = 3;
  tuning.seed_blocks = 1;
  const auto result = TunedTopK(snapshot, query, options, tuning);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(Plain(result->hits), expected);
}

TEST(TopKTest, PagesAddUpToTheWholeList) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    Case c(random, 200);
    SearchOptions options = c.Options(random);
    options.k = static_cast<uint32_t>(1 + Below(random, 40));
    std::vector<ExpectedHit> pages;
    while (true) {
      const auto page = TunedTopK(c.collection.snapshot, c.query, options, RandomTuning(random));
      ASSERT_TRUE(page.ok()) << page.status();
      if (page->hits.empty()) break;
      const std::vector<ExpectedHit> plain = Plain(page->hits);
      if (!std::isfinite(plain.back().score)) break;  // no cursor for an infinite score
      pages.insert(pages.end(), plain.begin(), plain.end());
      options.after = {plain.back().score, plain.back().id, plain.back().passage};
    }
    ASSERT_EQ(pages, First(c.expected, pages.size()));
    const bool infinite = !c.expected.empty() && !std::isfinite(c.expected.front().score);
    if (!infinite) {
      ASSERT_EQ(pages.size(), c.expected.size());
    }
  }
}

// The best score among documents (passages) that are not hits.
float BestUnseen(const std::vector<ExpectedHit>& all, const std::vector<Hit>& hits, bool collapse) {
  std::set<std::pair<std::string, uint32_t>> shown;
  for (const Hit& hit : hits) {
    shown.emplace(std::string(hit.id), collapse ? 0 : hit.passage_in_document);
  }
  for (const ExpectedHit& hit : all) {
    if (!shown.contains({hit.id, collapse ? 0 : hit.passage})) return hit.score;
  }
  return 0;
}

TEST(TopKTest, ABoundAfterAnEarlyStopHoldsForEveryUnseenDocument) {
  size_t stopped = 0;
  size_t below_sum_of_maxima = 0;
  for (uint64_t seed = 0; seed < 1500; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    Case c(random);
    SearchOptions options = c.Options(random);
    options.k = static_cast<uint32_t>(1 + Below(random, 12));
    options.max_postings = Below(random, 600);
    EngineTuning tuning;
    tuning.seed_blocks = 1 + Below(random, 3);
    tuning.direct_passages = 0;
    const auto result = TunedTopK(c.collection.snapshot, c.query, options, tuning);
    ASSERT_TRUE(result.ok()) << result.status();
    const bool collapse = c.collapse == Collapse::kDocument;
    if (result->certificate.exact) {
      ASSERT_EQ(Plain(result->hits), First(c.expected, options.k));
      continue;
    }
    const float unseen = BestUnseen(c.expected, result->hits, collapse);
    ASSERT_LE(unseen, result->certificate.bound);
    for (const ExpectedHit& hit : Plain(result->hits)) {
      ASSERT_NE(std::find(c.expected.begin(), c.expected.end(), hit), c.expected.end())
          << "a hit must carry its true score: " << hit;
    }
    if (result->hits.empty()) continue;  // nothing was read: the bound is that of the best block
    ++stopped;
    float sum = 0;
    for (const QueryTerm& term : c.query) {
      float largest = 0;
      for (const TestDocument& document : c.collection.documents) {
        for (const SparseVector& passage : document.passages) {
          largest = std::max(largest, BruteForceScore(passage, {term}));
        }
      }
      sum += largest;
    }
    if (result->certificate.bound < sum) ++below_sum_of_maxima;
  }
  EXPECT_GT(stopped, 100u);
  EXPECT_GT(below_sum_of_maxima * 2, stopped);
}

TEST(TopKTest, AnExpiredDeadlineStopsWithABound) {
  Random random(1);
  CollectionShape shape;
  shape.documents = 300;
  const TestCollection collection = RandomCollection(random, shape);
  const QueryVector query = {{NumberedTermKey(TermNamespace::kImported, 0), 1.0f}};
  SearchOptions options;
  options.deadline = absl::InfinitePast();
  const auto result = TopK(collection.snapshot, query, options);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_FALSE(result->certificate.exact);
  EXPECT_GT(result->certificate.bound, 0);
}

TEST(TopKTest, PredictsThePostingsOfAnExhaustiveScan) {
  Random random(2);
  CollectionShape shape;
  const TestCollection collection = RandomCollection(random, shape);
  const QueryVector query = RandomQuery(random, shape, 10);
  uint64_t postings = 0;
  for (const TestDocument& document : collection.documents) {
    for (const SparseVector& passage : document.passages) {
      for (const QueryTerm& term : query) {
        postings += std::binary_search(passage.keys.begin(), passage.keys.end(), term.key);
      }
    }
  }
  const auto predicted = PredictPostings(collection.snapshot, query);
  ASSERT_TRUE(predicted.ok());
  EXPECT_EQ(*predicted, postings);
  const auto result = TopK(collection.snapshot, query, {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->stats.postings_predicted, postings);
}

TEST(TopKTest, RefusesWhatItCannotAnswer) {
  Random random(3);
  const TestCollection collection = RandomCollection(random, {});
  const Snapshot& snapshot = collection.snapshot;
  const QueryVector query = {{5, 1.0f}};
  EXPECT_EQ(TopK(snapshot, {{5, 1.0f}, {5, 1.0f}}, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(TopK(snapshot, {{5, -1.0f}}, {}).status().code(), absl::StatusCode::kInvalidArgument);
  SearchOptions options;
  options.threads = 0;
  EXPECT_EQ(TopK(snapshot, query, options).status().code(), absl::StatusCode::kInvalidArgument);
  options.threads = 1;
  const std::vector<DocumentSet> filter(snapshot.segments.size() + 1);
  options.filter = &filter;
  EXPECT_EQ(TopK(snapshot, query, options).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace foraker::index
