#include "index/segment/counted_terms.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/segment/segment.h"
#include "index/segment/segment_writer.h"
#include "tests/index/full_documents.h"
#include "tests/support/temporary_directory.h"

namespace foraker::index {
namespace {

TermKey Token(uint64_t id) { return NumberedTermKey(TermNamespace::kWordPiece, id); }

Document WithCounted(const std::string& id, std::vector<std::vector<TermKey>> counted) {
  Document document;
  document.id = id;
  document.counted_namespace = TermNamespace::kWordPiece;
  for (std::vector<TermKey>& keys : counted) {
    document.passages.emplace_back().counted = std::move(keys);
  }
  return document;
}

TEST(CountedTermsTest, EveryPassageReadsBackAndTheFrequenciesCountThem) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  const TemporaryDirectory tmp;
  std::vector<Document> documents = FullDocuments(random, 100);
  WriteSegment(tmp.File("a.seg"), documents);
  const auto segment = Segment::Open(tmp.File("a.seg"));
  ASSERT_TRUE(segment.ok()) << segment.status();
  const CountedTerms* counted = (*segment)->counted_terms();
  ASSERT_NE(counted, nullptr);
  EXPECT_EQ(counted->counted_namespace(), TermNamespace::kWordPiece);
  const std::span<const TermKey> keys = *counted->Keys();
  std::map<TermKey, uint32_t> frequencies;
  std::vector<uint32_t> terms;
  for (const Document& document : documents) {
    const PassageRange range = *(*segment)->PassagesOf(**(*segment)->FindId(document.id));
    for (size_t i = 0; i < document.passages.size(); ++i) {
      ASSERT_TRUE(counted->Load(range.begin + static_cast<PassageId>(i), terms).ok());
      std::vector<TermKey> found;
      for (const uint32_t term : terms) found.push_back(keys[term]);
      EXPECT_EQ(found, document.passages[i].counted) << document.id;
      for (const TermKey key : found) ++frequencies[key];
    }
  }
  ASSERT_EQ(keys.size(), frequencies.size());
  for (uint32_t term = 0; term < keys.size(); ++term) {
    EXPECT_EQ(*counted->Frequency(term), frequencies[keys[term]]);
  }
  EXPECT_TRUE((*segment)->Verify().ok()) << (*segment)->Verify();
  EXPECT_EQ(counted->Load((*segment)->num_passages(), terms).code(), absl::StatusCode::kOutOfRange);
}

TEST(CountedTermsTest, ASegmentOfDocumentsWithoutACountedNamespaceHasNone) {
  const TemporaryDirectory tmp;
  const auto writer = SegmentWriter::Create(tmp.File("a.seg"));
  Document document;
  document.id = "a";
  document.passages.resize(2);
  ASSERT_TRUE((*writer)->Add(document).ok());
  ASSERT_TRUE((*writer)->Finish().ok());
  EXPECT_EQ((*Segment::Open(tmp.File("a.seg")))->counted_terms(), nullptr);
}

TEST(CountedTermsTest, WhatDoesNotFitTheSegmentIsRefused) {
  const TemporaryDirectory tmp;
  const auto writer = SegmentWriter::Create(tmp.File("a.seg"));
  const auto code = [&](const Document& document) { return (*writer)->Add(document).code(); };
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(code(WithCounted("order", {{Token(2), Token(1)}})), kInvalid);
  EXPECT_EQ(code(WithCounted("twice", {{Token(1), Token(1)}})), kInvalid);
  EXPECT_EQ(code(WithCounted("stem", {{NumberedTermKey(TermNamespace::kStem, 1)}})), kInvalid);
  Document none = WithCounted("none", {{Token(1)}});
  none.counted_namespace.reset();
  EXPECT_EQ(code(none), kInvalid);
  EXPECT_EQ(code(WithCounted("first", {{Token(1), Token(2)}, {}})), absl::StatusCode::kOk);
  none.passages.clear();
  EXPECT_EQ(code(none), kInvalid);
  EXPECT_EQ((*writer)->num_documents(), 1u);
}

}  // namespace
}  // namespace foraker::index
