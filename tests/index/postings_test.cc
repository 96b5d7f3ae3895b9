// The term sections: what is written is read back, costs what it should, and arbitrary bytes in it
// are errors.

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "brute_force.h"
#include "index/postings/layout.h"
#include "index/postings/term_index.h"
#include "index/postings/term_index_builder.h"
#include "index/query/query_plan.h"
#include "random_collection.h"

namespace foraker::index {
namespace {

SectionBytes Build(const std::vector<TestDocument>& documents) {
  TermIndexBuilder builder;
  for (const TestDocument& document : documents) {
    std::vector<SparseVectorView> views;
    for (const SparseVector& passage : document.passages) views.push_back(passage.view());
    builder.AddDocument(views);
  }
  std::vector<uint32_t> order(documents.size());
  std::iota(order.begin(), order.end(), 0u);
  MemorySectionWriter writer;
  EXPECT_TRUE(builder.Write(order, writer).ok());
  return writer.Take();
}

TEST(TermIndexTest, GivesBackEveryVectorAndTheDefinitionsScore) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    const CollectionShape shape = RandomShape(random, 300);
    const std::vector<TestDocument> documents = RandomDocuments(random, shape);
    const auto index = TermIndex::Open(OpenSections(Build(documents), "memory"));
    ASSERT_TRUE(index.ok()) << index.status();
    const QueryVector query = RandomQuery(random, shape, 20);
    uint32_t passage = 0;
    for (const TestDocument& document : documents) {
      for (const SparseVector& expected : document.passages) {
        SparseVector vector;
        ASSERT_TRUE((*index)->Forward(passage, vector).ok());
        ASSERT_EQ(vector.keys, expected.keys);
        ASSERT_EQ(vector.weights, expected.weights);
        if (!vector.positions.empty()) {
          ASSERT_EQ(vector.positions, expected.positions);
        }
        const auto score = (*index)->Score(passage, query);
        ASSERT_TRUE(score.ok());
        ASSERT_EQ(*score, BruteForceScore(expected, query));
        ++passage;
      }
    }
    ASSERT_EQ((*index)->num_passages(), passage);
  }
}

TEST(TermIndexTest, CountsThePassagesOfATerm) {
  Random random(4);
  CollectionShape shape;
  shape.documents = 400;
  const std::vector<TestDocument> documents = RandomDocuments(random, shape);
  const auto index = TermIndex::Open(OpenSections(Build(documents), "memory"));
  ASSERT_TRUE(index.ok());
  for (TermOrdinal t = 0; t < (*index)->num_terms(); ++t) {
    const TermKey key = (*index)->keys()[t];
    const auto holders =
        std::count_if(documents.begin(), documents.end(), [key](const TestDocument& document) {
          const std::vector<TermKey>& keys = document.passages[0].keys;
          return std::binary_search(keys.begin(), keys.end(), key);
        });
    EXPECT_EQ(*(*index)->DocumentFrequency(t), static_cast<uint32_t>(holders));
    EXPECT_EQ(**(*index)->Find(key), t);
  }
  EXPECT_FALSE((*index)->Find(12345)->has_value());
}

TEST(LayoutTest, ABlockedListsDirectoryIsUnderATenthOfItsPostings) {
  for (uint64_t windows = 1; windows < 500000; windows += 1 + windows / 7) {
    const uint64_t df = PlainListCut(static_cast<uint32_t>(windows));
    const uint64_t postings = df * sizeof(BlockedPosting);
    const uint64_t directory = BlockedListBytes(df, static_cast<uint32_t>(windows)) - postings;
    EXPECT_LE(directory * 10, postings) << windows << " windows";
  }
}

TEST(LayoutTest, MillionsOfRareTermsNeedNoDirectory) {
  // 20,000 passages, each with 100 terms of its own: two million keys, beside 50 common ones.
  std::vector<TestDocument> documents(20000);
  for (size_t d = 0; d < documents.size(); ++d) {
    SparseVector vector;
    for (size_t t = 0; t < 50; ++t) vector.keys.push_back(t);
    for (size_t t = 0; t < 100; ++t) vector.keys.push_back(1000 + d * 100 + t);
    vector.weights.assign(vector.keys.size(), base::FloatToFloat16(1));
    documents[d] = {std::to_string(d), {std::move(vector)}};
  }
  const auto file = OpenSections(Build(documents), "memory");
  const auto index = TermIndex::Open(file);
  ASSERT_TRUE(index.ok()) << index.status();
  uint64_t directory = 0;
  for (TermOrdinal t = 0; t < (*index)->num_terms(); ++t) {
    const auto list = (*index)->postings().Find(t);
    ASSERT_TRUE(list.ok()) << list.status();
    if (!list->blocked()) continue;
    directory += sizeof(BlockedHeader) + list->window_counts.size_bytes();
  }
  EXPECT_GT(directory, 0u);
  EXPECT_LT(directory * 10, file->Get(SectionId::kPostings)->size());
}

TEST(DocumentOrderTest, PutsSimilarDocumentsSideBySide) {
  // Two subjects in turn, sharing one word.
  TermIndexBuilder builder;
  Random random(5);
  for (size_t d = 0; d < 512; ++d) {
    SparseVector vector;
    for (TermKey t = 0; t < 20; ++t) {
      if (Chance(random, .5)) vector.keys.push_back(1 + (d % 2) * 1000 + t);
    }
    vector.keys.push_back(5000);
    vector.weights.assign(vector.keys.size(), base::FloatToFloat16(1));
    const SparseVectorView view = vector.view();
    builder.AddDocument({&view, 1});
  }
  const std::vector<uint32_t> order = builder.DocumentOrder();
  std::vector<uint32_t> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  for (uint32_t d = 0; d < sorted.size(); ++d) ASSERT_EQ(sorted[d], d);
  size_t changes = 0;
  for (size_t i = 1; i < order.size(); ++i) changes += order[i] % 2 != order[i - 1] % 2;
  EXPECT_LE(changes, 2u);
  EXPECT_EQ(builder.DocumentOrder(), order);
}

// Whatever the bytes, calls come back: with a result or with a status. (Checksums would find most
// of this earlier; here there are none.)
TEST(TermIndexTest, SurvivesArbitraryBytes) {
  Random random(6);
  CollectionShape shape;
  shape.documents = 700;
  shape.terms = 30;
  shape.density = .9;
  const std::vector<TestDocument> documents = RandomDocuments(random, shape);
  const SectionBytes good = Build(documents);
  for (uint64_t round = 0; round < 600; ++round) {
    SectionBytes bytes = good;
    for (auto& [id, section] : bytes) {
      if (section.empty() || !Chance(random, .4)) continue;
      for (uint64_t flips = 1 + Below(random, 4); flips > 0; --flips) {
        section[Below(random, section.size())] = static_cast<std::byte>(random());
      }
      if (Chance(random, .1)) section.resize(Below(random, section.size() + 1));
    }
    const auto index = TermIndex::Open(OpenSections(std::move(bytes), "memory"));
    if (!index.ok()) continue;
    const QueryVector query = RandomQuery(random, shape, 20);
    (void)MakePlan(**index, query, BestKernels());
    SparseVector vector;
    for (uint32_t p = 0; p < std::min((*index)->num_passages(), 700u); p += 7) {
      (void)(*index)->Forward(p, vector);
      (void)(*index)->Score(p, query);
    }
  }
}

}  // namespace
}  // namespace foraker::index
