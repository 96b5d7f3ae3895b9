#include "index/query/query_plan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "brute_force.h"
#include "index/postings/impact.h"
#include "random_collection.h"

namespace foraker::index {
namespace {

TEST(ImpactTest, IsTheSmallestStepThatDoesNotLieBelowTheWeight) {
  Random random(1);
  for (int i = 0; i < 200000; ++i) {
    // Any two normal binary16 numbers, the larger one as the term's maximum.
    const auto a = static_cast<base::Float16Bits>(0x0400 + Below(random, 0x7800));
    const auto b = static_cast<base::Float16Bits>(0x0400 + Below(random, 0x7800));
    const float weight = base::Float16ToFloat(std::min(a, b));
    const float scale = ImpactScale(base::Float16ToFloat(std::max(a, b)));
    const double impact = QuantizeUp(weight, scale);
    ASSERT_GE(impact, 1);
    ASSERT_LE(impact, 255);
    ASSERT_GE(impact * scale, static_cast<double>(weight));
    if (impact > 1) {
      ASSERT_LT((impact - 1) * scale, static_cast<double>(weight));
    }
  }
}

// Sums of products, taken from the passages' own impacts.
std::vector<uint32_t> SumProducts(const TermIndex& index, const QueryPlan& plan) {
  std::vector<uint32_t> sums(index.num_passages());
  for (const PlannedTerm& term : plan.terms) {
    const PostingList& list = term.list;
    for (size_t i = 0; i < list.passages.size(); ++i) {
      sums[list.passages[i]] += Product(term.factor, list.impacts[i]);
    }
    // Blocked: walk windows, blocks and counts as they are drawn in layout.h.
    size_t posting = 0;
    size_t entry = 0;
    for (uint32_t block = 0; list.blocked() && block < NumBlocks(index.num_passages()); ++block) {
      const auto& occupied = list.row.occupied;
      if (!occupied.empty() && (occupied[block / 64] >> (block % 64) & 1) == 0) continue;
      for (uint32_t n = list.row.counts[entry++]; n > 0; --n, ++posting) {
        const uint32_t chunk = block * kBlockPassages / kChunkPassages;
        const uint32_t passage = chunk * kChunkPassages + list.postings[posting] % 256;
        EXPECT_EQ(passage / kBlockPassages, block);
        sums[passage] += Product(term.factor, static_cast<uint8_t>(list.postings[posting] >> 8));
      }
    }
  }
  return sums;
}

TEST(QueryPlanTest, SumsOfProductsAreUpperBoundsThatFitSixteenBits) {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    CollectionShape shape = RandomShape(random, 600);
    shape.max_passages = 1;
    const std::vector<TestDocument> documents = RandomDocuments(random, shape);
    const auto segment = MakeSegment(documents, false);
    const QueryVector query = RandomQuery(random, shape, 40);
    const auto plan = MakePlan(segment->terms(), query, BestKernels());
    ASSERT_TRUE(plan.ok()) << plan.status();
    const std::vector<uint32_t> sums = SumProducts(segment->terms(), *plan);
    for (uint32_t p = 0; p < sums.size(); ++p) {
      const float score = BruteForceScore(documents[p].passages[0], query);
      ASSERT_LE(sums[p], 65535u);
      if (plan->terms.empty()) continue;
      if (score > 0) {
        ASSERT_GE(sums[p], plan->UnitsOf(score));
        ASSERT_LE(score, plan->ScoreBound(static_cast<Units>(sums[p])));
      }
    }
  }
}

TEST(QueryPlanTest, AThresholdOfInfinityStillKeepsInfiniteScores) {
  const std::vector<TestDocument> documents = {
      {"a", {{{1, 2}, {base::FloatToFloat16(65504), base::FloatToFloat16(65504)}, {}}}}};
  const auto segment = MakeSegment(documents, false);
  const QueryVector query = {{1, 3e38f}, {2, 1.0f}};
  const auto plan = MakePlan(segment->terms(), query, BestKernels());
  ASSERT_TRUE(plan.ok());
  ASSERT_TRUE(std::isinf(BruteForceScore(documents[0].passages[0], query)));
  EXPECT_GE(SumProducts(segment->terms(), *plan)[0],
            plan->UnitsOf(std::numeric_limits<float>::infinity()));
  EXPECT_TRUE(std::isinf(plan->ScoreBound(65535)));
}

}  // namespace
}  // namespace foraker::index
