// The mark of what was acknowledged: files that hold less are refused, whatever cut them short, and
// what was never acknowledged may be missing.

#include "index/store/acknowledged_mark.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/directory.h"
#include "base/file.h"
#include "base/string_view.h"
#include "index/store/catalog.h"
#include "tests/support/temporary_directory.h"

namespace foraker::index {
namespace {

using ::testing::HasSubstr;

absl::Status Append(Catalog& catalog, uint64_t sequence, bool sync = true) {
  const std::string payload = absl::StrCat("payload ", sequence, std::string(300, '.'));
  return catalog.AppendLog("wiki", {{sequence, payload}}, {}, {}, sync);
}

class AcknowledgedMarkTest : public ::testing::Test {
 protected:
  // The log of a collection that is not there would be removed.
  void SetUp() override {
    const auto writer = OpenWriter();
    CollectionRecord record;
    record.name = "wiki";
    record.generation = 1;
    ASSERT_TRUE(base::CreateDirectories(writer->CollectionDir("wiki")).ok());
    ASSERT_TRUE(writer->Publish(record).ok());
  }

  std::unique_ptr<Catalog> OpenWriter() {
    auto catalog = Catalog::Open(data_.path(), OpenMode::kWrite);
    EXPECT_TRUE(catalog.ok()) << catalog.status();
    return catalog.ok() ? *std::move(catalog) : nullptr;
  }

  // Entries that a reader finds, or why it finds none.
  absl::StatusOr<size_t> Entries() {
    const auto catalog = Catalog::Open(data_.path(), OpenMode::kRead);
    if (!catalog.ok()) return catalog.status();
    const auto entries = (*catalog)->ReadLog("wiki", 0);
    if (!entries.ok()) return entries.status();
    return entries->size();
  }

  // The last of the catalog's files whose names begin and end so; RocksDB numbers them.
  std::string Newest(std::string_view begin, std::string_view end) {
    std::string newest;
    const auto names = base::ListDirectory(data_.path() + "/catalog");
    EXPECT_TRUE(names.ok()) << names.status();
    for (const std::string& name : names.value_or(std::vector<std::string>())) {
      if (name.starts_with(begin) && name.ends_with(end)) newest = name;
    }
    return absl::StrCat(data_.path(), "/catalog/", newest);
  }
  std::string Log() { return Newest("0", ".log"); }
  std::string Mark() { return data_.path() + "/ACKNOWLEDGED"; }

  static void Replace(const std::string& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }

  // Readers and the writer refuse and name `named`; with what was there before, both open.
  void ExpectRefused(const std::string& path, std::string_view damaged, const std::string& named) {
    const std::string whole = *base::ReadFile(path);
    const size_t expected = *Entries();
    Replace(path, damaged);
    for (const OpenMode mode : {OpenMode::kRead, OpenMode::kWrite}) {
      const absl::Status status = Catalog::Open(data_.path(), mode).status();
      EXPECT_TRUE(absl::IsDataLoss(status)) << status;
      EXPECT_THAT(std::string(base::ToStd(status.message())), HasSubstr(named));
    }
    Replace(path, whole);
    const absl::StatusOr<size_t> entries = Entries();
    ASSERT_TRUE(entries.ok()) << entries.status();
    EXPECT_EQ(*entries, expected);
  }

  const TemporaryDirectory data_;
};

TEST_F(AcknowledgedMarkTest, ALogThatIsCutAnywhereIsRefused) {
  {
    const auto writer = OpenWriter();
    for (uint64_t i = 1; i <= 5; ++i) ASSERT_TRUE(Append(*writer, i).ok());
  }
  const std::string whole = *base::ReadFile(Log());
  ASSERT_GT(whole.size(), 1500u);
  for (size_t length = 0; length < whole.size(); length += whole.size() / 9) {
    SCOPED_TRACE(length);
    ExpectRefused(Log(), whole.substr(0, length), ".log");
  }
  ExpectRefused(Log(), whole.substr(0, whole.size() - 1), ".log");
  EXPECT_EQ(Catalog::Open(data_.path(), OpenMode::kWrite).status(), absl::OkStatus());
  EXPECT_EQ(*Entries(), 5u);
}

TEST_F(AcknowledgedMarkTest, ALogThatIsMissingIsRefused) {
  {
    const auto writer = OpenWriter();
    for (uint64_t i = 1; i <= 5; ++i) ASSERT_TRUE(Append(*writer, i).ok());
  }
  ASSERT_TRUE(base::RemoveFile(Log()).ok());
  EXPECT_TRUE(absl::IsDataLoss(Entries().status())) << Entries().status();
}

TEST_F(AcknowledgedMarkTest, WhatWasNotSyncedMayBeMissing) {
  {
    const auto writer = OpenWriter();
    for (uint64_t i = 1; i <= 5; ++i) ASSERT_TRUE(Append(*writer, i).ok());
    for (uint64_t i = 6; i <= 9; ++i) ASSERT_TRUE(Append(*writer, i, false).ok());
  }
  const std::string whole = *base::ReadFile(Log());
  Replace(Log(), whole.substr(0, whole.size() - 20));
  EXPECT_EQ(*Entries(), 8u);
  {
    const auto writer = OpenWriter();
    EXPECT_TRUE(Append(*writer, 9).ok());
  }
  EXPECT_EQ(*Entries(), 9u);
}

TEST_F(AcknowledgedMarkTest, AManifestThatIsCutOrChangedIsRefused) {
  { ASSERT_TRUE(Append(*OpenWriter(), 1).ok()); }
  { ASSERT_TRUE(Append(*OpenWriter(), 2).ok()); }  // the first entry is in a table
  const std::string manifest = Newest("MANIFEST", "");
  const std::string whole = *base::ReadFile(manifest);
  for (size_t at = 0; at < whole.size(); at += whole.size() / 7 + 1) {
    SCOPED_TRACE(at);
    ExpectRefused(manifest, whole.substr(0, at), "MANIFEST");
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 16);
    ExpectRefused(manifest, changed, "MANIFEST");
  }
}

TEST_F(AcknowledgedMarkTest, TablesThatAreWrittenMeanwhileAreCovered) {
  const auto writer = OpenWriter();
  const std::string payload(1 << 20, 'p');
  for (uint64_t i = 1; i <= 16; ++i) {
    ASSERT_TRUE(writer->AppendLog("wiki", {{i, payload}}, {}, {}, true).ok());
    if (i % 4 != 0) continue;
    ASSERT_EQ(*Entries(), i);
  }
  const auto mark = ReadAcknowledged(data_.path());
  ASSERT_TRUE(mark.ok() && mark->has_value()) << mark.status();
  EXPECT_GT((*mark)->wal, 0u);
  EXPECT_GT((*mark)->manifest_bytes, 0u);
}

TEST_F(AcknowledgedMarkTest, EveryOneOfManyWritersIsCovered) {
  std::vector<std::string> names;
  {
    const auto writer = OpenWriter();
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&writer, i] {
        const std::string name = absl::StrCat("c", i);
        for (uint64_t entry = 1; entry <= 20; ++entry) {
          EXPECT_TRUE(
              writer->AppendLog(name, {{entry, name}, {entry + 100, name}}, {}, {}, true).ok());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_GE((*ReadAcknowledged(data_.path()))->sequence, 6u * 20u * 2u);
  const std::string whole = *base::ReadFile(Log());
  ExpectRefused(Log(), whole.substr(0, whole.size() - 1), ".log");
}

TEST_F(AcknowledgedMarkTest, OneDamagedSlotIsAnOlderMarkAndTwoAreAnError) {
  {
    const auto writer = OpenWriter();
    for (uint64_t i = 1; i <= 5; ++i) ASSERT_TRUE(Append(*writer, i).ok());
  }
  const std::string whole = *base::ReadFile(Mark());
  ASSERT_EQ(whole.size(), 1024u);
  std::vector<uint64_t> sequences;
  for (const size_t slot : {size_t{0}, size_t{512}}) {
    std::string damaged = whole;
    ++damaged[slot + 20];
    Replace(Mark(), damaged);
    sequences.push_back((*ReadAcknowledged(data_.path()))->sequence);
    EXPECT_EQ(*Entries(), 5u);
  }
  std::sort(sequences.begin(), sequences.end());
  EXPECT_EQ(sequences[0] + 1, sequences[1]);
  std::string damaged = whole;
  ++damaged[20];
  ++damaged[532];
  ExpectRefused(Mark(), damaged, "/ACKNOWLEDGED is damaged");
  ExpectRefused(Mark(), "", "/ACKNOWLEDGED is damaged");
  ASSERT_TRUE(base::RemoveFile(Mark()).ok());  // as the message says, and as in older directories
  EXPECT_EQ(*Entries(), 5u);
  { ASSERT_TRUE(Append(*OpenWriter(), 6).ok()); }
  EXPECT_TRUE((*ReadAcknowledged(data_.path())).has_value());
}

}  // namespace
}  // namespace foraker::index
