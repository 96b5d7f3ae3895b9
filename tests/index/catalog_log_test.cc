// The log of a collection in the catalog: what AppendLog, Publish, Drop and snapshots make of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/directory.h"
#include "base/file.h"
#include "index/store/catalog.h"
#include "tests/support/temporary_directory.h"

namespace foraker::index {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::unique_ptr<Catalog> OpenCatalog(const std::string& dir, OpenMode mode) {
  auto catalog = Catalog::Open(dir, mode);
  EXPECT_TRUE(catalog.ok()) << catalog.status();
  return catalog.ok() ? *std::move(catalog) : nullptr;
}

// A generation without segments, that holds the writes up to `sequence`.
void Publish(Catalog& catalog, const std::string& name, uint64_t sequence) {
  CollectionRecord record;
  if (auto info = catalog.Get(name); info.ok()) record = info->record;
  record.name = name;
  ++record.generation;
  record.sequence = sequence;
  ASSERT_TRUE(base::CreateDirectories(catalog.CollectionDir(name)).ok());
  const absl::Status status = catalog.Publish(record);
  ASSERT_TRUE(status.ok()) << status;
}

void Append(Catalog& catalog, const std::string& name, std::vector<LogEntry> entries) {
  const absl::Status status = catalog.AppendLog(name, entries, {}, {}, true);
  ASSERT_TRUE(status.ok()) << status;
}

std::vector<uint64_t> Sequences(const Catalog& catalog, const std::string& name,
                                uint64_t after = 0) {
  std::vector<uint64_t> sequences;
  const auto entries = catalog.ReadLog(name, after);
  EXPECT_TRUE(entries.ok()) << entries.status();
  if (!entries.ok()) return sequences;
  for (const LogEntry& entry : *entries) sequences.push_back(entry.sequence);
  return sequences;
}

std::vector<std::string> RequestIds(const Catalog& catalog, const std::string& name) {
  std::vector<std::string> ids;
  const auto requests = catalog.ReadRequests(name);
  EXPECT_TRUE(requests.ok()) << requests.status();
  if (!requests.ok()) return ids;
  for (const RememberedRequest& request : *requests) ids.push_back(request.id);
  return ids;
}

TEST(CatalogLogTest, EntriesComeBackInOrderOfTheirSequenceAfterReopening) {
  const TemporaryDirectory tmp;
  {
    const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
    Publish(*writer, "wiki", 0);
    Publish(*writer, "wiki2", 0);
    Append(*writer, "wiki", {{1, "one"}, {2, std::string("t\0wo", 4)}});
    Append(*writer, "wiki2", {{1, "of another collection"}});
    Append(*writer, "wiki", {{256, ""}, {uint64_t{1} << 40, "last"}});
  }
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  EXPECT_THAT(Sequences(*writer, "wiki"), ElementsAre(1, 2, 256, uint64_t{1} << 40));
  EXPECT_THAT(Sequences(*writer, "wiki", 2), ElementsAre(256, uint64_t{1} << 40));
  EXPECT_THAT(Sequences(*writer, "wiki", UINT64_MAX), IsEmpty());
  EXPECT_THAT(Sequences(*writer, "wik"), IsEmpty());
  EXPECT_THAT(*writer->ReadLog("wiki", 0, 0), SizeIs(1));
  EXPECT_THAT(*writer->ReadLog("wiki", 0, 3), SizeIs(2));  // "one" is no more than that
  EXPECT_EQ((*writer->ReadLog("wiki", 1))[0].payload, std::string("t\0wo", 4));
  // The log is none of the catalog's records.
  EXPECT_THAT(*writer->List(), SizeIs(2));
}

TEST(CatalogLogTest, RequestsAreRememberedUntilTheyAreForgotten) {
  const TemporaryDirectory tmp;
  const absl::Time time = absl::FromUnixMicros(1'700'000'000'123'456);
  {
    const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
    Publish(*writer, "wiki", 0);
    ASSERT_TRUE(
        writer->AppendLog("wiki", {}, {{"b", 7, time, "done"}, {"a", 8, time, ""}}, {}, true).ok());
    ASSERT_TRUE(writer->AppendLog("wiki", {{1, "x"}}, {{"c", 9, time, "c"}}, {"a"}, false).ok());
  }
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  EXPECT_THAT(RequestIds(*writer, "wiki"), ElementsAre("b", "c"));
  const RememberedRequest request = (*writer->ReadRequests("wiki"))[0];
  EXPECT_EQ(request.hash, 7u);
  EXPECT_EQ(request.time, time);
  EXPECT_EQ(request.outcome, "done");
  Publish(*writer, "wiki", 1);  // cuts the log alone
  EXPECT_THAT(Sequences(*writer, "wiki"), IsEmpty());
  EXPECT_THAT(RequestIds(*writer, "wiki"), ElementsAre("b", "c"));
}

TEST(CatalogLogTest, APublishCutsTheLogUpToItsSequence) {
  const TemporaryDirectory tmp;
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  Publish(*writer, "wiki", 0);
  Append(*writer, "wiki", {{1, "1"}, {2, "2"}, {3, "3"}});
  Publish(*writer, "wiki", 2);
  EXPECT_THAT(Sequences(*writer, "wiki"), ElementsAre(3));
  Append(*writer, "wiki", {{4, "4"}});
  EXPECT_THAT(Sequences(*writer, "wiki"), ElementsAre(3, 4));
}

TEST(CatalogLogTest, ADroppedCollectionLeavesNoLogToOneOfItsName) {
  const TemporaryDirectory tmp;
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  Publish(*writer, "wiki", 0);
  ASSERT_TRUE(writer->AppendLog("wiki", {{5, "5"}}, {{"a", 1, absl::Now(), ""}}, {}, true).ok());
  ASSERT_TRUE(writer->Drop("wiki").ok());
  EXPECT_THAT(Sequences(*writer, "wiki"), IsEmpty());
  // As a crash in the middle of a drop would leave it.
  ASSERT_TRUE(writer->AppendLog("wiki", {{6, "6"}}, {{"b", 1, absl::Now(), ""}}, {}, true).ok());
  Publish(*writer, "wiki", 0);
  EXPECT_THAT(Sequences(*writer, "wiki"), IsEmpty());
  EXPECT_THAT(RequestIds(*writer, "wiki"), IsEmpty());
}

TEST(CatalogLogTest, TheNextWriterErasesTheLogOfACollectionThatIsGone) {
  const TemporaryDirectory tmp;
  {
    const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
    Publish(*writer, "b", 0);
    for (const char* name : {"a", "b", "c"}) Append(*writer, name, {{1, "1"}, {2, "2"}});
  }
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  EXPECT_THAT(Sequences(*writer, "a"), IsEmpty());
  EXPECT_THAT(Sequences(*writer, "b"), ElementsAre(1, 2));
  EXPECT_THAT(Sequences(*writer, "c"), IsEmpty());
}

TEST(CatalogLogTest, RestoringASnapshotCutsTheLogAndNeverGoesBackInSequence) {
  const TemporaryDirectory tmp;
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  Publish(*writer, "wiki", 3);
  ASSERT_TRUE(writer->CreateSnapshot("wiki", "monday").ok());
  Publish(*writer, "wiki", 8);
  Append(*writer, "wiki", {{9, "9"}, {10, "10"}});
  ASSERT_TRUE(writer->RestoreSnapshot("wiki", "monday", "").ok());
  EXPECT_EQ(writer->Get("wiki")->record.sequence, 10u);
  EXPECT_THAT(Sequences(*writer, "wiki"), IsEmpty());
}

TEST(CatalogLogTest, AReaderSeesLogAndGenerationOfOneMoment) {
  const TemporaryDirectory tmp;
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  Publish(*writer, "wiki", 0);
  const auto reader = OpenCatalog(tmp.path(), OpenMode::kRead);
  EXPECT_THAT(Sequences(*reader, "wiki"), IsEmpty());
  Append(*writer, "wiki", {{1, "1"}, {2, "2"}});
  EXPECT_THAT(Sequences(*reader, "wiki"), IsEmpty());  // as of the last Refresh
  ASSERT_TRUE(reader->Refresh().ok());
  EXPECT_THAT(Sequences(*reader, "wiki"), ElementsAre(1, 2));
  Publish(*writer, "wiki", 2);
  EXPECT_EQ(reader->Get("wiki")->record.sequence, 0u);
  EXPECT_THAT(Sequences(*reader, "wiki"), ElementsAre(1, 2));
  ASSERT_TRUE(reader->Refresh().ok());
  EXPECT_EQ(reader->Get("wiki")->record.sequence, 2u);
  EXPECT_THAT(Sequences(*reader, "wiki"), IsEmpty());
  EXPECT_TRUE(absl::IsFailedPrecondition(reader->AppendLog("wiki", {{3, ""}}, {}, {}, true)));
}

// One thread appends and publishes; what a reader sees must always be a generation and, without a
// gap, entries behind it.
TEST(CatalogLogTest, ReadersBesideABusyWriterNeverSeeAGap) {
  const TemporaryDirectory tmp;
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  Publish(*writer, "wiki", 0);
  std::atomic<bool> done = false;
  std::atomic<uint64_t> rounds = 0;
  std::thread reading([&] {
    const auto reader = OpenCatalog(tmp.path(), OpenMode::kRead);
    uint64_t last = 0;
    do {
      const absl::Status refreshed = reader->Refresh();
      if (absl::IsUnavailable(refreshed)) continue;  // the writer was faster
      ASSERT_TRUE(refreshed.ok()) << refreshed;
      const auto info = reader->Get("wiki");
      ASSERT_TRUE(info.ok()) << info.status();
      uint64_t sequence = info->record.sequence;
      for (const uint64_t entry : Sequences(*reader, "wiki", sequence)) {
        ASSERT_EQ(entry, ++sequence);
      }
      EXPECT_GE(sequence, last);
      last = sequence;
      ++rounds;
    } while (!done);
  });
  const std::string payload(20'000, 'p');
  const absl::Time start = absl::Now();
  const auto enough = [&] {
    const absl::Duration passed = absl::Now() - start;
    return passed > absl::Seconds(60) || (passed > absl::Seconds(2) && rounds > 2);
  };
  for (uint64_t sequence = 1; !enough(); ++sequence) {
    ASSERT_TRUE(writer->AppendLog("wiki", {{sequence, payload}}, {}, {}, sequence % 8 == 0).ok());
    if (sequence % 100 != 0) continue;
    Publish(*writer, "wiki", sequence - 50);
    // A slow reader gets its time: a round may fall among any of the next hundred entries.
    for (const uint64_t before = rounds; rounds == before && !enough();) {
      absl::SleepFor(absl::Milliseconds(1));
    }
  }
  done = true;
  reading.join();
  EXPECT_GT(rounds, 2u);
}

TEST(CatalogLogTest, ADataDirectoryFromBeforeThereWereLogsOpens) {
  const TemporaryDirectory tmp;
  { OpenCatalog(tmp.path(), OpenMode::kWrite); }
  ASSERT_TRUE(base::RemoveTree(tmp.path() + "/catalog").ok());
  ASSERT_TRUE(base::RemoveFile(tmp.path() + "/ACKNOWLEDGED").ok());
  {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, tmp.path() + "/catalog", &opened).ok());
    const std::unique_ptr<rocksdb::DB> database(opened);
    ASSERT_TRUE(database->Put(rocksdb::WriteOptions(), "alias/live", "wiki").ok());
  }
  {
    const auto reader = OpenCatalog(tmp.path(), OpenMode::kRead);
    EXPECT_THAT(Sequences(*reader, "wiki"), IsEmpty());
    EXPECT_THAT(RequestIds(*reader, "wiki"), IsEmpty());
  }
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  Publish(*writer, "wiki", 0);
  Append(*writer, "wiki", {{1, "1"}});
  EXPECT_EQ(writer->Get("live")->record.name, "wiki");
  EXPECT_THAT(Sequences(*OpenCatalog(tmp.path(), OpenMode::kRead), "wiki"), ElementsAre(1));
}

// A reader replays RocksDB's write-ahead log each time it opens the database: it must stay short
// however much has been appended.
TEST(CatalogLogTest, WhatAReaderMustReplayStaysShort) {
  const TemporaryDirectory tmp;
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  Publish(*writer, "wiki", 0);
  const std::string payload(1 << 20, 'p');
  uint64_t largest = 0;
  for (uint64_t sequence = 1; sequence <= 100; ++sequence) {
    ASSERT_TRUE(writer->AppendLog("wiki", {{sequence, payload}}, {}, {}, false).ok());
    if (sequence % 10 != 0) continue;
    uint64_t bytes = 0;
    const auto names = base::ListDirectory(tmp.path() + "/catalog");
    for (const std::string& name : *names) {
      if (!name.ends_with(".log")) continue;
      bytes += base::FileSize(absl::StrCat(tmp.path(), "/catalog/", name)).value_or(0);
    }
    largest = std::max(largest, bytes);
  }
  EXPECT_LT(largest, uint64_t{32} << 20);
  EXPECT_THAT(Sequences(*OpenCatalog(tmp.path(), OpenMode::kRead), "wiki"), SizeIs(100));
}

TEST(CatalogLogTest, AVeryLargeEntryIsKept) {
  const TemporaryDirectory tmp;
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  Publish(*writer, "wiki", 0);
  const std::string payload(size_t{65} << 20, 'p');
  Append(*writer, "wiki", {{1, payload}, {2, "small"}});
  const auto entries = OpenCatalog(tmp.path(), OpenMode::kRead)->ReadLog("wiki", 0);
  ASSERT_TRUE(entries.ok()) << entries.status();
  ASSERT_THAT(*entries, SizeIs(2));
  EXPECT_TRUE((*entries)[0].payload == payload);
}

TEST(CatalogLogTest, CollectionsAreAppendedToSideBySide) {
  const TemporaryDirectory tmp;
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    const std::string name = absl::StrCat("c", i);
    Publish(*writer, name, 0);
    threads.emplace_back([&writer, name] {
      for (uint64_t sequence = 1; sequence <= 100; ++sequence) {
        EXPECT_TRUE(writer->AppendLog(name, {{sequence, name}}, {}, {}, true).ok());
        if (sequence % 25 == 0) Publish(*writer, name, sequence);
      }
      EXPECT_TRUE(writer->AppendLog(name, {{101, name}}, {}, {}, true).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 4; ++i) {
    EXPECT_THAT(Sequences(*writer, absl::StrCat("c", i)), ElementsAre(101));
  }
}

}  // namespace
}  // namespace foraker::index
