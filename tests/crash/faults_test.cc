// Disks that are full, syncs that fail and blocks that rot: what is not on the disk is not
// acknowledged, what is sound stays readable, and writing goes on when the fault is gone.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/directory.h"
#include "base/file.h"
#include "base/string_view.h"
#include "index/collection/live_store.h"
#include "index/store/catalog.h"
#include "tests/crash/workload.h"
#include "tests/faults/fault_rules.h"
#include "tests/support/temporary_directory.h"

namespace foraker::crash {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAreArray;

bool IsFault(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
}

std::unique_ptr<index::Catalog> OpenCatalog(const std::string& dir, index::OpenMode mode) {
  auto catalog = index::Catalog::Open(dir, mode);
  EXPECT_TRUE(catalog.ok()) << catalog.status();
  return catalog.ok() ? *std::move(catalog) : nullptr;
}

// A live collection of the directory, opened anew with every object.
class Live {
 public:
  explicit Live(const std::string& dir, const index::LiveOptions& options = BusyOptions())
      : catalog_(OpenCatalog(dir, index::OpenMode::kWrite)) {
    auto store = index::LiveStore::Open(catalog_, [options](const auto&) { return options; });
    EXPECT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    auto collection = store_->Find(kCollection);
    EXPECT_TRUE(collection.ok()) << collection.status();
    collection_ = *std::move(collection);
  }

  index::LiveCollection& collection() { return *collection_; }
  index::Catalog& catalog() { return *catalog_; }

  // Puts the group; its new version is known when it succeeds.
  absl::Status Put(const std::string& group, uint64_t content, State& state) {
    index::WriteBatch batch;
    for (const std::string& id : Members(group)) {
      batch.writes.push_back({index::PutDocument{MakeDocument(id, content, 7), {}}, {}});
    }
    const auto result = collection_->Write(std::move(batch), index::WaitFor::kSearchable);
    if (!result.ok()) return result.status();
    Group& put = state[group];
    put = {content, 7, {}};
    for (const index::WriteResult& write : result->results) put.versions.push_back(write.version);
    return absl::OkStatus();
  }

  State Read() {
    const auto state = ReadState(*collection_->Newest());
    EXPECT_TRUE(state.ok()) << state.status();
    return state.ok() ? *state : State();
  }

 private:
  std::shared_ptr<index::Catalog> catalog_;
  std::unique_ptr<index::LiveStore> store_;
  std::shared_ptr<index::LiveCollection> collection_;
};

class FaultsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(MakeCollection(data_.path()).ok()); }

  const TemporaryDirectory data_;
  FaultRules faults_{FaultsFile()};
};

std::vector<std::string> Payloads(const index::Catalog& catalog) {
  std::vector<std::string> payloads;
  const auto entries = catalog.ReadLog(kCollection, 0);
  EXPECT_TRUE(entries.ok()) << entries.status();
  if (!entries.ok()) return payloads;
  for (const index::LogEntry& entry : *entries) {
    payloads.push_back(absl::StrCat(entry.sequence, "=", entry.payload));
  }
  return payloads;
}

class FailingLogTest : public FaultsTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(FailingLogTest, WhatFailsIsNotThereAndTheNextWriteGoesOn) {
  const absl::Time now = absl::Now();
  auto catalog = OpenCatalog(data_.path(), index::OpenMode::kWrite);
  ASSERT_TRUE(catalog->AppendLog(kCollection, {{1, "first"}}, {}, {}, true).ok());
  faults_.Set(GetParam());
  const std::string large(10'000, 'x');
  for (int attempt = 0; attempt < 2; ++attempt) {
    const absl::Status status = catalog->AppendLog(kCollection, {{2, large}, {3, "lost"}},
                                                   {{"request", 1, now, "lost"}}, {}, true);
    EXPECT_TRUE(IsFault(status)) << status;
    EXPECT_THAT(std::string(base::ToStd(status.message())), HasSubstr("/catalog"));
  }
  // What was there can be read all the while, by others too.
  EXPECT_EQ(OpenCatalog(data_.path(), index::OpenMode::kRead)->List()->size(), 1u);
  faults_.Clear();
  const absl::Status again = catalog->AppendLog(kCollection, {{2, "second"}}, {}, {}, true);
  ASSERT_TRUE(again.ok()) << again;
  const std::vector<std::string> expected = {"1=first", "2=second"};
  EXPECT_EQ(Payloads(*catalog), expected);
  EXPECT_TRUE(catalog->ReadRequests(kCollection)->empty());
  EXPECT_EQ(Payloads(*OpenCatalog(data_.path(), index::OpenMode::kRead)), expected);
  catalog = nullptr;
  catalog = OpenCatalog(data_.path(), index::OpenMode::kWrite);
  EXPECT_EQ(Payloads(*catalog), expected);
  EXPECT_TRUE(catalog->ReadRequests(kCollection)->empty());
}

INSTANTIATE_TEST_SUITE_P(Rules, FailingLogTest,
                         ::testing::Values("sync eio path=/catalog/", "write eio path=/catalog/",
                                           "write enospc path=/catalog/",
                                           "write,open,allocate,sync enospc path=/catalog/",
                                           "write short path=.log times=1\n"
                                           "write enospc path=/catalog/",
                                           "all eio path=/catalog/"));

TEST_F(FaultsTest, AShortWriteIsContinued) {
  faults_.Set("write short path=/");
  {
    Live live(data_.path());
    State state;
    for (uint64_t i = 0; i < 30; ++i) {
      const absl::Status put = live.Put(GroupName(0, static_cast<int>(i % 10)), i, state);
      ASSERT_TRUE(put.ok()) << put;
    }
    ASSERT_TRUE(live.collection().Flush().ok());
    EXPECT_EQ(live.Read(), state);
  }
}

// Appends and publishes under faults that come and go, against a model of what was acknowledged.
TEST_F(FaultsTest, AcknowledgedEntriesAndGenerationsSurviveFaultsThatComeAndGo) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  static constexpr const char* kRules[] = {
      "sync eio path=/catalog/ after=1 times=1", "write enospc path=/catalog/ times=2",
      "write short path=.log times=1\nwrite eio path=.log times=1", "rename eio path=/catalog/",
      "open enospc path=/catalog/ after=2"};
  std::vector<std::string> entries;
  uint64_t sequence = 0, generation = 1, failures = 0;
  auto catalog = OpenCatalog(data_.path(), index::OpenMode::kWrite);
  for (int step = 0; step < 400; ++step) {
    if (step % 8 == 0) faults_.Set(kRules[random() % std::size(kRules)]);
    if (step % 8 == 4) faults_.Clear();
    if (step % 40 == 39) {  // never with faults on
      catalog = nullptr;
      catalog = OpenCatalog(data_.path(), index::OpenMode::kWrite);
    }
    absl::Status status;
    if (random() % 6 == 0) {
      index::CollectionRecord record = catalog->Get(kCollection)->record;
      ++record.generation;
      record.sequence = sequence;
      status = catalog->Publish(record);
      if (status.ok()) {
        generation = record.generation;
        entries.clear();
      }
    } else {
      const std::string payload = absl::StrCat("step ", step, std::string(random() % 2000, '.'));
      status = catalog->AppendLog(kCollection, {{sequence + 1, payload}}, {}, {}, true);
      if (status.ok()) entries.push_back(absl::StrCat(++sequence, "=", payload));
    }
    if (!status.ok()) {
      ++failures;
      EXPECT_TRUE(IsFault(status)) << status;
    }
    ASSERT_EQ(catalog->Get(kCollection)->record.generation, generation) << "step " << step;
    if (step % 8 >= 4) {
      // The next write takes back what failed.
      ASSERT_TRUE(catalog->SetAlias("other", kCollection).ok());
      ASSERT_EQ(Payloads(*catalog), entries) << "step " << step;
    }
  }
  EXPECT_GT(failures, 10u);
}

// A live collection on a disk that fails in every place now and then.
TEST_F(FaultsTest, ALiveCollectionLosesNothingToFaultsThatComeAndGo) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  static constexpr const char* kRules[] = {"sync eio path=/catalog/ times=1",
                                           "write enospc path=/catalog/",
                                           "write enospc path=.seg",
                                           "sync eio path=.seg",
                                           "rename eio path=.seg times=1",
                                           "sync eio path=/collections/ after=1 times=1",
                                           "write,open,allocate,link enospc path=/",
                                           "open eio path=.seg"};
  State state;
  uint64_t failures = 0;
  auto live = std::make_unique<Live>(data_.path());
  for (uint64_t step = 0; step < 400 && !HasFatalFailure(); ++step) {
    if (step % 20 == 0) {
      faults_.Set(absl::StrCat(kRules[random() % std::size(kRules)], ""));
    }
    if (step % 20 == 8) faults_.Clear();
    if (step % 100 == 99) {
      live = nullptr;
      live = std::make_unique<Live>(data_.path());
      ASSERT_EQ(live->Read(), state) << "step " << step;
    }
    const absl::Status put = live->Put(GroupName(0, static_cast<int>(random() % 30)), step, state);
    if (!put.ok()) {
      ++failures;
      EXPECT_TRUE(IsFault(put)) << put;
    }
    if (random() % 20 == 0) live->collection().Flush().IgnoreError();
    if (random() % 60 == 0) live->collection().Compact().IgnoreError();
    ASSERT_EQ(live->Read(), state) << "step " << step;  // searches see what was acknowledged
    if (step % 20 == 19) {
      const absl::Status flushed = live->collection().Flush();
      ASSERT_TRUE(flushed.ok()) << flushed;
    }
  }
  EXPECT_GT(failures, 5u);
}

TEST_F(FaultsTest, AFullDiskRefusesWritesAndSearchesGoOn) {
  State state;
  {
    Live live(data_.path());
    for (uint64_t i = 0; i < 20; ++i) {
      ASSERT_TRUE(live.Put(GroupName(0, static_cast<int>(i)), i, state).ok());
    }
    faults_.Set("write,allocate,open enospc path=/foraker-");
    for (int attempt = 0; attempt < 3; ++attempt) {
      const absl::Status status = live.Put(GroupName(0, 1), 100, state);
      EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
      EXPECT_THAT(std::string(base::ToStd(status.message())), HasSubstr("No space"));
    }
    const absl::Status flushed = live.collection().Flush();
    EXPECT_TRUE(IsFault(flushed)) << flushed;
    EXPECT_EQ(live.Read(), state);
  }
  // A process that starts now cannot write, and says why; one that reads can.
  const absl::Status opened = index::Catalog::Open(data_.path(), index::OpenMode::kWrite).status();
  EXPECT_TRUE(absl::IsResourceExhausted(opened)) << opened;
  const auto source =
      index::SnapshotSource::OverCatalog(OpenCatalog(data_.path(), index::OpenMode::kRead));
  const auto newest = source->Newest(kCollection);
  ASSERT_TRUE(newest.ok()) << newest.status();
  EXPECT_EQ(*ReadState(**newest), state);
  faults_.Clear();
  Live live(data_.path());
  EXPECT_EQ(live.Read(), state);
  EXPECT_TRUE(live.Put(GroupName(0, 1), 101, state).ok());
  EXPECT_TRUE(live.collection().Flush().ok());
  EXPECT_EQ(live.Read(), state);
}

TEST_F(FaultsTest, AFlushThatFailsIsReportedAndTriedAgain) {
  index::LiveOptions options = BusyOptions();
  options.flush_interval = absl::Milliseconds(20);
  Live live(data_.path(), options);
  State state;
  faults_.Set("sync eio path=.seg");
  ASSERT_TRUE(live.Put(GroupName(0, 0), 1, state).ok());
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (live.collection().Stats().background_error.ok() && absl::Now() < end) {
    absl::SleepFor(absl::Milliseconds(5));
  }
  EXPECT_FALSE(live.collection().Stats().background_error.ok());
  ASSERT_TRUE(live.Put(GroupName(0, 1), 2, state).ok());  // the log is sound
  EXPECT_EQ(live.Read(), state);
  faults_.Clear();
  EXPECT_TRUE(live.collection().Flush().ok());
  EXPECT_TRUE(live.collection().Stats().background_error.ok());
  EXPECT_EQ(live.Read(), state);
  EXPECT_TRUE(live.catalog().ReadLog(kCollection, 0)->empty());
}

void FlipByte(const std::string& path, uint64_t at, std::mt19937_64& random) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const char before = static_cast<char>(file.get());
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(before ^ static_cast<char>(1 + random() % 255)));
}

TEST_F(FaultsTest, ADamagedSegmentIsNamedAndNeverReadAsSomethingElse) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  State state;
  {
    Live live(data_.path());
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(live.Put(GroupName(0, i), 5, state).ok());
    ASSERT_TRUE(live.collection().Compact().ok());
    ASSERT_TRUE(live.Put(GroupName(1, 0), 6, state).ok());  // in the log
  }
  const auto record = OpenCatalog(data_.path(), index::OpenMode::kRead)->Get(kCollection)->record;
  const std::string file = record.segments.at(0).file;
  const std::string path = absl::StrCat(data_.path(), "/collections/", kCollection, "/", file);
  const std::string whole = *base::ReadFile(path);
  for (int round = 0; round < 40; ++round) {
    FlipByte(path, random() % whole.size(), random);
    auto catalog = index::Catalog::Open(data_.path(), index::OpenMode::kWrite);
    ASSERT_TRUE(catalog.ok()) << catalog.status();
    const auto checks = (*catalog)->Verify(kCollection);
    ASSERT_TRUE(checks.ok());
    for (const index::FileCheck& check : *checks) {
      if (check.file.find(file) == std::string::npos) {
        EXPECT_TRUE(check.status.ok()) << check.status;
      } else if (!check.status.ok()) {
        EXPECT_TRUE(absl::IsDataLoss(check.status)) << check.status;
      }
    }
    auto store =
        index::LiveStore::Open(*std::move(catalog), [](const auto&) { return QuietOptions(); });
    ASSERT_TRUE(store.ok()) << store.status();
    const auto snapshot = (*store)->Newest(kCollection);
    const absl::StatusOr<State> read =
        snapshot.ok() ? ReadState(**snapshot) : absl::StatusOr<State>(snapshot.status());
    if (read.ok()) {
      EXPECT_EQ(*read, state);
    } else {
      EXPECT_TRUE(absl::IsDataLoss(read.status())) << read.status();
    }
    store->reset();
    std::ofstream(path, std::ios::binary) << whole;
  }
  Live live(data_.path());
  EXPECT_EQ(live.Read(), state);
}

// Bytes of RocksDB's files: an error, or everything. A damaged length in the last block of its
// write-ahead log or manifest looks like a record torn by a crash: there the mark of what was
// acknowledged tells (docs/format.md, section 6).
TEST_F(FaultsTest, ADamagedLogIsAnErrorAndNeverALoss) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  std::vector<std::string> entries;
  const auto append = [&](index::Catalog& catalog, uint64_t from, uint64_t to) {
    for (uint64_t sequence = from; sequence < to; ++sequence) {
      const std::string payload = absl::StrCat("payload ", sequence, std::string(2000, '.'));
      ASSERT_TRUE(catalog.AppendLog(kCollection, {{sequence, payload}}, {}, {}, true).ok());
      entries.push_back(absl::StrCat(sequence, "=", payload));
    }
  };
  append(*OpenCatalog(data_.path(), index::OpenMode::kWrite), 1, 20);
  append(*OpenCatalog(data_.path(), index::OpenMode::kWrite), 20, 80);  // the first are in a table
  const std::string folder = data_.path() + "/catalog/";
  const auto names = base::ListDirectory(folder);
  ASSERT_TRUE(names.ok());
  int errors = 0;
  for (const std::string& name : *names) {
    const std::string whole = base::ReadFile(folder + name).value_or("");
    if (whole.empty()) continue;
    for (int round = 0; round < 8; ++round) {
      const size_t last = std::min<size_t>(whole.size(), size_t{32} << 10);
      const size_t from_end = random() % (round % 2 == 0 ? whole.size() : last);
      FlipByte(folder + name, whole.size() - 1 - from_end, random);
      const auto catalog = index::Catalog::Open(data_.path(), index::OpenMode::kRead);
      const auto log = catalog.ok()
                           ? (*catalog)->ReadLog(kCollection, 0)
                           : absl::StatusOr<std::vector<index::LogEntry>>(catalog.status());
      if (log.ok()) {
        EXPECT_EQ(Payloads(**catalog), entries) << name;
      } else {
        ++errors;
        EXPECT_THAT(std::string(base::ToStd(log.status().message())), HasSubstr("/catalog"));
      }
      std::ofstream(folder + name, std::ios::binary) << whole;
    }
  }
  EXPECT_GT(errors, 0);
  EXPECT_EQ(Payloads(*OpenCatalog(data_.path(), index::OpenMode::kWrite)), entries);
}

}  // namespace
}  // namespace foraker::crash
