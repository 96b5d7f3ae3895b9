// Rebuilding collections that are written to.

#include "retrieval/rebuild.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/string_view.h"
#include "retrieval/snapshot_difference.h"
#include "tests/retrieval/live_directory.h"
#include "tests/retrieval/model_fixtures.h"

namespace foraker::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class RebuildTest : public ::testing::Test {
 protected:
  RebuildTest() {
    live_.Create("books-1");
    EXPECT_TRUE(live_.admin().SetAlias("books", "books-1").ok());
  }

  static RebuildRequest Request(SettingChanges settings = {}) {
    RebuildRequest request;
    request.alias = "books";
    request.new_collection = "books-2";
    request.settings = std::move(settings);
    return request;
  }

  absl::Status Rebuild(const RebuildRequest& request, const OnProgress& on_progress = nullptr) {
    return live_.admin().Rebuild(request, on_progress, &cancel_);
  }

  // Every live document: id to text and version.
  std::map<std::string, std::pair<std::string, uint64_t>> Documents(const std::string& name) {
    std::map<std::string, std::pair<std::string, uint64_t>> documents;
    ListRequest request;
    request.collection = name;
    request.page_size = 100;
    request.with_text = true;
    do {
      const auto page = live_.searcher().List(request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return documents;
      for (const DocumentView& document : page->documents) {
        EXPECT_TRUE(documents.try_emplace(document.id, document.text, document.version).second);
      }
      request.page_token = page->next_page_token;
    } while (!request.page_token.empty());
    return documents;
  }

  LiveDirectory live_;
  std::atomic<bool> cancel_ = false;
};

TEST_F(RebuildTest, TheAliasMovesToTheSameDocumentsInOtherPassages) {
  std::string text;
  for (int i = 0; i < 200; ++i) absl::StrAppend(&text, "The whale number ", i, " swims. ");
  live_.Write("books", {Put("a", text, {{"year", {int64_t{1851}}}}), Put("b", "shark")});
  live_.Write("books", {Delete("b"), Put("c", "squid")});
  const auto before = Documents("books");
  const absl::Status rebuilt = Rebuild(Request({{"document.passage_tokens", "32"}}));
  ASSERT_TRUE(rebuilt.ok()) << rebuilt;
  const CollectionSummary summary = live_.Describe("books");
  EXPECT_EQ(summary.name, "books-2");
  EXPECT_GT(summary.passages, live_.Describe("books-1").passages);
  EXPECT_GT(summary.idf_version, 0u);
  EXPECT_EQ(Documents("books"), before);
  EXPECT_THAT(live_.Get("books", "a").fields,
              ElementsAre(std::pair("year", std::vector<Value>{int64_t{1851}})));
  // The old one stays as it was, and the new one is written to.
  EXPECT_EQ(live_.Describe("books-1").documents, 2u);
  live_.Write("books", {If(before.at("c").second, Put("c", "octopus"))});
  EXPECT_THAT(live_.Find("books", "octopus"), ElementsAre("c"));
  EXPECT_FALSE(base::FileExists(live_.catalog()->CollectionDir("books-2") + "/rebuild"));
}

TEST_F(RebuildTest, ABuiltInEncoderIsReplacedByANeuralOne) {
  live_.Write("books", {Put("a", "the blue boat"), Put("b", "a bear")});
  RebuildRequest request = Request({{"document.passage_tokens", "16"}});
  request.encoder = ModelDirectory();
  const absl::Status rebuilt = Rebuild(request);
  ASSERT_TRUE(rebuilt.ok()) << rebuilt;
  EXPECT_THAT(live_.Describe("books").encoder, HasSubstr(ModelDirectory()));
  EXPECT_EQ(live_.Find("books", "boat").front(), "a");
  live_.Write("books", {Put("c", "boat boat boat")});
  EXPECT_EQ(live_.Describe("books").documents, 3u);
}

TEST_F(RebuildTest, AnEmptyCollectionIsRebuiltToo) {
  const absl::Status rebuilt = Rebuild(Request());
  ASSERT_TRUE(rebuilt.ok()) << rebuilt;
  live_.Write("books", {Put("a", "whale")});
  EXPECT_THAT(live_.Find("books", "whale"), ElementsAre("a"));
}

TEST_F(RebuildTest, ARequestThatIsSentAgainAfterTheMoveIsRecognised) {
  WriteRequest request;
  request.collection = "books";
  request.request_id = "r";
  request.writes = {Put("a", "whale")};
  const auto first = live_.writer().Write(request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(Rebuild(Request()).ok());
  live_.Write("books", {Put("a", "shark")});
  const auto again = live_.writer().Write(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->outcomes[0].version, first->outcomes[0].version);
  EXPECT_THAT(live_.Find("books", "shark"), ElementsAre("a"));
}

TEST_F(RebuildTest, WhatCannotBeRebuiltIsRefused) {
  RebuildRequest own_name = Request();
  own_name.alias = "books-1";
  EXPECT_EQ(Rebuild(own_name).code(), absl::StatusCode::kInvalidArgument);
  RebuildRequest taken = Request();
  taken.new_collection = "books-1";
  EXPECT_EQ(Rebuild(taken).code(), absl::StatusCode::kAlreadyExists);
  RebuildRequest vectors = Request();
  vectors.encoder = "vectors";
  EXPECT_EQ(Rebuild(vectors).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Rebuild(Request({{"document.k3", "1"}})).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(base::FileExists(live_.catalog()->CollectionDir("books-2")));
}

TEST_F(RebuildTest, ACancelledRebuildLeavesNothing) {
  std::vector<DocumentWrite> writes;
  for (int i = 0; i < 900; ++i) writes.push_back(Put(absl::StrCat("d", i), "whale"));
  live_.Write("books", writes);
  const absl::Status cancelled = Rebuild(Request(), [this](const Progress&) { cancel_ = true; });
  EXPECT_EQ(cancelled.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(live_.Describe("books").name, "books-1");
  EXPECT_FALSE(live_.searcher().Describe("books-2").ok());
  EXPECT_FALSE(base::FileExists(live_.catalog()->CollectionDir("books-2")));
  cancel_ = false;
  ASSERT_TRUE(Rebuild(Request()).ok());
  EXPECT_EQ(live_.Describe("books").documents, 900u);
}

TEST_F(RebuildTest, ARebuildThatNobodyNamesIsReplacedAndOneThatWasUsedIsNot) {
  live_.Write("books", {Put("a", "whale")});
  ASSERT_TRUE(Rebuild(Request()).ok());
  EXPECT_EQ(Rebuild(Request()).code(), absl::StatusCode::kAlreadyExists) << "the alias names it";
  ASSERT_TRUE(live_.admin().SetAlias("books", "books-1").ok());
  live_.Write("books", {Put("b", "shark")});
  const absl::Status replaced = Rebuild(Request());
  ASSERT_TRUE(replaced.ok()) << replaced;
  EXPECT_EQ(live_.Describe("books-2").documents, 2u);
  ASSERT_TRUE(live_.admin().SetAlias("books", "books-1").ok());
  live_.Write("books-2", {Put("c", "squid")});
  EXPECT_EQ(Rebuild(Request()).code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(RebuildTest, WritersGoOnThroughTheMoveAndNothingIsLostOrKept) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  constexpr int kWriters = 3;
  std::vector<DocumentWrite> first;
  for (int i = 0; i < 900; ++i) first.push_back(Put(absl::StrCat("0-", i), absl::StrCat("w", i)));
  live_.Write("books", first);

  // Each writer owns its ids, so it knows what must be there.
  std::atomic<bool> done = false;
  std::vector<std::map<std::string, std::string>> models(kWriters);
  for (int i = 0; i < 900; ++i) models[0][absl::StrCat("0-", i)] = absl::StrCat("w", i);
  std::atomic<int> failures = 0;
  std::atomic<uint64_t> conditional = 0;
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      std::mt19937_64 random(seed + static_cast<uint64_t>(w));
      std::map<std::string, std::string>& model = models[static_cast<size_t>(w)];
      std::map<std::string, uint64_t> versions;
      while (!done) {
        const std::string id = absl::StrCat(w, "-", random() % 1'000);
        const std::string text = absl::StrCat("text", random() % 1'000);
        DocumentWrite write = Put(id, text);
        const bool erase = model.contains(id) && random() % 4 == 0;
        if (erase) write = Delete(id);
        if (versions.contains(id)) {
          write.if_version = versions[id];
          ++conditional;
        }
        WriteRequest request;
        request.collection = "books";
        request.writes = {write};
        request.wait_for = random() % 2 == 0 ? WriteWait::kLog : WriteWait::kSearchable;
        const auto reply = live_.writer().Write(request);
        if (!reply.ok() || !reply->outcomes[0].status.ok()) {
          ++failures;
          ADD_FAILURE() << (reply.ok() ? reply->outcomes[0].status : reply.status()) << " " << id;
          continue;
        }
        if (erase) {
          model.erase(id);
          versions.erase(id);
        } else {
          model[id] = text;
          versions[id] = reply->outcomes[0].version;
        }
      }
    });
  }
  std::vector<absl::Status> rebuilt;
  for (int round = 2; round < 5; ++round) {
    RebuildRequest request;
    request.alias = "books";
    request.new_collection = absl::StrCat("books-", round);
    rebuilt.push_back(Rebuild(request));
  }
  done = true;
  for (std::thread& writer : writers) writer.join();
  for (const absl::Status& status : rebuilt) EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(failures, 0);
  EXPECT_GT(conditional, 0u);
  EXPECT_EQ(live_.Describe("books").name, "books-4");

  ASSERT_TRUE(live_.admin().Flush("books").ok());
  std::map<std::string, std::string> expected;
  for (const auto& model : models) expected.insert(model.begin(), model.end());
  std::map<std::string, std::string> found;
  for (const auto& [id, document] : Documents("books")) found[id] = document.first;
  EXPECT_EQ(found, expected);
}

TEST_F(RebuildTest, TheDifferenceOfSnapshotsIsWhatWasWrittenBetweenThem) {
  const auto newest = [&] {
    auto snapshot = live_.store().Newest("books");
    EXPECT_TRUE(snapshot.ok()) << snapshot.status();
    return *snapshot;
  };
  live_.Write("books", {Put("a", "1"), Put("b", "1"), Put("c", "1"), Put("d", "1")});
  const auto older = newest();
  live_.Write("books", {Put("b", "2"), Delete("c"), Put("e", "1"), Put("f", "1")});
  live_.Write("books", {Delete("f"), Delete("d"), Put("d", "2")});
  for (const bool compacted : {false, true}) {
    if (compacted) {
      ASSERT_TRUE(live_.admin().Compact("books").ok());
    }
    const auto newer = newest();
    const auto difference = Difference(*older, *newer);
    ASSERT_TRUE(difference.ok()) << difference.status();
    std::vector<std::string> changed;
    for (const DocumentAddress& address : difference->changed) {
      changed.emplace_back(*newer->segments[address.segment].segment->Id(address.document));
    }
    EXPECT_THAT(changed, UnorderedElementsAre("b", "d", "e"));
    EXPECT_THAT(difference->deleted, ElementsAre("c"));
  }
}

}  // namespace
}  // namespace foraker::retrieval
