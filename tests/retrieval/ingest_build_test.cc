// Whole batch builds, in this process.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/directory.h"
#include "base/file.h"
#include "base/string_view.h"
#include "index/query/top_k.h"
#include "retrieval/ingest/batch_build.h"
#include "retrieval/ingest/build_checkpoint.h"
#include "retrieval/ingest/replaced_documents.h"
#include "tests/retrieval/ingest_inputs.h"

namespace foraker::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Message(const absl::Status& status) {
  return std::string(base::ToStd(status.message()));
}

std::shared_ptr<const index::Snapshot> Current(const std::string& dir) {
  const auto catalog = index::Catalog::Open(dir, index::OpenMode::kRead);
  EXPECT_TRUE(catalog.ok()) << catalog.status();
  const auto snapshot = (*catalog)->Current("c");
  EXPECT_TRUE(snapshot.ok()) << snapshot.status();
  return snapshot.ok() ? *snapshot : nullptr;
}

// The live documents, id -> text.
std::map<std::string, std::string> LiveTexts(const index::Snapshot& snapshot) {
  std::map<std::string, std::string> texts;
  for (const index::LiveSegment& live : snapshot.segments) {
    for (index::DocId document = 0; document < live.segment->num_documents(); ++document) {
      if (live.deleted_documents && live.deleted_documents->contains(document)) continue;
      const auto [place, inserted] = texts.emplace(std::string(*live.segment->Id(document)),
                                                   live.segment->LoadText(document)->text);
      EXPECT_TRUE(inserted) << place->first << " lives twice";
    }
  }
  return texts;
}

// The last text of every id, straight from the lines.
std::map<std::string, std::string> LastTexts(const std::string& lines) {
  std::map<std::string, std::string> texts;
  for (const auto line : absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    const auto between = [&](const char* before, const char* after) {
      const size_t begin = line.find(before) + std::string(before).size();
      return std::string(line.substr(begin, line.find(after, begin) - begin));
    };
    texts[between(R"("_id": ")", "\"")] = between(R"("text": ")", "\", \"year");
  }
  return texts;
}

TEST(BatchBuildTest, TheLastCopyOfEveryIdLivesHoweverSegmentsAreCut) {
  const IngestDirectory tmp;
  const std::string lines = RandomLines(1, {.lines = 40'000, .distinct_ids = 15'000, .words = 30});
  const auto built = Build(tmp.Path("data"), BuildOf({tmp.Write("in.jsonl", lines)}));
  ASSERT_TRUE(built.ok()) << built.status();
  EXPECT_GT(built->segments, 2u);
  const auto expected = LastTexts(lines);
  EXPECT_EQ(built->documents, expected.size());
  EXPECT_EQ(built->replaced, 40'000 - expected.size());
  const auto snapshot = Current(tmp.Path("data"));
  EXPECT_EQ(LiveTexts(*snapshot), expected);
  EXPECT_EQ(snapshot->live_documents, expected.size());
  EXPECT_EQ(snapshot->sequence, 40'000u);
  EXPECT_EQ(snapshot->idf_version, 1u);
  EXPECT_EQ(snapshot->statistics->num_passages(), snapshot->live_passages);
}

TEST(BatchBuildTest, FilesDoNotDependOnTheNumberOfThreads) {
  const IngestDirectory tmp;
  const std::string input =
      tmp.WriteGzip("in.gz", RandomLines(2, {.lines = 20'000, .distinct_ids = 10'000}));
  BatchBuildOptions options = BuildOf({input});
  options.threads = 1;
  ASSERT_TRUE(Build(tmp.Path("one"), options).ok());
  options.threads = 5;
  ASSERT_TRUE(Build(tmp.Path("five"), options).ok());
  EXPECT_TRUE(Published(tmp.Path("one")) == Published(tmp.Path("five")));
}

TEST(BatchBuildTest, AnExtensionReplacesDocumentsAndKeepsTheDocumentSide) {
  const IngestDirectory tmp;
  const std::string dir = tmp.Path("data");
  const std::string first = tmp.Write("a", R"({"_id": "1", "text": "old fox"}
{"_id": "2", "text": "quick hound jumps"}
)");
  const std::string second = tmp.Write("b", R"({"_id": "1", "text": "new wolf"})");
  ASSERT_TRUE(Build(dir, BuildOf({first})).ok());
  const auto before = CollectionSettings::FromJson(Current(dir)->settings);
  const auto built = Build(dir, BuildOf({second}));
  ASSERT_TRUE(built.ok()) << built.status();
  EXPECT_EQ(built->generation, 2u);
  EXPECT_EQ(built->replaced, 1u);
  const auto snapshot = Current(dir);
  EXPECT_EQ(LiveTexts(*snapshot),
            (std::map<std::string, std::string>{{"1", "new wolf"}, {"2", "quick hound jumps"}}));
  EXPECT_EQ(CollectionSettings::FromJson(snapshot->settings)->document, before->document);
  EXPECT_EQ(before->document.reference_length, 2.5f);
  const auto fox = index::HashedTermKey(index::TermNamespace::kStem, "fox");
  EXPECT_EQ(*snapshot->statistics->DocumentFrequency(fox), 0u);

  BatchBuildOptions other = BuildOf({second});
  other.restart = true;
  other.adjust_settings = [](CollectionSettings& s) { s.document.passage_tokens = 100; };
  const absl::Status status = Build(dir, other).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(Message(status), HasSubstr("passage_tokens is 256 in collection c, but 100"));
  other.adjust_settings = [](CollectionSettings& s) { s.query.stem_weight = 2; };
  ASSERT_TRUE(Build(dir, other).ok());
  EXPECT_EQ(CollectionSettings::FromJson(Current(dir)->settings)->query.stem_weight, 2);
}

TEST(BatchBuildTest, ASegmentWithoutLiveDocumentsIsDropped) {
  const IngestDirectory tmp;
  const std::string dir = tmp.Path("data");
  ASSERT_TRUE(Build(dir, BuildOf({tmp.Write("a", R"({"_id": "1", "text": "x"})")})).ok());
  ASSERT_TRUE(Build(dir, BuildOf({tmp.Write("b", R"({"_id": "1", "text": "y"})")})).ok());
  EXPECT_EQ(Current(dir)->segments.size(), 1u);
  std::set<std::string> names;
  for (const auto& [name, contents] : Published(dir)) names.insert(name);
  EXPECT_THAT(names, ElementsAre("", "00000003.seg", "00000004.idf"));
}

TEST(BatchBuildTest, BadLinesAreReportedCountedAndStopTheRunOnlyWhenStrict) {
  const IngestDirectory tmp;
  const std::string input = tmp.Write("in.jsonl", R"({"_id": "1", "year": 1999}
not json
{"_id": "2", "year": "nineteen"}

{"_id": "3", "year": 2000}
)");
  BatchBuildOptions options = BuildOf({input});
  std::vector<std::string> errors;
  options.on_line_error = [&](const LineError& error) { errors.push_back(error.ToString()); };
  const auto built = Build(tmp.Path("data"), options);
  ASSERT_TRUE(built.ok()) << built.status();
  EXPECT_EQ(built->documents, 2u);
  EXPECT_EQ(built->rejected, 2u);
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_THAT(errors[0], HasSubstr(absl::StrCat(input, ":2: expected a JSON object")));
  EXPECT_THAT(errors[1], HasSubstr(absl::StrCat(input, ":3: field year: expected integer")));

  options.strict = true;
  const absl::Status status = Build(tmp.Path("strict"), options).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(Message(status), HasSubstr(":2: "));
}

TEST(BatchBuildTest, ImportsVectors) {
  const IngestDirectory tmp;
  BatchBuildOptions options = BuildOf({tmp.Write("v", R"({"id": "a", "vector": {"x": 2, "y": 1}}
{"id": "b", "vector": {"x": 1}}
)")});
  options.kind = InputKind::kVectors;
  ASSERT_TRUE(Build(tmp.Path("data"), options).ok());
  const auto snapshot = Current(tmp.Path("data"));
  const auto x = index::HashedTermKey(index::TermNamespace::kImported, "x");
  const auto found = index::TopK(*snapshot, {{x, 1.0f}}, {});
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->hits.size(), 2u);
  EXPECT_EQ(found->hits[0].id, "a");
  EXPECT_EQ(*snapshot->statistics->DocumentFrequency(x), 2u);

  BatchBuildOptions text = BuildOf({tmp.Write("t", R"({"_id": "c", "text": "x"})")});
  EXPECT_THAT(Message(Build(tmp.Path("data"), text).status()), HasSubstr("imported vectors"));
}

TEST(BatchBuildTest, TheSameInputsAgainAreNothingToDoUnlessRestarted) {
  const IngestDirectory tmp;
  BatchBuildOptions options = BuildOf({tmp.Write("a", R"({"_id": "1", "text": "x"})")});
  ASSERT_TRUE(Build(tmp.Path("data"), options).ok());
  const auto again = Build(tmp.Path("data"), options);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->already_built);
  EXPECT_EQ(again->generation, 1u);
  options.restart = true;
  EXPECT_EQ(Build(tmp.Path("data"), options)->generation, 2u);
}

TEST(BatchBuildTest, ACancelledBuildContinuesAndAnotherOneIsRefusedMeanwhile) {
  const IngestDirectory tmp;
  const std::string lines = RandomLines(3, {.lines = 30'000, .distinct_ids = 20'000});
  const std::string input = tmp.WriteGzip("in.gz", lines);
  ASSERT_TRUE(Build(tmp.Path("unbroken"), BuildOf({input})).ok());

  const std::string dir = tmp.Path("broken");
  std::atomic<bool> cancel = false;
  BatchBuildOptions options = BuildOf({input});
  options.cancel = &cancel;
  options.on_progress = [&](const BuildProgress& progress) {
    if (progress.documents > 20'000) cancel = true;
  };
  EXPECT_TRUE(absl::IsCancelled(Build(dir, options).status()));
  EXPECT_TRUE(
      absl::IsNotFound((*index::Catalog::Open(dir, index::OpenMode::kRead))->Get("c").status()));

  BatchBuildOptions other = BuildOf({input});
  other.memory_bytes *= 2;
  const absl::Status refused = Build(dir, other).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused));
  EXPECT_THAT(Message(refused), HasSubstr("memory: 16777216 there, 33554432 here"));

  const auto resumed = Build(dir, BuildOf({input}));
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_TRUE(resumed->resumed);
  EXPECT_TRUE(Published(dir) == Published(tmp.Path("unbroken")));
}

TEST(BatchBuildTest, AStoppedBuildThatFinishedNoSegmentStandsInNobodysWay) {
  const IngestDirectory tmp;
  BatchBuildOptions options = BuildOf({tmp.Write("a", "{\"_id\": \"1\"}\nbroken\n")});
  options.strict = true;
  EXPECT_TRUE(absl::IsInvalidArgument(Build(tmp.Path("data"), options).status()));
  options.inputs = {tmp.Write("mended", "{\"_id\": \"1\"}\n")};
  const auto built = Build(tmp.Path("data"), options);
  ASSERT_TRUE(built.ok()) << built.status();
  EXPECT_FALSE(built->resumed);
  EXPECT_EQ(built->documents, 1u);
}

TEST(BatchBuildTest, WrongOptionsAndMissingFilesAreErrorsBeforeAnythingIsWritten) {
  const IngestDirectory tmp;
  const std::string input = tmp.Write("a", R"({"_id": "1"})");
  const auto code = [&](auto change) {
    BatchBuildOptions options = BuildOf({input});
    change(options);
    return Build(tmp.Path("data"), options).status().code();
  };
  using Options = BatchBuildOptions;
  EXPECT_EQ(code([](Options& o) { o.inputs = {"none.jsonl"}; }), absl::StatusCode::kNotFound);
  EXPECT_EQ(code([](Options& o) { o.inputs = {}; }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code([](Options& o) { o.inputs = {"-", "-"}; }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code([](Options& o) { o.shard = {2, 2}; }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code([](Options& o) { o.memory_bytes = 1; }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code([](Options& o) { o.collection = "A/B"; }), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(
      code([](Options& o) { o.adjust_settings = [](CollectionSettings& s) { s.document.b = 3; }; }),
      absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(base::FileExists(tmp.Path("data/collections/c")));
}

TEST(BatchBuildTest, ManualIdfKeepsTheTableThereIs) {
  const IngestDirectory tmp;
  const std::string dir = tmp.Path("data");
  ASSERT_TRUE(Build(dir, BuildOf({tmp.Write("a", R"({"_id": "1", "text": "x"})")})).ok());
  BatchBuildOptions options = BuildOf({tmp.Write("b", R"({"_id": "2", "text": "y"})")});
  options.adjust_settings = [](CollectionSettings& s) { s.query.idf = IdfMode::kManual; };
  ASSERT_TRUE(Build(dir, options).ok());
  EXPECT_EQ(Current(dir)->idf_version, 1u);
  EXPECT_EQ(Current(dir)->statistics->num_passages(), 1u);
}

TEST(MarkReplacedTest, FindsTheSameCopiesInOnePassAndInMany) {
  const IngestDirectory tmp;
  const std::string lines = RandomLines(4, {.lines = 30'000, .distinct_ids = 9'000, .words = 40});
  ASSERT_TRUE(Build(tmp.Path("data"), BuildOf({tmp.Write("in", lines)})).ok());
  const auto snapshot = Current(tmp.Path("data"));
  ASSERT_GT(snapshot->segments.size(), 1u);
  for (const size_t memory : {size_t{1} << 30, size_t{100'000}, size_t{5'000}}) {
    std::vector<index::LiveSegment> segments = snapshot->segments;
    for (index::LiveSegment& live : segments) live.deleted_documents = nullptr;
    const auto replaced = MarkReplaced(segments, 0, memory);
    ASSERT_TRUE(replaced.ok()) << replaced.status();
    for (size_t i = 0; i < segments.size(); ++i) {
      const auto set = [](const index::LiveSegment& live) {
        return live.deleted_documents ? *live.deleted_documents : index::DocumentSet();
      };
      EXPECT_EQ(set(segments[i]), set(snapshot->segments[i])) << memory;
    }
  }
}

TEST(BuildCheckpointTest, DamageIsAnErrorThatSaysHowToGoOn) {
  const IngestDirectory tmp;
  ASSERT_TRUE(base::CreateDirectories(tmp.Path("build")).ok());
  BuildCheckpoint checkpoint;
  checkpoint.identity = {{"inputs", "a \xff"}};
  checkpoint.carried = {3, 5};
  ASSERT_TRUE(WriteCheckpoint(tmp.Path("build"), checkpoint).ok());
  const auto read = ReadCheckpoint(tmp.Path("build"));
  ASSERT_TRUE(read.ok() && read->has_value()) << read.status();
  EXPECT_THAT((*read)->carried, ElementsAre(3, 5));
  tmp.Write("build/checkpoint.json", "{\"version\": 1}");
  const absl::Status status = ReadCheckpoint(tmp.Path("build")).status();
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_THAT(Message(status), HasSubstr("restart"));
}

}  // namespace
}  // namespace foraker::retrieval
