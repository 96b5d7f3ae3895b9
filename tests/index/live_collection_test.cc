#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/directory.h"
#include "base/file.h"
#include "index/collection/live_store.h"
#include "index/query/top_k.h"
#include "index/segment/document_reader.h"
#include "index/store/data_files.h"
#include "tests/index/live_fixture.h"

namespace foraker::index {
namespace {

using Versions = std::vector<std::pair<std::string, uint64_t>>;

BatchResult Written(LiveCollection& collection, WriteBatch batch) {
  auto result = collection.Write(std::move(batch), WaitFor::kSearchable);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : BatchResult{};
}

WriteResult Written(LiveCollection& collection, Write write) {
  std::vector<Write> writes;
  writes.push_back(std::move(write));
  BatchResult result = Written(collection, BatchOf(std::move(writes)));
  EXPECT_EQ(result.results.size(), 1);
  return result.results.empty() ? WriteResult{} : result.results[0];
}

std::vector<std::string> Found(const Snapshot& snapshot, uint64_t term) {
  SearchOptions options;
  options.k = 100;
  auto result = TopK(snapshot, {{TestTerm(term), 1.0f}}, options);
  EXPECT_TRUE(result.ok()) << result.status();
  std::vector<std::string> ids;
  for (const Hit& hit : result->hits) ids.emplace_back(hit.id);
  return ids;
}

Document Read(const Snapshot& snapshot, const std::string& id) {
  for (const LiveSegment& live : snapshot.segments) {
    const auto found = live.segment->FindId(id);
    if (!found.ok() || !found->has_value()) continue;
    if (live.deleted_documents && live.deleted_documents->contains(**found)) continue;
    return ReadDocument(*live.segment, **found).value();
  }
  ADD_FAILURE() << "no document " << id;
  return {};
}

class LiveCollectionTest : public ::testing::Test {
 protected:
  LiveDirectory live_{LiveOptions{}};
  LiveCollection& c() { return live_.collection(); }
};

TEST_F(LiveCollectionTest, AWriteIsSearchableWhenItReturns) {
  const WriteResult put = Written(c(), Put(SmallDocument("a", {1, 2})));
  EXPECT_TRUE(put.status.ok());
  EXPECT_EQ(put.version, 1);
  EXPECT_FALSE(put.existed);
  const auto snapshot = c().Newest();
  EXPECT_EQ(snapshot->sequence, 1);
  EXPECT_EQ(snapshot->live_documents, 1);
  EXPECT_EQ(snapshot->live_passages, 1);
  EXPECT_EQ(Found(*snapshot, 2), std::vector<std::string>{"a"});
}

TEST_F(LiveCollectionTest, ASnapshotNeverChanges) {
  Written(c(), Put(SmallDocument("a", {1})));
  const auto before = c().Newest();
  Written(c(), Put(SmallDocument("a", {2})));
  Written(c(), Put(SmallDocument("b", {1})));
  ASSERT_TRUE(c().Flush().ok());
  Written(c(), Delete("a"));
  EXPECT_EQ(LiveVersions(*before), (Versions{{"a", 1}}));
  EXPECT_EQ(Found(*before, 1), std::vector<std::string>{"a"});
  EXPECT_EQ(LiveVersions(*c().Newest()), (Versions{{"b", 3}}));
}

TEST_F(LiveCollectionTest, DeletingTellsWhetherThereWasADocument) {
  EXPECT_TRUE(absl::IsNotFound(Written(c(), Delete("a")).status));
  Written(c(), Put(SmallDocument("a", {1})));
  const WriteResult deleted = Written(c(), Delete("a"));
  EXPECT_TRUE(deleted.status.ok());
  EXPECT_TRUE(deleted.existed);
  EXPECT_EQ(deleted.version, 0);
  EXPECT_TRUE(absl::IsNotFound(Written(c(), Delete("a")).status));
  EXPECT_EQ(c().Newest()->live_documents, 0);
}

TEST_F(LiveCollectionTest, ConditionsHoldOrTheWriteIsAborted) {
  Write create = Put(SmallDocument("a", {1}));
  create.if_version = 0;
  EXPECT_EQ(Written(c(), create).version, 1);
  const WriteResult again = Written(c(), create);
  EXPECT_TRUE(absl::IsAborted(again.status));
  EXPECT_EQ(again.version, 1);
  Write replace = Put(SmallDocument("a", {2}));
  replace.if_version = 1;
  EXPECT_EQ(Written(c(), replace).version, 2);
  EXPECT_TRUE(absl::IsAborted(Written(c(), replace).status));
  Write remove = Delete("missing");
  remove.if_version = 7;
  EXPECT_TRUE(absl::IsAborted(Written(c(), remove).status));
}

TEST_F(LiveCollectionTest, ALaterWriteOfABatchSeesTheEarlierOne) {
  Write second = Put(SmallDocument("a", {2}));
  second.if_version = 1;
  Write third = {UpdateFields{"a", {{"n", {int64_t{7}}}}, {}}, uint64_t{2}};
  Write refused = Delete("a");
  refused.if_version = 2;
  const BatchResult result =
      Written(c(), BatchOf({Put(SmallDocument("a", {1})), second, third, refused}));
  ASSERT_EQ(result.results.size(), 4);
  EXPECT_EQ(result.results[2].version, 3);
  EXPECT_TRUE(absl::IsAborted(result.results[3].status));
  EXPECT_EQ(result.sequence, 3);
  EXPECT_EQ(LiveVersions(*c().Newest()), (Versions{{"a", 3}}));
  EXPECT_EQ(Found(*c().Newest(), 2), std::vector<std::string>{"a"});
  EXPECT_EQ(std::get<int64_t>(Read(*c().Newest(), "a").fields.at(0).values.at(0)), 7);
}

TEST_F(LiveCollectionTest, FieldUpdatesKeepTextAndVectors) {
  std::mt19937_64 random(1);
  const PutDocument put = RandomDocument(random, "a");
  Written(c(), Put(put));
  for (const bool flushed : {false, true}) {
    if (flushed) {
      ASSERT_TRUE(c().Flush().ok());
    }
    const WriteResult updated =
        Written(c(), Write{UpdateFields{"a", {{"x", {true}}}, {"n", "tag"}}, std::nullopt});
    ASSERT_TRUE(updated.status.ok()) << updated.status;
    const Document document = Read(*c().Newest(), "a");
    EXPECT_EQ(document.version, updated.version);
    EXPECT_EQ(document.text, put.document.text);
    EXPECT_EQ(document.title, put.document.title);
    ASSERT_EQ(document.fields.size(), 1);
    EXPECT_EQ(document.fields[0].name, "x");
    ASSERT_EQ(document.passages.size(), put.document.passages.size());
    for (size_t p = 0; p < document.passages.size(); ++p) {
      EXPECT_EQ(document.passages[p].vector.keys, put.document.passages[p].vector.keys);
      EXPECT_EQ(document.passages[p].vector.weights, put.document.passages[p].vector.weights);
    }
  }
  EXPECT_TRUE(absl::IsNotFound(
      Written(c(), Write{UpdateFields{"b", {{"x", {true}}}, {}}, std::nullopt}).status));
}

TEST_F(LiveCollectionTest, NamesOfTermsSurviveFieldUpdatesAndFlushes) {
  PutDocument put = SmallDocument("a", {5});
  put.names.emplace_back(TestTerm(5), "five");
  Written(c(), Put(put));
  Written(c(), Write{UpdateFields{"a", {{"n", {int64_t{2}}}}, {}}, std::nullopt});
  ASSERT_TRUE(c().Flush().ok());
  Written(c(), Write{UpdateFields{"a", {{"n", {int64_t{3}}}}, {}}, std::nullopt});
  const Segment& segment = *c().Newest()->segments.back().segment;
  const auto term = segment.terms().Find(TestTerm(5)).value();
  ASSERT_TRUE(term.has_value());
  EXPECT_EQ(segment.TermName(*term).value(), "five");
}

TEST_F(LiveCollectionTest, WhatASegmentRefusesIsRefusedAloneAndNeverLogged) {
  PutDocument bad = SmallDocument("bad", {1});
  bad.document.passages[0].vector.weights[0] = 0;
  PutDocument other_type = SmallDocument("other", {1});
  other_type.document.fields[0].values = {std::string("text")};
  const BatchResult result = Written(
      c(), BatchOf({Put(SmallDocument("a", {1})), Put(bad), Put(other_type),
                    Write{RefusedWrite{absl::InvalidArgumentError("too long")}, std::nullopt},
                    Put(SmallDocument("", {1})), Put(SmallDocument("b", {1}))}));
  ASSERT_EQ(result.results.size(), 6);
  for (const size_t i : {1, 2, 3, 4}) {
    EXPECT_TRUE(absl::IsInvalidArgument(result.results[i].status)) << i;
  }
  EXPECT_EQ(result.results[2].status.message(),
            "document 'other': field 'n' is integer in this collection and cannot become keyword");
  EXPECT_EQ(result.results[5].version, 2);
  live_.Reopen();
  EXPECT_EQ(LiveVersions(*c().Newest()), (Versions{{"a", 1}, {"b", 2}}));
}

TEST_F(LiveCollectionTest, ARepeatedRequestIsAnsweredAndNotWrittenAgain) {
  const WriteBatch batch = BatchOf({Put(SmallDocument("a", {1})), Delete("b")}, "request", 7);
  const BatchResult first = Written(c(), batch);
  Written(c(), Put(SmallDocument("a", {2})));
  for (const bool reopened : {false, true}) {
    if (reopened) live_.Reopen();
    const BatchResult again = Written(c(), batch);
    EXPECT_TRUE(again.repeated);
    EXPECT_EQ(again.sequence, first.sequence);
    ASSERT_EQ(again.results.size(), 2);
    EXPECT_EQ(again.results[0].version, 1);
    EXPECT_TRUE(absl::IsNotFound(again.results[1].status));
    EXPECT_EQ(again.results[1].status.message(), first.results[1].status.message());
    EXPECT_EQ(c().Newest()->sequence, 2);
    EXPECT_TRUE(c().Remembered("request", 7)->has_value());
    EXPECT_FALSE(c().Remembered("other", 7)->has_value());
    EXPECT_TRUE(absl::IsInvalidArgument(c().Remembered("request", 8).status()));
  }
  WriteBatch other = batch;
  other.request_hash = 8;
  EXPECT_TRUE(absl::IsInvalidArgument(c().Write(other, WaitFor::kLog).status()));
}

TEST(LiveRequestTest, RequestsAreForgottenByAgeAndByNumber) {
  LiveOptions options;
  absl::Time now = absl::FromUnixSeconds(1'000'000);
  options.now = [&now] { return now; };
  options.request_ids_kept = absl::Minutes(15);
  options.max_request_ids = 3;
  LiveDirectory live(options);
  LiveCollection& c = live.collection();
  const auto write = [&](const std::string& id) {
    return Written(c, BatchOf({Put(SmallDocument("a", {1}))}, id, 1)).repeated;
  };
  EXPECT_FALSE(write("one"));
  now += absl::Minutes(14);
  EXPECT_TRUE(write("one"));
  now += absl::Minutes(2);
  EXPECT_FALSE(write("one"));
  EXPECT_TRUE(write("one"));
  EXPECT_FALSE(write("two"));
  EXPECT_FALSE(write("three"));
  EXPECT_TRUE(write("one"));
  EXPECT_FALSE(write("four"));
  EXPECT_TRUE(write("two"));
  EXPECT_FALSE(write("one"));
  EXPECT_EQ(live.catalog()->ReadRequests("c")->size(), 3);
}

TEST_F(LiveCollectionTest, TheLogBringsBackWhatWasNotFlushed) {
  Written(c(), Put(SmallDocument("a", {1})));
  ASSERT_TRUE(c().Flush().ok());
  Written(c(), Put(SmallDocument("a", {2})));
  Written(c(), BatchOf({Put(SmallDocument("b", {1})), Put(SmallDocument("d", {1}))}));
  Written(c(), Delete("d"));
  const auto before = LiveVersions(*c().Newest());
  live_.Reopen();
  EXPECT_EQ(LiveVersions(*c().Newest()), before);
  EXPECT_EQ(c().Newest()->sequence, 5);
  EXPECT_EQ(c().Stats().flushed_sequence, 1);
  EXPECT_EQ(Written(c(), Put(SmallDocument("e", {1}))).version, 6);
}

TEST_F(LiveCollectionTest, AFlushPublishesOneFileAndCutsTheLog) {
  for (int i = 0; i < 20; ++i) Written(c(), Put(SmallDocument(absl::StrCat("d", i), {1})));
  Written(c(), Delete("d3"));
  ASSERT_TRUE(c().Flush().ok());
  EXPECT_TRUE(live_.catalog()->ReadLog("c", 0)->empty());
  const CollectionRecord record = live_.catalog()->Get("c")->record;
  EXPECT_EQ(record.generation, 2);
  EXPECT_EQ(record.sequence, 21);
  ASSERT_EQ(record.segments.size(), 1);
  EXPECT_EQ(record.segments[0].live_documents, 19);
  const auto snapshot = c().Newest();
  EXPECT_EQ(snapshot->generation, 2);
  EXPECT_EQ(snapshot->segments.size(), 1);
  EXPECT_EQ(snapshot->idf_version, 2);
  ASSERT_NE(snapshot->statistics, nullptr);
  EXPECT_EQ(snapshot->statistics->num_passages(), 19);
  EXPECT_EQ(c().Stats().buffer_bytes, 0);
  EXPECT_EQ(c().Stats().flushes, 1);
  ASSERT_TRUE(c().Flush().ok());  // nothing to do
  EXPECT_EQ(c().Newest()->generation, 2);
}

TEST_F(LiveCollectionTest, DeletesAloneAreFlushedToo) {
  Written(c(), BatchOf({Put(SmallDocument("a", {1})), Put(SmallDocument("b", {1}))}));
  ASSERT_TRUE(c().Flush().ok());
  Written(c(), Delete("a"));
  ASSERT_TRUE(c().Flush().ok());
  EXPECT_EQ(live_.catalog()->Get("c")->record.segments.at(0).live_documents, 1);
  Written(c(), Delete("b"));
  ASSERT_TRUE(c().Flush().ok());
  EXPECT_TRUE(live_.catalog()->Get("c")->record.segments.empty());
  live_.Reopen();
  EXPECT_EQ(c().Newest()->live_documents, 0);
  EXPECT_EQ(c().Newest()->sequence, 4);
}

TEST_F(LiveCollectionTest, StatisticsArePublishedAtTheFirstFlushAndWhenPassagesDouble) {
  const auto add = [&](int begin, int end) {
    for (int i = begin; i < end; ++i) Written(c(), Put(SmallDocument(absl::StrCat("d", i), {1})));
    EXPECT_TRUE(c().Flush().ok());
    return c().Newest()->idf_version;
  };
  EXPECT_EQ(c().Newest()->idf_version, 0);
  EXPECT_EQ(add(0, 4), 2);
  EXPECT_EQ(add(4, 7), 2);
  EXPECT_EQ(add(7, 8), 4);
  ASSERT_TRUE(c().Compact().ok());
  EXPECT_EQ(c().Newest()->idf_version, 4);
}

TEST_F(LiveCollectionTest, CompactingLeavesOneFileWithoutWhatIsDeleted) {
  for (int i = 0; i < 5; ++i) {
    Written(c(), BatchOf({Put(SmallDocument(absl::StrCat("d", i), {1})),
                          Put(SmallDocument("replaced", {2}))}));
    ASSERT_TRUE(c().Flush().ok());
  }
  const auto before = c().Newest();
  ASSERT_TRUE(c().Compact().ok());
  EXPECT_EQ(c().Stats().deleted_documents, 0);
  EXPECT_EQ(c().Newest()->segments.size(), 1);
  EXPECT_EQ(LiveVersions(*c().Newest()), LiveVersions(*before));
  EXPECT_EQ(Found(*before, 2), std::vector<std::string>{"replaced"});
  // Files that are no longer named are gone.
  std::vector<std::string> expected = FilesOf(live_.catalog()->Get("c")->record);
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(base::ListDirectory(live_.catalog()->CollectionDir("c")).value(), expected);
}

TEST_F(LiveCollectionTest, ExclusiveWorkFindsEverythingFlushedAndIsSeenAfterwards) {
  Written(c(), Put(SmallDocument("a", {1})));
  const absl::Status done = c().Exclusively([&] {
    CollectionRecord record = live_.catalog()->Get("c")->record;
    EXPECT_EQ(record.sequence, 1);
    ++record.generation;
    record.settings = "changed";
    record.sequence = 50;
    return live_.catalog()->Publish(record);
  });
  ASSERT_TRUE(done.ok()) << done;
  EXPECT_EQ(c().Newest()->settings, "changed");
  EXPECT_EQ(Written(c(), Put(SmallDocument("b", {1}))).version, 51);
  EXPECT_TRUE(absl::IsAborted(c().Exclusively([] { return absl::AbortedError("no"); })));
  EXPECT_EQ(LiveVersions(*c().Newest()), (Versions{{"a", 1}, {"b", 51}}));
}

TEST_F(LiveCollectionTest, ADroppedCollectionRefusesWritesAndKeepsSnapshots) {
  Written(c(), Put(SmallDocument("a", {1})));
  ASSERT_TRUE(c().Flush().ok());
  const auto collection = live_.store().Find("c").value();
  const auto snapshot = collection->Newest();
  ASSERT_TRUE(live_.store().Drop("c").ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(
      collection->Write(BatchOf({Delete("a")}), WaitFor::kLog).status()));
  EXPECT_TRUE(absl::IsNotFound(live_.store().Newest("c").status()));
  EXPECT_EQ(Found(*snapshot, 1), std::vector<std::string>{"a"});
  EXPECT_TRUE(live_.store().Opened().empty());
}

TEST(LiveBufferTest, AFullBufferRefusesWritesUntilItIsFlushed) {
  LiveOptions options;
  options.flush_bytes = size_t{1} << 40;
  options.buffer_bytes = 64 << 10;
  LiveDirectory live(options);
  LiveCollection& c = live.collection();
  absl::Status status;
  int written = 0;
  for (; written < 10'000 && status.ok(); ++written) {
    PutDocument put = SmallDocument(absl::StrCat("d", written), {1});
    std::mt19937_64 random(static_cast<uint64_t>(written));
    for (int i = 0; i < 200; ++i) put.document.text += static_cast<char>(random() % 256);
    status = c.Write(BatchOf({Put(put)}), WaitFor::kSearchable).status();
  }
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_GT(written, 20);
  EXPECT_LE(c.Stats().buffer_bytes, options.buffer_bytes);
  EXPECT_GE(c.RetryAfter(), absl::Milliseconds(10));
  PutDocument large = SmallDocument("large", {1});
  large.document.text.assign(options.buffer_bytes, 'x');
  EXPECT_TRUE(absl::IsInvalidArgument(c.Write(BatchOf({Put(large)}), WaitFor::kLog).status()));
  ASSERT_TRUE(c.Flush().ok());
  EXPECT_TRUE(c.Write(BatchOf({Put(SmallDocument("more", {1}))}), WaitFor::kLog).ok());
  EXPECT_EQ(c.Newest()->live_documents, static_cast<uint64_t>(written));
}

TEST(LiveBufferTest, AFlushThatFailsLosesNothingAndIsTriedAgain) {
  LiveOptions options;
  options.flush_bytes = 1;
  LiveDirectory live(options);
  const std::string folder = live.catalog()->CollectionDir("c");
  // A directory is where the file should be.
  for (uint64_t number = 1; number <= 20; ++number) {
    ASSERT_TRUE(base::CreateDirectories(absl::StrCat(folder, "/", SegmentFileName(number))).ok());
  }
  LiveCollection& c = live.collection();
  Written(c, Put(SmallDocument("a", {1})));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(c.Flush().ok());
  EXPECT_FALSE(c.Stats().background_error.ok());
  const absl::Status refused = c.Write(BatchOf({Delete("a")}), WaitFor::kLog).status();
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_EQ(Found(*c.Newest(), 1), std::vector<std::string>{"a"});
  for (uint64_t number = 1; number <= 20; ++number) {
    ASSERT_TRUE(base::RemoveTree(absl::StrCat(folder, "/", SegmentFileName(number))).ok());
  }
  ASSERT_TRUE(c.Flush().ok());
  EXPECT_TRUE(c.Stats().background_error.ok());
  EXPECT_EQ(Written(c, Put(SmallDocument("b", {1}))).version, 2);
  live.Reopen();
  EXPECT_EQ(LiveVersions(*live.collection().Newest()), (Versions{{"a", 1}, {"b", 2}}));
}

// Waits up to a minute until `holds`.
template <typename Condition>
bool Eventually(Condition holds) {
  for (int i = 0; i < 6000 && !holds(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return holds();
}

TEST(LiveBackgroundTest, BuffersAreFlushedAndFilesMergedInTheBackground) {
  LiveDirectory live(TinyOptions());
  LiveCollection& c = live.collection();
  std::mt19937_64 random(5);
  // A flush takes what has gathered: how many writes it needs to have several of them depends on
  // how fast they come.
  EXPECT_TRUE(Eventually([&] {
    for (int i = 0; i < 50; ++i) {
      Written(c, Put(RandomDocument(random, absl::StrCat("d", random() % 300))));
    }
    const LiveStats stats = c.Stats();
    return stats.flushes > 2 && stats.merges > 0;
  }));
  EXPECT_TRUE(Eventually([&] {
    const LiveStats stats = c.Stats();
    return !stats.merging && !stats.flushing && stats.buffer_bytes < 2 * live.options().flush_bytes;
  }));
  EXPECT_TRUE(c.Stats().background_error.ok()) << c.Stats().background_error;
  EXPECT_LT(c.Newest()->segments.size(), 40);
}

TEST(LiveBackgroundTest, ABufferIsNotLeftOlderThanTheInterval) {
  LiveOptions options;
  options.flush_interval = absl::Milliseconds(30);
  LiveDirectory live(options);
  Written(live.collection(), Put(SmallDocument("a", {1})));
  EXPECT_TRUE(Eventually([&] { return live.collection().Stats().flushed_sequence == 1; }));
  EXPECT_EQ(live.collection().Stats().oldest_unflushed, absl::InfiniteFuture());
}

TEST(LiveStoreTest, RecoversWhatHasALogAndFindsAliases) {
  LiveDirectory live{LiveOptions{}};
  ASSERT_TRUE(live.catalog()->SetAlias("alias", "c").ok());
  Written(live.collection(), Put(SmallDocument("a", {1})));
  EXPECT_EQ(live.store().Newest("alias").value(), live.collection().Newest());
  EXPECT_EQ(live.store().Newest("c").value(), live.collection().Newest());
  live.Close();
  auto catalog = Catalog::Open(live.path(), OpenMode::kWrite);
  ASSERT_TRUE(catalog.ok());
  auto store = LiveStore::Open(*std::move(catalog), [](const CollectionRecord&) {
    return absl::StatusOr<LiveOptions>(LiveOptions{});
  });
  ASSERT_TRUE((*store)->Recover().ok());
  ASSERT_EQ((*store)->Opened().size(), 1);
  ASSERT_TRUE((*store)->FlushAll().ok());
  EXPECT_EQ((*store)->catalog()->Get("c")->record.sequence, 1);
}

TEST(SnapshotSourceTest, AReaderFollowsTheLogAndTheGenerations) {
  LiveDirectory live{LiveOptions{}};
  LiveCollection& c = live.collection();
  Written(c, Put(SmallDocument("a", {1})));
  const auto source =
      SnapshotSource::OverCatalog(Catalog::Open(live.path(), OpenMode::kRead).value());
  EXPECT_TRUE(absl::IsNotFound(source->Newest("none").status()));
  const auto follow = [&] {
    EXPECT_TRUE(source->Refresh().ok());
    const auto snapshot = source->Newest("c").value();
    EXPECT_EQ(LiveVersions(*snapshot), LiveVersions(*c.Newest()));
    EXPECT_EQ(snapshot->sequence, c.Newest()->sequence);
    EXPECT_EQ(snapshot->generation, c.Newest()->generation);
    EXPECT_EQ(snapshot->live_passages, c.Newest()->live_passages);
    return snapshot;
  };
  const auto first = follow();
  EXPECT_EQ(follow(), first);
  Written(c, Put(SmallDocument("b", {1})));
  Written(c, Delete("a"));
  const auto second = follow();
  ASSERT_TRUE(c.Flush().ok());
  Written(c, Put(SmallDocument("a", {1})));
  follow();
  EXPECT_EQ(LiveVersions(*first), (Versions{{"a", 1}}));
  EXPECT_EQ(LiveVersions(*second), (Versions{{"b", 2}}));
  for (int i = 0; i < 30; ++i) {
    Written(c, Put(SmallDocument(absl::StrCat(i), {1})));
    follow();
  }
  EXPECT_LT(follow()->segments.size(), 20);
}

}  // namespace
}  // namespace foraker::index
