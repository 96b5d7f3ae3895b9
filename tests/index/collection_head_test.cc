#include "index/collection/collection_head.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "index/collection/batch_outcome.h"
#include "index/collection/memory_merge.h"
#include "tests/index/live_fixture.h"

namespace foraker::index {
namespace {

using Versions = std::vector<std::pair<std::string, uint64_t>>;

LoggedWrite Put(uint64_t sequence, const std::string& id) {
  PutDocument put = SmallDocument(id, {1});
  put.document.version = sequence;
  return {sequence, std::move(put)};
}
LoggedWrite Delete(uint64_t sequence, const std::string& id) {
  return {sequence, DeleteDocument{id}};
}

CollectionHead EmptyHead() {
  auto generation = std::make_shared<Snapshot>();
  generation->collection = "c";
  generation->generation = 1;
  return CollectionHead(std::move(generation));
}

CollectionHead HeadOf(const std::vector<std::vector<LoggedWrite>>& groups) {
  CollectionHead head = EmptyHead();
  for (const std::vector<LoggedWrite>& group : groups) {
    const absl::Status applied = head.Apply(group);
    EXPECT_TRUE(applied.ok()) << applied;
  }
  return head;
}

std::vector<LiveSegment> Memory(const CollectionHead& head) {
  return {head.memory().begin(), head.memory().end()};
}

TEST(CollectionHeadTest, OfSeveralWritesToAnIdTheLastStays) {
  const CollectionHead head = HeadOf({{Put(1, "a"), Put(2, "b"), Put(3, "a"), Delete(4, "b"),
                                       Put(5, "d"), Delete(6, "d"), Put(7, "d")}});
  EXPECT_EQ(LiveVersions(*head.snapshot()), (Versions{{"a", 3}, {"d", 7}}));
  EXPECT_EQ(head.snapshot()->sequence, 7);
  EXPECT_EQ(head.snapshot()->live_documents, 2);
  EXPECT_EQ(head.snapshot()->live_passages, 2);
  EXPECT_EQ(head.memory().size(), 1);
  EXPECT_GT(head.memory_bytes(), 0);
  EXPECT_EQ(head.VersionOf("a").value(), 3);
  EXPECT_EQ(head.VersionOf("b").value(), std::nullopt);
}

TEST(CollectionHeadTest, SegmentsWithoutLiveDocumentsAreLetGo) {
  const CollectionHead head = HeadOf({{Put(1, "a"), Put(2, "b")}, {Put(3, "a"), Delete(4, "b")}});
  EXPECT_EQ(head.snapshot()->segments.size(), 1);
  EXPECT_EQ(LiveVersions(*head.snapshot()), (Versions{{"a", 3}}));
  EXPECT_EQ(HeadOf({{Put(1, "a")}, {Delete(2, "a")}}).snapshot()->segments.size(), 0);
}

TEST(CollectionHeadTest, WhatWasDeletedDuringAMergeIsDeletedInItsResult) {
  CollectionHead head =
      HeadOf({{Put(1, "a"), Put(2, "b")}, {Put(3, "d"), Put(4, "e")}, {Put(5, "a")}});
  const std::vector<LiveSegment> sources = Memory(head);
  const auto merged = MergeInMemory(std::span(sources).first(2)).value();
  EXPECT_EQ(merged->num_documents(), 3);  // the older copy of "a" was deleted before
  ASSERT_TRUE(head.Apply(std::vector<LoggedWrite>{Put(6, "b"), Delete(7, "e")}).ok());
  const auto before = head.snapshot();
  ASSERT_TRUE(head.Replace(std::span(sources).first(2), merged, /*to_disk=*/false).ok());
  EXPECT_EQ(LiveVersions(*head.snapshot()), LiveVersions(*before));
  EXPECT_EQ(LiveVersions(*head.snapshot()), (Versions{{"a", 5}, {"b", 6}, {"d", 3}}));
  EXPECT_EQ(head.snapshot()->segments.size(), 3);
  EXPECT_EQ(head.snapshot()->segments[0].segment, merged);
}

TEST(CollectionHeadTest, AMergeOfWhichNothingIsLeftIsLetGo) {
  CollectionHead head = HeadOf({{Put(1, "a")}, {Put(2, "b")}});
  const std::vector<LiveSegment> sources = Memory(head);
  const auto merged = MergeInMemory(sources).value();
  // The sources are let go first, then their result.
  ASSERT_TRUE(head.Apply(std::vector<LoggedWrite>{Delete(3, "a"), Delete(4, "b")}).ok());
  ASSERT_TRUE(head.Replace(sources, merged, /*to_disk=*/true).ok());
  EXPECT_TRUE(head.snapshot()->segments.empty());
  EXPECT_EQ(head.disk_segments(), 0);
}

TEST(CollectionHeadTest, FilesStandBeforeMemorySegments) {
  CollectionHead head = HeadOf({{Put(1, "a")}, {Put(2, "b")}, {Put(3, "d")}});
  const std::vector<LiveSegment> sources = Memory(head);
  const auto merged = MergeInMemory(std::span(sources).subspan(1)).value();
  ASSERT_TRUE(head.Replace(std::span(sources).subspan(1), merged, /*to_disk=*/true).ok());
  EXPECT_EQ(head.disk_segments(), 1);
  EXPECT_EQ(head.disk()[0].segment, merged);
  EXPECT_EQ(head.memory()[0].segment, sources[0].segment);
  EXPECT_EQ(LiveVersions(*head.snapshot()), (Versions{{"a", 1}, {"b", 2}, {"d", 3}}));
}

TEST(CollectionHeadTest, SmallMergesKeepMemorySegmentsFew) {
  CollectionHead head = EmptyHead();
  for (uint64_t i = 1; i <= 500; ++i) {
    ASSERT_TRUE(head.Apply(std::vector<LoggedWrite>{Put(i, absl::StrCat(i % 300))}).ok());
    ASSERT_TRUE(MergeSmall(head, {}, 8, uint64_t{1} << 20).ok());
    ASSERT_LT(head.memory().size(), 30);
  }
  EXPECT_EQ(head.snapshot()->live_documents, 300);
  EXPECT_EQ(LiveVersions(*head.snapshot()).size(), 300);
}

TEST(BatchOutcomeTest, ReadsBackWhatItWrote) {
  BatchResult result;
  result.sequence = (uint64_t{1} << 40) + 3;
  result.results.push_back({absl::OkStatus(), result.sequence, true});
  result.results.push_back({absl::OkStatus(), result.sequence - 1, false});
  result.results.push_back({absl::OkStatus(), 0, true});
  result.results.push_back({absl::AbortedError("has another version"), uint64_t{1} << 35, true});
  result.results.push_back({absl::NotFoundError(""), 0, false});
  const std::string bytes = EncodeOutcome(result);
  const auto read = DecodeOutcome(bytes);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->repeated);
  EXPECT_EQ(read->sequence, result.sequence);
  ASSERT_EQ(read->results.size(), result.results.size());
  for (size_t i = 0; i < result.results.size(); ++i) {
    EXPECT_EQ(read->results[i].status, result.results[i].status);
    EXPECT_EQ(read->results[i].version, result.results[i].version);
    EXPECT_EQ(read->results[i].existed, result.results[i].existed);
  }
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_TRUE(absl::IsDataLoss(DecodeOutcome(bytes.substr(0, length)).status())) << length;
  }
  EXPECT_TRUE(absl::IsDataLoss(DecodeOutcome(bytes + "x").status()));
}

}  // namespace
}  // namespace foraker::index
