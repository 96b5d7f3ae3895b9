#include "index/collection/term_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "index/segment/segment_writer.h"
#include "tests/support/temporary_directory.h"

namespace foraker::index {
namespace {

constexpr uint64_t kTerms = 40;

TermKey Key(uint64_t term) { return NumberedTermKey(TermNamespace::kStem, term * term * 977 + 1); }

TermKey Token(uint64_t term) { return NumberedTermKey(TermNamespace::kWordPiece, term); }

// Stems, which the vectors count; tokens in the vectors, and others that are counted in their place
// where `counted`.
Document RandomDocument(std::mt19937_64& random, const std::string& id, bool counted) {
  Document document;
  document.id = id;
  if (counted) document.counted_namespace = TermNamespace::kWordPiece;
  const size_t passages = random() % 4;
  for (size_t p = 0; p < passages; ++p) {
    Passage& passage = document.passages.emplace_back();
    SparseVector& vector = passage.vector;
    for (uint64_t term = 0; term < kTerms; ++term) {
      if (random() % 4 == 0) {
        vector.keys.push_back(Token(term));
        vector.weights.push_back(base::FloatToFloat16(1));
      }
      if (counted && random() % 5 == 0) passage.counted.push_back(Token(term));
    }
    for (uint64_t term = 0; term < kTerms; ++term) {
      if (random() % (term + 2) != 0) continue;
      vector.keys.push_back(Key(term));
      vector.weights.push_back(base::FloatToFloat16(1));
    }
  }
  return document;
}

// The terms that a passage counts for.
std::vector<TermKey> Literal(const Document& document, const Passage& passage) {
  std::vector<TermKey> keys = passage.counted;
  for (const TermKey key : passage.vector.keys) {
    if (NamespaceOf(key) != document.counted_namespace) keys.push_back(key);
  }
  return keys;
}

struct Counted {
  uint64_t passages = 0;
  std::map<TermKey, uint64_t> frequencies;
};

// Writes `count` documents, deletes some of them, and counts the others.
LiveSegment RandomSegment(std::mt19937_64& random, const std::string& path, size_t count,
                          Counted& counted, bool counted_tokens = true) {
  auto writer = SegmentWriter::Create(path);
  EXPECT_TRUE(writer.ok()) << writer.status();
  std::map<std::string, Document> documents;
  for (size_t i = 0; i < count; ++i) {
    const Document document = RandomDocument(random, absl::StrCat("d", i), counted_tokens);
    EXPECT_TRUE((*writer)->Add(document).ok());
    documents[document.id] = document;
  }
  EXPECT_TRUE((*writer)->Finish().ok());
  LiveSegment live;
  live.segment = *Segment::Open(path);
  DocumentSet deleted;
  for (DocId i = 0; i < count; ++i) {
    if (random() % 3 == 0) {
      deleted.add(i);
      continue;
    }
    const Document& document = documents[std::string(*live.segment->Id(i))];
    counted.passages += document.passages.size();
    for (const Passage& passage : document.passages) {
      for (const TermKey key : Literal(document, passage)) ++counted.frequencies[key];
    }
  }
  live.deleted_documents = std::make_shared<const DocumentSet>(deleted);
  return live;
}

void ExpectCounts(const TermStatistics& statistics, const Counted& counted) {
  EXPECT_EQ(statistics.num_passages(), counted.passages);
  EXPECT_EQ(statistics.keys().size(), counted.frequencies.size());
  for (uint64_t term = 0; term < kTerms; ++term) {
    for (const TermKey key : {Key(term), Token(term)}) {
      const auto expected = counted.frequencies.find(key);
      const auto frequency = statistics.DocumentFrequency(key);
      ASSERT_TRUE(frequency.ok()) << frequency.status();
      EXPECT_EQ(*frequency, expected == counted.frequencies.end() ? 0 : expected->second) << term;
    }
    EXPECT_EQ(*statistics.DocumentFrequency(Key(term) + 1), 0u);
  }
  EXPECT_TRUE(statistics.Verify().ok()) << statistics.Verify();
}

TEST(TermStatisticsTest, CountsTheLivePassagesOfAllSegments) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 20; ++round) {
    const TemporaryDirectory tmp;
    Counted counted;
    std::vector<LiveSegment> segments;
    for (size_t i = 0; i < random() % 5; ++i) {
      segments.push_back(RandomSegment(random, tmp.File(absl::StrCat(i, ".seg")), random() % 30,
                                       counted,
                                       /*counted_tokens=*/random() % 3 != 0));
    }
    const std::string path = tmp.File("1.idf");
    const absl::Status status = TermStatistics::Write(segments, {}, path);
    ASSERT_TRUE(status.ok()) << status;
    const auto statistics = TermStatistics::Open(path);
    ASSERT_TRUE(statistics.ok()) << statistics.status();
    ExpectCounts(**statistics, counted);
  }
}

TEST(TermStatisticsTest, TablesOfShardsAddUpToTheTableOfTheWhole) {
  std::mt19937_64 random(4);
  const TemporaryDirectory tmp;
  Counted counted;
  const std::vector<LiveSegment> segments = {RandomSegment(random, tmp.File("a.seg"), 50, counted),
                                             RandomSegment(random, tmp.File("b.seg"), 20, counted),
                                             RandomSegment(random, tmp.File("c.seg"), 30, counted)};
  const std::span<const LiveSegment> all(segments);
  ASSERT_TRUE(TermStatistics::Write(all, {}, tmp.File("whole.idf")).ok());
  std::vector<std::shared_ptr<const TermStatistics>> tables;
  for (size_t i = 1; i < 3; ++i) {
    const std::string path = tmp.File(absl::StrCat(i, ".idf"));
    ASSERT_TRUE(TermStatistics::Write(all.subspan(i, 1), {}, path).ok());
    tables.push_back(*TermStatistics::Open(path));
  }
  ASSERT_TRUE(TermStatistics::Write(all.first(1), tables, tmp.File("sum.idf")).ok());
  EXPECT_EQ(*base::ReadFile(tmp.File("whole.idf")), *base::ReadFile(tmp.File("sum.idf")));
}

TEST(TermStatisticsTest, DamageIsFoundAndNamed) {
  std::mt19937_64 random(5);
  const TemporaryDirectory tmp;
  Counted counted;
  const LiveSegment segment = RandomSegment(random, tmp.File("a.seg"), 50, counted);
  const std::string path = tmp.File("1.idf");
  ASSERT_TRUE(TermStatistics::Write(std::span(&segment, 1), {}, path).ok());
  const std::string whole = *base::ReadFile(path);
  for (size_t i = 0; i < whole.size(); i += 7) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    tmp.Write("1.idf", damaged);
    const auto opened = TermStatistics::Open(path);
    const absl::Status status = opened.ok() ? (*opened)->Verify() : opened.status();
    if (status.ok()) continue;  // padding
    EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("1.idf")) << i;
  }
}

}  // namespace
}  // namespace foraker::index
