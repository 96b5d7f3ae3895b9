// Random histories of writes, deletions and merges: what the policy promises about the number of
// segments and the bytes written.

#include "index/collection/merge_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

namespace foraker::index {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint64_t kDocumentBytes = 100;

// Segments whose sizes add up when they are merged.
class History {
 public:
  explicit History(const MergePolicy& policy) : policy_(policy) {}

  void Add(uint32_t documents) {
    segments_.push_back({documents * kDocumentBytes, documents, 0});
    added_ += documents * kDocumentBytes;
  }

  void DeleteSome(std::mt19937_64& random) {
    if (segments_.empty()) return;
    SegmentSize& segment = segments_[random() % segments_.size()];
    const uint32_t live = segment.documents - segment.deleted_documents;
    const auto count = static_cast<uint32_t>(random() % (live + 1));
    segment.deleted_documents += count;
    deleted_ += count * kDocumentBytes;
  }

  // Merges until nothing is left to do; returns how often.
  size_t Settle() {
    size_t merges = 0;
    for (auto chosen = ChooseMerge(segments_, policy_); !chosen.empty();
         chosen = ChooseMerge(segments_, policy_)) {
      Merge(chosen);
      if (++merges > 10'000) ADD_FAILURE() << "merges without an end";
      if (merges > 10'000) break;
    }
    return merges;
  }

  uint64_t live() const {
    uint64_t bytes = 0;
    for (const SegmentSize& segment : segments_) bytes += segment.live_bytes();
    return bytes;
  }
  double tiers() const {
    return std::log(static_cast<double>(policy_.max_segment_bytes)) / std::log(policy_.factor);
  }
  const std::vector<SegmentSize>& segments() const { return segments_; }
  double added() const { return static_cast<double>(added_); }
  double deleted() const { return static_cast<double>(deleted_); }
  double written() const { return static_cast<double>(written_); }

 private:
  void Merge(const std::vector<size_t>& chosen) {
    ASSERT_TRUE(std::is_sorted(chosen.begin(), chosen.end()));
    ASSERT_LT(chosen.back(), segments_.size());
    SegmentSize merged;
    bool any_deleted = false;
    for (const size_t i : chosen) {
      merged.bytes += segments_[i].live_bytes();
      merged.documents += segments_[i].documents - segments_[i].deleted_documents;
      any_deleted |= segments_[i].deleted_documents != 0;
    }
    ASSERT_TRUE(chosen.size() > 1 || any_deleted) << "a merge that changes nothing";
    ASSERT_TRUE(chosen.size() == 1 || merged.bytes <= policy_.max_segment_bytes);
    written_ += merged.bytes;
    for (size_t i = chosen.size(); i-- > 0;) {
      segments_.erase(segments_.begin() + static_cast<ptrdiff_t>(chosen[i]));
    }
    if (merged.documents != 0) segments_.push_back(merged);
  }

  const MergePolicy policy_;
  std::vector<SegmentSize> segments_;
  uint64_t added_ = 0, deleted_ = 0, written_ = 0;
};

MergePolicy RandomPolicy(std::mt19937_64& random) {
  MergePolicy policy;
  policy.factor = static_cast<uint32_t>(2 + random() % 9);
  policy.max_segment_bytes = kDocumentBytes << (6 + random() % 12);
  return policy;
}

uint32_t RandomCount(std::mt19937_64& random) {
  return static_cast<uint32_t>(1 + random() % (random() % 10 == 0 ? 1000 : 4));
}

void ExpectFewSegments(const History& history, const MergePolicy& policy) {
  const double most =
      policy.factor * (1 + history.tiers()) +
      2 * static_cast<double>(history.live()) / static_cast<double>(policy.max_segment_bytes);
  EXPECT_LE(static_cast<double>(history.segments().size()), most);
}

TEST(MergePolicyTest, SegmentsStayFewAndEveryByteIsWrittenOnceATier) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const MergePolicy policy = RandomPolicy(random);
    History history(policy);
    for (int step = 0; step < 2000; ++step) {
      history.Add(RandomCount(random));
      history.Settle();
      ExpectFewSegments(history, policy);
    }
    EXPECT_LE(history.written(), (2 + history.tiers()) * history.added());
  }
}

TEST(MergePolicyTest, DeletionsArePaidByTheBytesTheyFree) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const MergePolicy policy = RandomPolicy(random);
    History history(policy);
    for (int step = 0; step < 2000; ++step) {
      history.Add(RandomCount(random));
      if (random() % 3 == 0) history.DeleteSome(random);
      history.Settle();
      ExpectFewSegments(history, policy);
      for (const SegmentSize& segment : history.segments()) {
        ASSERT_LE(segment.deleted_documents, policy.max_deleted_share * segment.documents);
      }
    }
    // Deletions may put a segment back into the tier below, to rise once more.
    EXPECT_LE(history.written(),
              2 * (2 + history.tiers()) * history.added() + 2 * history.deleted());
  }
}

TEST(MergePolicyTest, NothingIsDoneAboutFewSegmentsWithoutDeletedDocuments) {
  EXPECT_THAT(ChooseMerge({}, {}), IsEmpty());
  const std::vector<SegmentSize> segments(7, SegmentSize{1000, 10, 0});
  EXPECT_THAT(ChooseMerge(segments, {.factor = 8}), IsEmpty());
  EXPECT_THAT(ChooseMerge(segments, {.factor = 7}), ElementsAre(0, 1, 2, 3, 4, 5, 6));
}

TEST(MergePolicyTest, ASegmentIsRewrittenAloneForItsDeletedDocuments) {
  std::vector<SegmentSize> segments = {{1000, 9, 3}, {900'000, 9, 4}, {10, 9, 0}};
  EXPECT_THAT(ChooseMerge(segments, {}), ElementsAre(1));
  segments[0].deleted_documents = 9;  // nothing lives
  segments[1].deleted_documents = 0;
  EXPECT_THAT(ChooseMerge(segments, {}), ElementsAre(0));
}

TEST(MergePolicyTest, LargeSegmentsAreLeftAlone) {
  const std::vector<SegmentSize> segments(20, SegmentSize{600, 6, 1});
  EXPECT_THAT(ChooseMerge(segments, {.factor = 2, .max_segment_bytes = 900}), IsEmpty());
}

TEST(MergePolicyTest, CompactionLeavesFewSegmentsAndNoDeletedDocument) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const uint64_t most = 1000;
    std::vector<SegmentSize> segments(random() % 20);
    uint64_t live = 0;
    for (SegmentSize& segment : segments) {
      segment.documents = static_cast<uint32_t>(1 + random() % 10);
      segment.bytes = segment.documents * (1 + random() % 150);
      segment.deleted_documents =
          random() % 2 == 0 ? 0 : static_cast<uint32_t>(random() % (segment.documents + 1));
      live += segment.live_bytes();
    }
    std::set<size_t> grouped;
    size_t left = segments.size();
    for (const std::vector<size_t>& group : ChooseCompaction(segments, most)) {
      uint64_t bytes = 0;
      bool any_deleted = false;
      for (const size_t i : group) {
        EXPECT_TRUE(grouped.insert(i).second) << "in two groups";
        bytes += segments[i].live_bytes();
        any_deleted |= segments[i].deleted_documents != 0;
      }
      EXPECT_TRUE(group.size() > 1 || any_deleted);
      EXPECT_TRUE(group.size() == 1 || bytes <= most);
      left -= group.size() - 1;
    }
    for (size_t i = 0; i < segments.size(); ++i) {
      if (!grouped.contains(i)) {
        EXPECT_EQ(segments[i].deleted_documents, 0u);
      }
    }
    EXPECT_LE(left, 1 + 2 * live / most);  // of two first-fit groups one is more than half full
    EXPECT_THAT(ChooseCompaction(std::vector<SegmentSize>(left > 0 ? 1 : 0, {1, 1, 0}), most),
                IsEmpty());
  }
}

}  // namespace
}  // namespace foraker::index
