#include "index/query/candidate_heap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace foraker::index {
namespace {

Hit MakeHit(uint32_t document, uint32_t passage, float score, std::string_view id) {
  return {0, document, passage, passage, score, id};
}

std::vector<std::string> Ids(const CandidateHeap& heap) {
  std::vector<std::string> ids;
  for (const Hit& hit : heap.Sorted()) {
    ids.push_back(std::string(hit.id) + "/" + std::to_string(hit.passage));
  }
  return ids;
}

TEST(CandidateHeapTest, ManyPassagesOfOneDocumentTakeOnePlace) {
  CandidateHeap heap(2, Collapse::kDocument);
  for (uint32_t p = 0; p < 50; ++p) heap.Offer(MakeHit(1, p, 10.0f + static_cast<float>(p), "a"));
  EXPECT_EQ(heap.threshold(), 0);
  heap.Offer(MakeHit(2, 100, 1, "b"));
  EXPECT_EQ(heap.threshold(), 1);
  EXPECT_THAT(Ids(heap), testing::ElementsAre("a/49", "b/100"));
}

TEST(CandidateHeapTest, EqualScoresGoById) {
  CandidateHeap heap(2, Collapse::kDocument);
  heap.Offer(MakeHit(1, 1, 5, "c"));
  heap.Offer(MakeHit(2, 2, 5, "b"));
  heap.Offer(MakeHit(3, 3, 5, "a"));
  EXPECT_THAT(Ids(heap), testing::ElementsAre("a/3", "b/2"));
}

TEST(CandidateHeapTest, EqualPassagesGoToTheLowerOrdinal) {
  CandidateHeap heap(2, Collapse::kDocument);
  heap.Offer(MakeHit(1, 7, 5, "a"));
  heap.Offer(MakeHit(1, 3, 5, "a"));
  heap.Offer(MakeHit(1, 5, 5, "a"));
  EXPECT_THAT(Ids(heap), testing::ElementsAre("a/3"));
}

TEST(CandidateHeapTest, PassagesCompeteAloneWithoutCollapse) {
  CandidateHeap heap(2, Collapse::kNone);
  heap.Offer(MakeHit(1, 0, 5, "a"));
  heap.Offer(MakeHit(1, 1, 6, "a"));
  heap.Offer(MakeHit(2, 9, 4, "b"));
  EXPECT_THAT(Ids(heap), testing::ElementsAre("a/1", "a/0"));
}

}  // namespace
}  // namespace foraker::index
