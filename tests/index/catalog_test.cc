#include "index/store/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/directory.h"
#include "base/file.h"
#include "base/string_view.h"
#include "index/collection/deleted_documents.h"
#include "index/segment/segment_writer.h"
#include "index/store/data_files.h"
#include "index/store/record_codec.h"
#include "tests/support/temporary_directory.h"

namespace foraker::index {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Message(const absl::Status& status) {
  return std::string(base::ToStd(status.message()));
}

std::unique_ptr<Catalog> OpenCatalog(const std::string& dir, OpenMode mode) {
  auto catalog = Catalog::Open(dir, mode);
  EXPECT_TRUE(catalog.ok()) << catalog.status();
  return catalog.ok() ? *std::move(catalog) : nullptr;
}

// A segment of one document for each id, with one passage of one term.
void WriteSegment(const std::string& path, const std::vector<std::string>& ids) {
  auto writer = SegmentWriter::Create(path);
  ASSERT_TRUE(writer.ok()) << writer.status();
  for (const std::string& id : ids) {
    Document document;
    document.id = id;
    document.text = absl::StrCat("text of ", id);
    Passage& passage = document.passages.emplace_back();
    passage.vector.keys = {HashedTermKey(TermNamespace::kStem, id)};
    passage.vector.weights = {base::FloatToFloat16(1)};
    ASSERT_TRUE((*writer)->Add(document).ok());
  }
  ASSERT_TRUE((*writer)->Finish().ok());
}

// The next generation of the collection with one more segment.
CollectionRecord NextGeneration(Catalog& catalog, const std::string& name,
                                const std::vector<std::string>& ids) {
  CollectionRecord record;
  if (auto info = catalog.Get(name); info.ok()) record = info->record;
  record.name = name;
  ++record.generation;
  EXPECT_TRUE(base::CreateDirectories(catalog.CollectionDir(name)).ok());
  const std::string file = SegmentFileName(record.next_file++);
  WriteSegment(absl::StrCat(catalog.CollectionDir(name), "/", file), ids);
  record.segments.push_back({file, {}, ids.size(), ids.size()});
  return record;
}

void Extend(Catalog& catalog, const std::string& name, const std::vector<std::string>& ids) {
  const absl::Status status = catalog.Publish(NextGeneration(catalog, name, ids));
  ASSERT_TRUE(status.ok()) << status;
}

std::vector<std::string> FilesIn(const std::string& dir) {
  return base::ListDirectory(dir).value_or(std::vector<std::string>{"cannot list"});
}

TEST(RecordCodecTest, ReadsBackWhatItWrote) {
  CollectionRecord record{"wiki", 7, 1'000'000'000'000, 12, "{}", {}, "00000011.idf", 6};
  record.segments.push_back({"00000001.seg", {1, 2, 255}, 10, 20});
  record.segments.push_back({"00000010.seg", {}, 0, 0});
  const auto decoded = DecodeRecord(EncodeRecord(record));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(EncodeRecord(*decoded), EncodeRecord(record));
  EXPECT_EQ(decoded->name, "wiki");
  EXPECT_EQ(decoded->sequence, 1'000'000'000'000u);
  EXPECT_EQ(decoded->segments[0].deleted_documents, record.segments[0].deleted_documents);
}

TEST(RecordCodecTest, EveryCutAndEveryFlippedBitIsDetected) {
  CollectionRecord record{"wiki", 7, 8, 12, "{}", {{"00000001.seg", {3}, 10, 20}}, "", 0};
  const std::string bytes = EncodeRecord(record);
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_TRUE(absl::IsDataLoss(DecodeRecord(bytes.substr(0, length)).status())) << length;
  }
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_TRUE(absl::IsDataLoss(DecodeRecord(damaged).status())) << bit;
  }
}

TEST(CatalogTest, AReaderNeedsADataDirectoryAndAWriterMakesOne) {
  const TemporaryDirectory tmp;
  const std::string dir = tmp.File("data");
  EXPECT_TRUE(absl::IsNotFound(Catalog::Open(dir, OpenMode::kRead).status()));
  EXPECT_NE(OpenCatalog(dir, OpenMode::kWrite), nullptr);
  EXPECT_NE(OpenCatalog(dir, OpenMode::kRead), nullptr);
  std::ofstream(dir + "/FORMAT") << "foraker data 9\n";
  const absl::Status status = Catalog::Open(dir, OpenMode::kRead).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(Message(status), HasSubstr("foraker data 9"));
}

TEST(CatalogTest, OneProcessWritesAndTheErrorSaysWhich) {
  const TemporaryDirectory tmp;
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  const absl::Status status = Catalog::Open(tmp.path(), OpenMode::kWrite).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(Message(status), HasSubstr(absl::StrCat("process ", getpid())));
  EXPECT_THAT(Message(status), HasSubstr("foraker_index_tests"));
}

TEST(CatalogTest, AReaderSeesAPublishAfterRefreshAndKeepsItsOldSnapshot) {
  const TemporaryDirectory tmp;
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  Extend(*writer, "wiki", {"a", "b"});
  const auto reader = OpenCatalog(tmp.path(), OpenMode::kRead);
  const auto first = reader->Current("wiki");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ((*first)->live_documents, 2u);

  Extend(*writer, "wiki", {"c"});
  EXPECT_EQ((*reader->Current("wiki"))->generation, 1u);
  ASSERT_TRUE(reader->Refresh().ok());
  const auto second = reader->Current("wiki");
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ((*second)->generation, 2u);
  EXPECT_EQ((*second)->live_documents, 3u);
  EXPECT_EQ((*second)->segments[0].segment, (*first)->segments[0].segment);  // opened once
  EXPECT_EQ(*(*first)->segments[0].segment->Id(0), *(*second)->segments[0].segment->Id(0));

  ASSERT_TRUE(reader->Refresh().ok());
  EXPECT_EQ(*reader->Current("wiki"), *second);
}

TEST(CatalogTest, WhatWasPublishedIsThereAfterReopening) {
  const TemporaryDirectory tmp;
  {
    const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
    Extend(*writer, "wiki", {"a"});
    ASSERT_TRUE(writer->SetAlias("live", "wiki").ok());
  }
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  const auto info = writer->Get("live");
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(info->record.name, "wiki");
  EXPECT_THAT(info->aliases, ElementsAre("live"));
  EXPECT_GT(info->bytes, 0u);
}

TEST(CatalogTest, FilesThatAreNoLongerNamedAreRemovedButABuildUnderWayIsNot) {
  const TemporaryDirectory tmp;
  const std::string dir = tmp.path() + "/collections/wiki";
  {
    const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
    Extend(*writer, "wiki", {"a"});
    CollectionRecord record = NextGeneration(*writer, "wiki", {"b"});
    record.segments.erase(record.segments.begin());
    ASSERT_TRUE(writer->Publish(record).ok());
    EXPECT_THAT(FilesIn(dir), ElementsAre("00000002.seg"));
  }
  // As a crash would leave them: a file never published, one unfinished, a build, and a build of a
  // collection that does not exist yet.
  ASSERT_TRUE(base::CreateDirectories(dir + "/build").ok());
  ASSERT_TRUE(base::CreateDirectories(tmp.path() + "/collections/young/build").ok());
  ASSERT_TRUE(base::CreateDirectories(tmp.path() + "/collections/empty").ok());
  for (const char* file : {"/00000003.seg", "/00000004.idf.tmp", "/build/00000003.seg", "/notes"}) {
    std::ofstream(dir + file) << "x";
  }
  OpenCatalog(tmp.path(), OpenMode::kWrite);
  EXPECT_THAT(FilesIn(dir), ElementsAre("00000002.seg", "build", "notes"));
  EXPECT_THAT(FilesIn(dir + "/build"), ElementsAre("00000003.seg"));
  EXPECT_THAT(FilesIn(tmp.path() + "/collections"), ElementsAre("wiki", "young"));
}

TEST(CatalogTest, APublishMustFollowTheNewestGenerationAndNameFilesThatExist) {
  const TemporaryDirectory tmp;
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  Extend(*writer, "wiki", {"a"});
  CollectionRecord record = NextGeneration(*writer, "wiki", {"b"});
  CollectionRecord stale = record;
  stale.generation = 1;
  EXPECT_TRUE(absl::IsAborted(writer->Publish(stale)));
  CollectionRecord missing = record;
  missing.segments.push_back({"00000000000000009.seg", {}, 1, 1});
  missing.next_file = 10;
  EXPECT_TRUE(absl::IsFailedPrecondition(writer->Publish(missing)));
  CollectionRecord foreign = record;
  foreign.segments.back().file = "../../evil.seg";
  EXPECT_TRUE(absl::IsInvalidArgument(writer->Publish(foreign)));
  EXPECT_TRUE(writer->Publish(record).ok());
  EXPECT_TRUE(
      absl::IsFailedPrecondition(OpenCatalog(tmp.path(), OpenMode::kRead)->Publish(record)));
}

TEST(CatalogTest, DeletedDocumentsComeWithTheSnapshotAndMustFitTheSegment) {
  const TemporaryDirectory tmp;
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  CollectionRecord record = NextGeneration(*writer, "wiki", {"a", "b", "c"});
  DocumentSet deleted;
  deleted.add(1);
  record.segments[0].deleted_documents = EncodeDeleted(deleted);
  record.segments[0].live_documents = 2;
  ASSERT_TRUE(writer->Publish(record).ok());
  const auto snapshot = writer->Current("wiki");
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  EXPECT_EQ(*(*snapshot)->segments[0].deleted_documents, deleted);

  ++record.generation;
  deleted.add(3);  // there are three documents
  record.segments[0].deleted_documents = EncodeDeleted(deleted);
  ASSERT_TRUE(writer->Publish(record).ok());
  EXPECT_TRUE(absl::IsDataLoss(writer->Current("wiki").status()));
}

TEST(CatalogTest, AliasesNeverHideCollections) {
  const TemporaryDirectory tmp;
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  Extend(*writer, "wiki", {"a"});
  Extend(*writer, "news", {"b"});
  ASSERT_TRUE(writer->SetAlias("live", "wiki").ok());
  ASSERT_TRUE(writer->SetAlias("live", "news").ok());  // moved
  EXPECT_EQ(writer->Get("live")->record.name, "news");
  EXPECT_TRUE(absl::IsAlreadyExists(writer->SetAlias("wiki", "news")));
  EXPECT_TRUE(absl::IsNotFound(writer->SetAlias("live", "none")));
  EXPECT_TRUE(absl::IsInvalidArgument(writer->SetAlias("Live!", "wiki")));
  CollectionRecord record;
  record.name = "live";
  record.generation = 1;
  EXPECT_TRUE(absl::IsAlreadyExists(writer->Publish(record)));
  EXPECT_TRUE(absl::IsInvalidArgument(writer->Drop("live")));
  ASSERT_TRUE(writer->Drop("news").ok());
  EXPECT_TRUE(absl::IsNotFound(writer->Get("live").status()));
  EXPECT_TRUE(absl::IsNotFound(writer->RemoveAlias("live")));
}

TEST(CatalogTest, ADroppedCollectionThatIsMadeAgainIsNotMistakenForTheOldOne) {
  const TemporaryDirectory tmp;
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  Extend(*writer, "wiki", {"a"});
  const auto reader = OpenCatalog(tmp.path(), OpenMode::kRead);
  const auto old = reader->Current("wiki");
  ASSERT_TRUE(old.ok());
  ASSERT_TRUE(writer->Drop("wiki").ok());
  Extend(*writer, "wiki", {"z"});  // same generation, same file name, same counts
  ASSERT_TRUE(reader->Refresh().ok());
  const auto now = reader->Current("wiki");
  ASSERT_TRUE(now.ok()) << now.status();
  EXPECT_EQ(*(*now)->segments[0].segment->Id(0), "z");
  EXPECT_EQ(*(*old)->segments[0].segment->Id(0), "a");
}

TEST(CatalogTest, NamedSnapshotsSurviveWhatHappensToTheirCollection) {
  const TemporaryDirectory tmp;
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  Extend(*writer, "wiki", {"a"});
  ASSERT_TRUE(writer->CreateSnapshot("wiki", "monday").ok());
  EXPECT_TRUE(absl::IsAlreadyExists(writer->CreateSnapshot("wiki", "monday")));
  CollectionRecord record = NextGeneration(*writer, "wiki", {"b"});
  record.segments.erase(record.segments.begin());
  ASSERT_TRUE(writer->Publish(record).ok());
  const auto named = writer->Named("wiki", "monday");
  ASSERT_TRUE(named.ok()) << named.status();
  EXPECT_EQ(*(*named)->segments[0].segment->Id(0), "a");
  EXPECT_THAT(writer->Get("wiki")->snapshots, ElementsAre("monday"));

  ASSERT_TRUE(writer->RestoreSnapshot("wiki", "monday", "").ok());
  const auto restored = writer->Current("wiki");
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ((*restored)->generation, 3u);
  EXPECT_EQ(*(*restored)->segments[0].segment->Id(0), "a");
  EXPECT_THAT(FilesIn(tmp.path() + "/collections/wiki"), ElementsAre("00000003.seg"));

  ASSERT_TRUE(writer->Drop("wiki").ok());
  EXPECT_THAT(Message(writer->Get("wiki").status()), HasSubstr("monday"));
  ASSERT_TRUE(writer->RestoreSnapshot("wiki", "monday", "copy").ok());
  EXPECT_EQ((*writer->Current("copy"))->collection, "copy");
  EXPECT_TRUE(absl::IsAlreadyExists(writer->RestoreSnapshot("wiki", "monday", "copy")));
  ASSERT_TRUE(writer->DropSnapshot("wiki", "monday").ok());
  EXPECT_TRUE(absl::IsNotFound(writer->Named("wiki", "monday").status()));
  EXPECT_THAT(FilesIn(tmp.path() + "/snapshots/wiki"), IsEmpty());
}

TEST(CatalogTest, ASnapshotDirectoryThatWasNeverCommittedIsRemovedByTheNextWriter) {
  const TemporaryDirectory tmp;
  OpenCatalog(tmp.path(), OpenMode::kWrite);
  ASSERT_TRUE(base::CreateDirectories(tmp.path() + "/snapshots/wiki/half").ok());
  OpenCatalog(tmp.path(), OpenMode::kWrite);
  EXPECT_THAT(FilesIn(tmp.path() + "/snapshots/wiki"), IsEmpty());
}

TEST(CatalogTest, VerifyNamesTheFileThatIsDamaged) {
  const TemporaryDirectory tmp;
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  Extend(*writer, "wiki", {"a", "b"});
  Extend(*writer, "wiki", {"c"});
  const std::string path = tmp.path() + "/collections/wiki/00000002.seg";
  std::string bytes = *base::ReadFile(path);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  std::ofstream(path, std::ios::binary) << bytes;
  const auto checks = writer->Verify("wiki");
  ASSERT_TRUE(checks.ok());
  ASSERT_EQ(checks->size(), 2u);
  EXPECT_TRUE((*checks)[0].status.ok()) << (*checks)[0].status;
  EXPECT_EQ((*checks)[1].file, "collections/wiki/00000002.seg");
  EXPECT_TRUE(absl::IsDataLoss((*checks)[1].status)) << (*checks)[1].status;
}

TEST(CatalogTest, ADamagedCatalogIsAnErrorAndNeverACrash) {
  const TemporaryDirectory tmp;
  {
    const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
    for (int i = 0; i < 20; ++i) Extend(*writer, absl::StrCat("c", i), {"a"});
  }
  OpenCatalog(tmp.path(), OpenMode::kWrite);  // moves the records from the log to a table file
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  const std::string catalog = tmp.path() + "/catalog";
  for (const std::string& file : FilesIn(catalog)) {
    const std::string path = absl::StrCat(catalog, "/", file);
    const std::string whole = base::ReadFile(path).value_or("");
    if (whole.empty()) continue;
    for (int round = 0; round < 5; ++round) {
      std::string damaged = whole;
      damaged[random() % damaged.size()] ^= static_cast<char>(1 + random() % 255);
      std::ofstream(path, std::ios::binary) << damaged;
      const auto reader = Catalog::Open(tmp.path(), OpenMode::kRead);
      if (reader.ok()) (*reader)->List().status().IgnoreError();
    }
    std::ofstream(path, std::ios::binary) << whole;
  }
  EXPECT_EQ(OpenCatalog(tmp.path(), OpenMode::kRead)->List()->size(), 20u);
}

// The writer replaces every file at every publish; readers that open, refresh and read meanwhile
// must never fail and never go back.
TEST(CatalogTest, ReadersNeverFailWhileGenerationsComeAndGo) {
  const TemporaryDirectory tmp;
  const auto writer = OpenCatalog(tmp.path(), OpenMode::kWrite);
  Extend(*writer, "wiki", {"1"});
  std::atomic<bool> done = false;
  std::atomic<uint64_t> reads = 0;
  const auto read = [&](bool reopen) {
    auto reader = OpenCatalog(tmp.path(), OpenMode::kRead);
    uint64_t last = 0;
    do {  // at least once, however late the thread is started
      if (reopen) {
        reader = OpenCatalog(tmp.path(), OpenMode::kRead);
      } else {
        EXPECT_TRUE(reader->Refresh().ok());
      }
      const auto snapshot = reader->Current("wiki");
      ASSERT_TRUE(snapshot.ok()) << snapshot.status();
      EXPECT_GE((*snapshot)->generation, last);
      last = (*snapshot)->generation;
      EXPECT_EQ(*(*snapshot)->segments[0].segment->Id(0), absl::StrCat(last));
      ++reads;
    } while (!done);
  };
  std::thread refreshing(read, false);
  std::thread reopening(read, true);
  for (int generation = 2; generation <= 60; ++generation) {
    CollectionRecord record = NextGeneration(*writer, "wiki", {absl::StrCat(generation)});
    record.segments.erase(record.segments.begin());
    const absl::Status status = writer->Publish(record);
    EXPECT_TRUE(status.ok()) << status;
    absl::SleepFor(absl::Milliseconds(generation % 4));
  }
  done = true;
  refreshing.join();
  reopening.join();
  EXPECT_GT(reads, 0u);
}

TEST(ValidateNameTest, AllowsWhatCanBeAFolderAndNothingElse) {
  EXPECT_TRUE(ValidateName("collection", "wiki-2.en_us").ok());
  for (const char* name : {"", ".hidden", "..", "a/b", "Wiki", "a b", "größe"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ValidateName("collection", name))) << name;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(ValidateName("collection", std::string(129, 'a'))));
}

}  // namespace
}  // namespace foraker::index
