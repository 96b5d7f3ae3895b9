// Shards of an input, attached, are the single build of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <random>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "index/query/top_k.h"
#include "retrieval/ingest/attach.h"
#include "tests/retrieval/ingest_inputs.h"

namespace foraker::retrieval {
namespace {

using ::testing::HasSubstr;

std::string Message(const absl::Status& status) {
  return std::string(base::ToStd(status.message()));
}

void BuildShards(const IngestDirectory& tmp, const std::string& input, uint32_t count,
                 std::vector<std::string>& dirs) {
  for (uint32_t i = 0; i < count; ++i) {
    BatchBuildOptions options = BuildOf({input});
    options.shard = {i, count};
    dirs.push_back(tmp.Path(absl::StrCat("shard-", i)));
    const auto built = Build(dirs.back(), options);
    ASSERT_TRUE(built.ok()) << built.status();
    EXPECT_GT(built->documents, 0u);
  }
}

// "id version score-bits" of the best hits.
std::vector<std::string> Search(const index::Snapshot& snapshot, const index::QueryVector& query) {
  index::SearchOptions options;
  options.k = 50;
  const auto found = index::TopK(snapshot, query, options);
  EXPECT_TRUE(found.ok()) << found.status();
  std::vector<std::string> hits;
  for (const index::Hit& hit : found->hits) {
    const auto version = snapshot.segments[hit.segment].segment->Version(hit.document);
    hits.push_back(
        absl::StrCat(base::ToAbsl(hit.id), " ", *version, " ", std::bit_cast<uint32_t>(hit.score)));
  }
  return hits;
}

TEST(AttachTest, FourShardsAttachedAreTheSingleBuildBitForBit) {
  const IngestDirectory tmp;
  const std::string input = tmp.Write(
      "in", RandomLines(11, {.lines = 12'000, .distinct_ids = 8'000}) +
                "{\"_id\": \"late\", \"text\": \"w0 w3 w12\", \"score\": 1}\n" + "broken\n");
  const auto single = Build(tmp.Path("single"), BuildOf({input}));
  ASSERT_TRUE(single.ok()) << single.status();
  std::vector<std::string> shards;
  BuildShards(tmp, input, 4, shards);
  const auto catalog = OpenToWrite(tmp.Path("attached"));
  const auto attached = AttachShards(*catalog, "c", shards);
  ASSERT_TRUE(attached.ok()) << attached.status();
  EXPECT_EQ(attached->documents, single->documents);
  EXPECT_EQ(attached->passages, single->passages);
  EXPECT_EQ(attached->replaced, 0u);

  const auto one = OpenToWrite(tmp.Path("single"))->Current("c");
  const auto four = catalog->Current("c");
  ASSERT_TRUE(one.ok() && four.ok()) << one.status() << four.status();
  EXPECT_EQ((*one)->settings, (*four)->settings);
  EXPECT_EQ((*one)->sequence, (*four)->sequence);
  const auto& idf = *(*one)->statistics;
  EXPECT_EQ(idf.num_passages(), (*four)->statistics->num_passages());
  EXPECT_TRUE(std::equal(idf.keys().begin(), idf.keys().end(), (*four)->statistics->keys().begin(),
                         (*four)->statistics->keys().end()));
  for (const index::TermKey key : idf.keys()) {
    EXPECT_EQ(*idf.DocumentFrequency(key), *(*four)->statistics->DocumentFrequency(key));
  }
  std::mt19937_64 random(11);
  for (int round = 0; round < 50; ++round) {
    std::map<index::TermKey, float> terms;
    for (int i = 0; i < 8; ++i) {
      terms[idf.keys()[random() % idf.keys().size()]] = static_cast<float>(random() % 100 + 1) / 7;
    }
    index::QueryVector query;
    for (const auto& [key, weight] : terms) query.push_back({key, weight});
    EXPECT_EQ(Search(**one, query), Search(**four, query));
  }
}

TEST(AttachTest, AttachingAddsToACollectionAndLaterCopiesWin) {
  const IngestDirectory tmp;
  const auto build = [&](const char* dir, const std::string& lines) {
    BatchBuildOptions options = BuildOf({tmp.Write(absl::StrCat(dir, ".jsonl"), lines)});
    options.adjust_settings = [](CollectionSettings& s) { s.document.reference_length = 10; };
    const auto built = Build(tmp.Path(dir), options);
    EXPECT_TRUE(built.ok()) << built.status();
    return tmp.Path(dir);
  };
  const std::string data = build("data", "{\"_id\": \"1\", \"text\": \"old\"}\n");
  const std::string a = build("a", "{\"_id\": \"1\", \"text\": \"newer\"}\n{\"_id\": \"2\"}\n");
  const std::string b = build("b", "{\"_id\": \"1\", \"text\": \"newest\"}\n");
  const auto catalog = OpenToWrite(data);
  const auto attached = AttachShards(*catalog, "c", {a, b});
  ASSERT_TRUE(attached.ok()) << attached.status();
  EXPECT_EQ(attached->generation, 2u);
  EXPECT_EQ(attached->documents, 2u);
  EXPECT_EQ(attached->replaced, 2u);
  const auto snapshot = *catalog->Current("c");
  const auto& last = *snapshot->segments.back().segment;
  EXPECT_EQ(last.LoadText(0)->text, "newest");
  // The shards can go: their files were linked.
  ASSERT_TRUE(OpenToWrite(a)->Drop("c").ok());
  const auto checks = catalog->Verify("c");
  ASSERT_TRUE(checks.ok()) << checks.status();
  for (const index::FileCheck& check : *checks) EXPECT_TRUE(check.status.ok()) << check.status;
}

TEST(AttachTest, WhatDoesNotFitIsNamedAndNothingIsPublished) {
  const IngestDirectory tmp;
  const auto build = [&](const char* dir, const std::string& lines, auto adjust) {
    BatchBuildOptions options = BuildOf({tmp.Write(absl::StrCat(dir, ".jsonl"), lines)});
    options.adjust_settings = [&](CollectionSettings& settings) {
      settings.document.reference_length = 10;
      adjust(settings);
    };
    EXPECT_TRUE(Build(tmp.Path(dir), options).ok());
    return tmp.Path(dir);
  };
  const auto as_is = [](CollectionSettings& s) { s.document.k1 = 0.5f; };
  const std::string a = build("a", R"({"_id": "1", "year": 1})", as_is);
  const std::string k1 =
      build("k1", R"({"_id": "2"})", [](CollectionSettings& s) { s.document.k1 = 1.5f; });
  const std::string year = build("year", R"({"_id": "3", "year": "1"})", as_is);
  const auto catalog = OpenToWrite(tmp.Path("data"));
  const absl::Status settings = AttachShards(*catalog, "c", {a, k1}).status();
  EXPECT_TRUE(absl::IsInvalidArgument(settings));
  EXPECT_THAT(Message(settings), HasSubstr("setting k1 is 0.5 in shard "));
  const absl::Status fields = AttachShards(*catalog, "c", {a, year}).status();
  EXPECT_TRUE(absl::IsInvalidArgument(fields));
  EXPECT_THAT(Message(fields), HasSubstr("\"year\""));
  EXPECT_TRUE(absl::IsNotFound(AttachShards(*catalog, "c", {tmp.Path("none")}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(AttachShards(*catalog, "c", {}).status()));
  EXPECT_TRUE(absl::IsNotFound(catalog->Get("c").status()));
}

}  // namespace
}  // namespace foraker::retrieval
