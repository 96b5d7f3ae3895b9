// Collections as wholes: made, changed, saved, restored, attached to.

#include "retrieval/local_administrator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/directory.h"
#include "base/file.h"
#include "base/string_view.h"
#include "index/store/named_snapshots.h"
#include "retrieval/maintenance.h"
#include "tests/retrieval/live_directory.h"
#include "tests/retrieval/model_fixtures.h"

namespace foraker::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

void ExpectError(const absl::Status& status, absl::StatusCode code, const std::string& message) {
  EXPECT_EQ(status.code(), code) << status;
  EXPECT_THAT(std::string(base::ToStd(status.message())), HasSubstr(message));
}

class LocalAdministratorTest : public ::testing::Test {
 protected:
  CollectionSettings Settings(const std::string& collection) {
    const auto settings = CollectionSettings::FromJson(live_.Describe(collection).settings_json);
    EXPECT_TRUE(settings.ok()) << settings.status();
    return settings.ok() ? *settings : CollectionSettings();
  }

  LiveDirectory live_;
};

TEST_F(LocalAdministratorTest, AnEmptyCollectionHasWhatItsMakerAskedFor) {
  CreateRequest request;
  request.collection = "books";
  request.settings = {{"document.passage_tokens", "128"}, {"query.stem_weight", "0.5"}};
  request.fields = {{"year", "integer"}};
  ASSERT_TRUE(live_.admin().CreateCollection(request).ok());
  const CollectionSettings settings = Settings("books");
  EXPECT_EQ(settings.document.passage_tokens, 128u);
  EXPECT_EQ(settings.document.reference_length, kTypicalReferenceLength);
  EXPECT_FALSE(settings.document.fingerprint.empty());
  EXPECT_EQ(settings.query.stem_weight, 0.5f);
  EXPECT_THAT(live_.Describe("books").fields, ElementsAre(std::pair("year", "integer")));
  EXPECT_THAT(live_.Find("books", "anything"), IsEmpty());
  ExpectError(live_.admin().CreateCollection(request), absl::StatusCode::kAlreadyExists, "books");
}

TEST_F(LocalAdministratorTest, WhatACollectionCannotBeIsRefusedByName) {
  const auto create = [&](SettingChanges settings, SettingChanges fields = {}) {
    CreateRequest request;
    request.collection = "books";
    request.settings = std::move(settings);
    request.fields = std::move(fields);
    return live_.admin().CreateCollection(request);
  };
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  ExpectError(create({{"document.k2", "1"}}), kInvalid, "unknown setting document.k2");
  ExpectError(create({{"document.k1", "much"}}), kInvalid, "document.k1: expected a number");
  ExpectError(create({{"document.k1", "-1"}}), kInvalid, "document.k1");
  ExpectError(create({{"document.fingerprint", "00"}}), kInvalid, "document.fingerprint");
  ExpectError(create({{"origin.sequence", "1"}}), kInvalid, "origin.sequence");
  ExpectError(create({}, {{"year", "number"}}), kInvalid, "fields: \"year\"");
  CreateRequest request;
  request.collection = "Books";
  ExpectError(live_.admin().CreateCollection(request), kInvalid, "Books");
  request.collection = "books";
  request.encoder = "/no/such/model";
  ExpectError(live_.admin().CreateCollection(request), absl::StatusCode::kNotFound, "encoder");
  EXPECT_EQ(live_.searcher().Describe("books").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(LocalAdministratorTest, ANeuralCollectionFixesItsEncoderAndKeepsItsTable) {
  CreateRequest request;
  request.collection = "books";
  request.encoder = ModelDirectory();
  request.settings = {{"document.passage_tokens", "16"}};
  const absl::Status created = live_.admin().CreateCollection(request);
  ASSERT_TRUE(created.ok()) << created;
  const DocumentSide document = Settings("books").document;
  EXPECT_FALSE(document.encoder_fingerprint.empty());
  EXPECT_NE(document.precision, EncoderPrecision::kAuto);
  EXPECT_EQ(document.encoder[0], '/');
  EXPECT_TRUE(
      base::FileExists(absl::StrCat(live_.data_dir(), "/encoders/", document.encoder_fingerprint)));
  live_.Write("books", {Put("a", "the blue boat"), Put("b", "a bear")});
  EXPECT_EQ(live_.Find("books", "boat").front(), "a");
}

TEST_F(LocalAdministratorTest, SettingsOfQueriesChangeAndThoseOfDocumentsDoNot) {
  live_.Create("books");
  live_.Write("books", {Put("a", "whale")});
  ASSERT_TRUE(
      live_.admin()
          .UpdateSettings("books", {{"query.title_weight", "0.5"}, {"writes.sync", "false"}})
          .ok());
  EXPECT_EQ(Settings("books").query.title_weight, 0.5f);
  EXPECT_FALSE(Settings("books").writes.sync);
  EXPECT_THAT(live_.Find("books", "whale"), ElementsAre("a"));
  live_.Write("books", {Put("b", "whale")});
  EXPECT_THAT(live_.Find("books", "whale"), UnorderedElementsAre("a", "b"));
  ExpectError(live_.admin().UpdateSettings("books", {{"document.k1", "2"}}),
              absl::StatusCode::kInvalidArgument, "document.k1: it is fixed");
}

TEST_F(LocalAdministratorTest, StatisticsArePublishedWhenAsked) {
  live_.Create("books", {{"query.idf", "manual"}});
  live_.Write("books", {Put("a", "whale"), Put("b", "shark")});
  ASSERT_TRUE(live_.admin().Flush("books").ok());
  EXPECT_EQ(live_.Describe("books").idf_version, 0u);
  ASSERT_TRUE(live_.admin().PublishIdf("books").ok());
  const CollectionSummary summary = live_.Describe("books");
  EXPECT_EQ(summary.idf_version, summary.generation);
  SearchRequest request;
  request.collection = "books";
  request.query = TextQuery{.text = "whale zebra", .stem_weight = {}, .title_weight = {}};
  const auto found = live_.searcher().Search(request);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->terms_known, 1u);
}

TEST_F(LocalAdministratorTest, ASnapshotHasEverythingAcknowledgedBeforeAndIsRestored) {
  live_.Create("books");
  live_.Write("books", {Put("a", "whale"), Put("b", "whale")}, WriteWait::kLog);
  ASSERT_TRUE(live_.admin().CreateSnapshot("books", "monday").ok());
  const uint64_t version =
      live_.Write("books", {Put("a", "shark"), Delete("b")}).outcomes[0].version;

  ASSERT_TRUE(live_.admin().RestoreSnapshot("books", "monday", "old-books").ok());
  EXPECT_THAT(live_.Find("old-books", "whale"), UnorderedElementsAre("a", "b"));
  EXPECT_THAT(live_.Find("books", "whale"), IsEmpty());

  ASSERT_TRUE(live_.admin().RestoreSnapshot("books", "monday", "").ok());
  EXPECT_THAT(live_.Find("books", "whale"), UnorderedElementsAre("a", "b"));
  // Versions are not used twice.
  EXPECT_GT(live_.Write("books", {Put("a", "squid")}).outcomes[0].version, version);
  live_.Reopen();
  EXPECT_THAT(live_.Find("books", "squid"), ElementsAre("a"));
  EXPECT_TRUE(live_.admin().DropSnapshot("books", "monday").ok());
  ExpectError(live_.admin().RestoreSnapshot("books", "monday", ""), absl::StatusCode::kNotFound,
              "monday");
}

TEST_F(LocalAdministratorTest, ASnapshotsDirectoryIsABackupForAnotherDataDirectory) {
  CreateRequest create;
  create.collection = "books";
  create.encoder = ModelDirectory();
  create.settings = {{"document.passage_tokens", "16"}};
  ASSERT_TRUE(live_.admin().CreateCollection(create).ok());
  live_.Write("books", {Put("a", "the blue boat"), Put("b", "a bear")});
  const std::vector<std::string> before = live_.Find("books", "boat");
  ASSERT_TRUE(live_.admin().CreateSnapshot("books", "monday").ok());

  LiveDirectory other;
  const std::string directory = index::SnapshotDir(live_.data_dir(), "books", "monday");
  const absl::Status imported = other.admin().ImportSnapshot(directory, "copy");
  ASSERT_TRUE(imported.ok()) << imported;
  EXPECT_EQ(other.Find("copy", "boat"), before);
  other.Write("copy", {Put("c", "blue boat boat")});
  EXPECT_EQ(other.Describe("copy").documents, 3u);
  ExpectError(other.admin().ImportSnapshot(directory, "copy"), absl::StatusCode::kAlreadyExists,
              "copy");
  ExpectError(other.admin().ImportSnapshot(live_.data_dir(), "none"),
              absl::StatusCode::kInvalidArgument, "named snapshot");
}

TEST_F(LocalAdministratorTest, CompactingLeavesOneSegmentWithoutWhatWasDeleted) {
  live_.Create("books");
  for (int i = 0; i < 5; ++i) {
    live_.Write("books", {Put(absl::StrCat("d", i), "whale"), Put("same", "whale")});
    ASSERT_TRUE(live_.admin().Flush("books").ok());
  }
  live_.Write("books", {Delete("d0")});
  ASSERT_TRUE(live_.admin().Compact("books").ok());
  const CollectionSummary summary = live_.Describe("books");
  EXPECT_EQ(summary.segments, 1u);
  EXPECT_EQ(summary.documents, 5u);
  EXPECT_THAT(live_.Find("books", "whale"), UnorderedElementsAre("d1", "d2", "d3", "d4", "same"));
}

// ---- shards ----

class AttachLiveTest : public LocalAdministratorTest {
 protected:
  AttachLiveTest() {
    const std::string input =
        live_.files().Write("in", RandomLines(5, {.lines = 300, .distinct_ids = 300, .words = 20}));
    for (uint32_t i = 0; i < 2; ++i) {
      BatchBuildOptions options = BuildOf({input});
      options.shard = {i, 2};
      shards_.push_back(live_.files().Path(absl::StrCat("shard-", i)));
      EXPECT_TRUE(Build(shards_.back(), options).ok());
    }
  }

  std::vector<std::string> shards_;
};

TEST_F(AttachLiveTest, ShardsBecomeACollectionThatIsWrittenTo) {
  const AttachRequest request{.collection = "c", .directories = shards_};
  const absl::Status attached = live_.admin().Attach(request);
  ASSERT_TRUE(attached.ok()) << attached;
  EXPECT_EQ(live_.Describe("c").documents, 300u);
  live_.Write("c", {Put("d0", "whale"), Put("new", "whale")});
  EXPECT_THAT(live_.Find("c", "whale"), UnorderedElementsAre("d0", "new"));
  EXPECT_EQ(live_.Describe("c").documents, 301u);
}

TEST_F(AttachLiveTest, AttachingTheSameShardsAgainEndsInTheSameDocuments) {
  const AttachRequest request{.collection = "c", .directories = shards_};
  ASSERT_TRUE(live_.admin().Attach(request).ok());
  const std::vector<std::string> found = live_.Find("c", "w0 w12", 50);
  live_.Write("c", {Put("extra", "whale")});
  for (int again = 0; again < 2; ++again) {
    ASSERT_TRUE(live_.admin().Attach(request).ok());
    live_.Reopen();
    EXPECT_EQ(live_.Describe("c").documents, 301u);
    EXPECT_EQ(live_.Find("c", "w0 w12", 50), found);
    EXPECT_THAT(live_.Find("c", "whale"), ElementsAre("extra"));
  }
}

TEST_F(AttachLiveTest, AShardWithWritesInItsLogIsRefused) {
  {
    LiveDirectory shard;
    shard.Create("c");
    shard.Write("c", {Put("a", "whale")});
    ExpectError(live_.admin().Attach({.collection = "c", .directories = {shard.data_dir()}}),
                absl::StatusCode::kFailedPrecondition, "log");
  }
  EXPECT_EQ(live_.searcher().Describe("c").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(AttachLiveTest, OnlyDirectoriesBelowTheImportRootAreTaken) {
  LocalAdministratorOptions options;
  options.import_root = live_.files().Path("imports");
  ASSERT_TRUE(base::CreateDirectories(options.import_root).ok());
  LiveDirectory confined({}, {}, options);
  const std::string link = options.import_root + "/link";
  ASSERT_EQ(symlink(shards_[0].c_str(), link.c_str()), 0);
  const std::string up = options.import_root + "/../shard-0";
  for (const std::string& directory : {shards_[0], link, up, options.import_root}) {
    ExpectError(confined.admin().Attach({.collection = "c", .directories = {directory}}),
                absl::StatusCode::kInvalidArgument, "import_root");
    ExpectError(confined.admin().ImportSnapshot(directory, "c"), absl::StatusCode::kInvalidArgument,
                "import_root");
  }
  const std::string inside = options.import_root + "/shard";
  ASSERT_EQ(rename(shards_[1].c_str(), inside.c_str()), 0);
  EXPECT_TRUE(confined.admin().Attach({.collection = "c", .directories = {inside}}).ok());
}

TEST_F(LocalAdministratorTest, MaintenancePublishesWhatEarlierWritersLeftInTheLog) {
  live_.Create("books");
  const std::string dir = live_.data_dir();
  live_.Write("books", {Put("a", "whale")}, WriteWait::kLog);
  ExpectError(OpenForMaintenance(dir).status(), absl::StatusCode::kFailedPrecondition, "");
  live_.Close();
  {
    const auto catalog = OpenForMaintenance(dir);
    ASSERT_TRUE(catalog.ok()) << catalog.status();
    const auto info = (*catalog)->Get("books");
    ASSERT_TRUE(info.ok()) << info.status();
    EXPECT_EQ(info->record.segments.size(), 1u);
    const auto log = (*catalog)->ReadLog("books", info->record.sequence);
    ASSERT_TRUE(log.ok()) << log.status();
    EXPECT_THAT(*log, IsEmpty());
  }
  live_.Reopen();
  EXPECT_THAT(live_.Find("books", "whale"), ElementsAre("a"));
}

}  // namespace
}  // namespace foraker::retrieval
