// Merged segments against segments written at once: the same bytes, the same answers, the same
// score bits as before the merge.

#include "index/collection/merge_segments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <tuple>

#include "base/file.h"
#include "index/query/top_k.h"
#include "index/segment/document_reader.h"
#include "tests/index/full_documents.h"
#include "tests/index/read_everything.h"
#include "tests/support/temporary_directory.h"

namespace foraker::index {
namespace {

using ::testing::HasSubstr;

std::string Message(const absl::Status& status) {
  return std::string(base::ToStd(status.message()));
}

// Documents spread over segments, in memory and in files, some of them deleted.
struct Spread {
  std::vector<LiveSegment> segments;
  std::vector<Document> live;  // by segment, then in order of arrival
};

Spread SpreadOut(std::mt19937_64& random, const std::vector<Document>& documents,
                 const TemporaryDirectory& dir) {
  std::vector<std::vector<Document>> parts(1 + random() % 6);
  for (const Document& document : documents) {
    parts[random() % parts.size()].push_back(document);
  }
  Spread spread;
  const uint64_t deletions = random() % 3;  // none, a third, two thirds
  for (size_t i = 0; i < parts.size(); ++i) {
    LiveSegment live;
    live.segment = random() % 2 == 0 ? OpenInMemory(parts[i])
                                     : OpenFile(dir.File("part" + std::to_string(i)), parts[i]);
    auto deleted = std::make_shared<DocumentSet>();
    for (const Document& document : parts[i]) {
      if (random() % 3 < deletions) {
        deleted->add(**live.segment->FindId(document.id));
      } else {
        spread.live.push_back(document);
      }
    }
    if (!deleted->isEmpty()) live.deleted_documents = deleted;
    spread.segments.push_back(std::move(live));
  }
  return spread;
}

// In memory, or to the file.
std::shared_ptr<const Segment> Merge(std::span<const LiveSegment> sources,
                                     const std::string* path = nullptr) {
  auto writer = path != nullptr ? SegmentWriter::Create(*path) : SegmentWriter::CreateInMemory();
  EXPECT_TRUE(writer.ok()) << writer.status();
  const absl::Status merged = MergeSegments(sources, **writer);
  EXPECT_TRUE(merged.ok()) << merged;
  if (path == nullptr) return *(*writer)->FinishInMemory("merged in memory");
  const absl::Status finished = (*writer)->Finish();
  EXPECT_TRUE(finished.ok()) << finished;
  return *Segment::Open(*path);
}

using Found = std::tuple<std::string, uint32_t, uint32_t>;  // id, passage of it, score bits

std::vector<Found> Search(std::vector<LiveSegment> segments, const QueryVector& query,
                          Collapse collapse) {
  Snapshot snapshot;
  snapshot.segments = std::move(segments);
  SearchOptions options;
  options.k = 20;
  options.collapse = collapse;
  const absl::StatusOr<TopKResult> result = TopK(snapshot, query, options);
  EXPECT_TRUE(result.ok()) << result.status();
  std::vector<Found> found;
  for (const Hit& hit : result->hits) {
    found.emplace_back(hit.id, hit.passage_in_document, std::bit_cast<uint32_t>(hit.score));
  }
  return found;
}

QueryVector QueryOf(std::mt19937_64& random, const std::vector<Document>& documents) {
  QueryVector query;
  if (documents.empty()) return query;
  for (const Passage& passage : documents[random() % documents.size()].passages) {
    for (const TermKey key : passage.vector.keys) {
      if (!query.empty() && key <= query.back().key) continue;
      query.push_back({key, static_cast<float>(random() % 1000 + 1) / 300});
    }
  }
  return query;
}

TEST(MergeSegmentsTest, AMergeIsTheSegmentThatItsLiveDocumentsWouldHaveMade) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const TemporaryDirectory dir;
    std::mt19937_64 random(seed);
    const Spread spread = SpreadOut(random, FullDocuments(random, random() % 300), dir);

    const std::string path = dir.File("merged.seg");
    const auto file = Merge(spread.segments, &path);
    const auto expected = OpenFile(dir.File("expected.seg"), spread.live);
    EXPECT_TRUE(*base::ReadFile(path) == *base::ReadFile(dir.File("expected.seg")));
    EXPECT_EQ(*ReadEverything(file), *ReadEverything(expected));
    const absl::Status verified = file->Verify();
    EXPECT_TRUE(verified.ok()) << verified;

    const auto memory = Merge(spread.segments);
    EXPECT_EQ(*ReadEverything(memory), *ReadEverything(OpenInMemory(spread.live)));
  }
}

TEST(MergeSegmentsTest, SearchesFindTheSameScoreBitsBeforeAndAfter) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const TemporaryDirectory dir;
    std::mt19937_64 random(seed);
    const Spread spread = SpreadOut(random, FullDocuments(random, 1 + random() % 400), dir);
    const std::string path = dir.File("merged.seg");
    const std::vector<LiveSegment> file = {{Merge(spread.segments, &path), nullptr}};
    const std::vector<LiveSegment> memory = {{Merge(spread.segments), nullptr}};
    for (int i = 0; i < 10; ++i) {
      const QueryVector query = QueryOf(random, spread.live);
      for (const Collapse collapse : {Collapse::kDocument, Collapse::kNone}) {
        const std::vector<Found> before = Search(spread.segments, query, collapse);
        EXPECT_EQ(Search(file, query, collapse), before);
        EXPECT_EQ(Search(memory, query, collapse), before);
      }
    }
  }
}

TEST(MergeSegmentsTest, MergingMergedSegmentsIsMergingThemAtOnce) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const TemporaryDirectory dir;
    std::mt19937_64 random(seed);
    const Spread spread = SpreadOut(random, FullDocuments(random, random() % 300), dir);
    const std::span<const LiveSegment> sources = spread.segments;
    const size_t half = random() % (sources.size() + 1);
    const std::string first = dir.File("first.seg");
    const std::vector<LiveSegment> halves = {{Merge(sources.first(half), &first), nullptr},
                                             {Merge(sources.subspan(half)), nullptr}};
    const std::string twice = dir.File("twice.seg");
    const std::string once = dir.File("once.seg");
    Merge(halves, &twice);
    Merge(sources, &once);
    EXPECT_TRUE(*base::ReadFile(twice) == *base::ReadFile(once));
  }
}

TEST(MergeSegmentsTest, NothingIsLeftWhenEverythingIsDeleted) {
  std::mt19937_64 random(1);
  auto all = std::make_shared<DocumentSet>();
  all->addRange(0, 5);
  const std::vector<LiveSegment> sources = {{OpenInMemory(FullDocuments(random, 5)), all}};
  const auto merged = Merge(sources);
  EXPECT_EQ(merged->num_documents(), 0u);
  EXPECT_EQ(merged->terms().num_terms(), 0u);
}

TEST(MergeSegmentsTest, ACorruptSourceIsDataLossThatNamesIt) {
  const TemporaryDirectory dir;
  std::mt19937_64 random(2);
  std::vector<Document> documents = FullDocuments(random, 4000);
  for (Document& document : documents) {
    for (char& c : document.title) c = static_cast<char>(random());  // does not compress
  }
  const std::vector<Document> few = FullDocuments(random, 0);
  WriteSegment(dir.File("a.seg"), documents);
  std::string bytes = *base::ReadFile(dir.File("a.seg"));
  size_t refused = 0;
  for (int i = 0; i < 40; ++i) {
    const size_t at = random() % bytes.size();
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    const std::string path = dir.Write("flipped.seg", bytes);
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    const auto flipped = Segment::Open(path);
    absl::Status status = flipped.status();
    if (flipped.ok()) {
      const std::vector<LiveSegment> sources = {{OpenInMemory(few), nullptr}, {*flipped, nullptr}};
      const auto writer = SegmentWriter::CreateInMemory();
      status = MergeSegments(sources, **writer);
    }
    if (status.ok()) continue;  // postings are made anew, not read
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << at << status;
    EXPECT_THAT(Message(status), HasSubstr("flipped.seg"));
    ++refused;
  }
  EXPECT_GT(refused, 20u);
}

TEST(MergeSegmentsTest, AFieldOfAnotherTypeIsRefusedByTheNameOfItsSegment) {
  Document document;
  document.id = "a";
  document.fields = {{"year", {int64_t{1999}}}};
  const auto integer = OpenInMemory({document});
  document.id = "b";
  document.fields = {{"year", {std::string("1999")}}};
  const std::vector<LiveSegment> sources = {{integer, nullptr},
                                            {OpenInMemory({document}), nullptr}};
  const auto writer = SegmentWriter::CreateInMemory();
  const absl::Status status = MergeSegments(sources, **writer);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(status), HasSubstr("segment in memory"));
}

TEST(MergeSegmentsTest, ACancelledMergeEnds) {
  std::mt19937_64 random(3);
  const std::vector<LiveSegment> sources = {{OpenInMemory(FullDocuments(random, 50)), nullptr}};
  const auto writer = SegmentWriter::CreateInMemory();
  const std::atomic<bool> cancel = true;
  EXPECT_EQ(MergeSegments(sources, **writer, &cancel).code(), absl::StatusCode::kCancelled);
  EXPECT_EQ((*writer)->num_documents(), 0u);
}

TEST(MergeSegmentsTest, AWriterIsFinishedWhereItWasMadeToEnd) {
  const TemporaryDirectory dir;
  EXPECT_EQ((*SegmentWriter::CreateInMemory())->Finish().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ((*SegmentWriter::Create(dir.File("a")))->FinishInMemory("m").status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace foraker::index
