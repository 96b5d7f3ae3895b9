#include "index/segment/segment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "base/directory.h"
#include "base/file.h"
#include "base/string_view.h"
#include "index/segment/segment_writer.h"
#include "tests/index/full_documents.h"
#include "tests/support/temporary_directory.h"

namespace foraker::index {

// Found by argument-dependent look-up.
bool operator==(const Field& a, const Field& b) { return a.name == b.name && a.values == b.values; }

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Message(const absl::Status& status) {
  return std::string(base::ToStd(status.message()));
}

// Fields without values are not stored; the rest come back by name.
std::vector<Field> Stored(std::vector<Field> fields) {
  std::erase_if(fields, [](const Field& field) { return field.values.empty(); });
  std::sort(fields.begin(), fields.end(),
            [](const Field& a, const Field& b) { return a.name < b.name; });
  return fields;
}

// Positions of a vector without any, in a segment that has some.
void FillPositions(SparseVector& vector) {
  if (vector.positions.empty()) vector.positions.assign(vector.keys.size(), kNoPosition);
}

void ExpectDocument(const Segment& segment, const Document& expected) {
  const absl::StatusOr<std::optional<DocId>> found = segment.FindId(expected.id);
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_TRUE(found->has_value()) << expected.id;
  const DocId document = **found;
  EXPECT_EQ(*segment.Id(document), expected.id);
  EXPECT_EQ(*segment.Version(document), expected.version);
  const absl::StatusOr<TitleAndText> text = segment.LoadText(document);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(text->title, expected.title);
  EXPECT_EQ(text->text, expected.text);
  EXPECT_EQ(*segment.fields().Get(document), Stored(expected.fields));
  const PassageRange passages = *segment.PassagesOf(document);
  ASSERT_EQ(passages.end - passages.begin, expected.passages.size());
  for (size_t i = 0; i < expected.passages.size(); ++i) {
    const PassageId passage = passages.begin + static_cast<PassageId>(i);
    EXPECT_EQ(*segment.DocumentOf(passage), document);
    EXPECT_EQ(segment.TextRange(passage)->begin, expected.passages[i].text_begin);
    EXPECT_EQ(segment.TextRange(passage)->end, expected.passages[i].text_end);
    SparseVector stored;
    ASSERT_TRUE(segment.terms().Forward(passage, stored).ok());
    SparseVector given = expected.passages[i].vector;
    FillPositions(stored);
    FillPositions(given);
    EXPECT_EQ(stored.keys, given.keys);
    EXPECT_EQ(stored.weights, given.weights);
    EXPECT_EQ(stored.positions, given.positions);
  }
}

Document Simple(std::string id) {
  Document document;
  document.id = std::move(id);
  document.text = "some text";
  return document;
}

class SegmentTest : public ::testing::Test {
 protected:
  TemporaryDirectory dir_;
  std::string path_ = dir_.File("a.seg");
};

TEST_F(SegmentTest, EverythingThatWasAddedReadsBack) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const std::vector<Document> documents = FullDocuments(random, random() % 400);
    WriteSegment(path_, documents);
    const auto segment = Segment::Open(path_);
    ASSERT_TRUE(segment.ok()) << segment.status();
    EXPECT_EQ((*segment)->num_documents(), documents.size());
    for (const Document& document : documents) ExpectDocument(**segment, document);
    EXPECT_EQ(*(*segment)->FindId("no such id"), std::nullopt);
    for (TermOrdinal term = 0; term < (*segment)->terms().num_terms(); ++term) {
      const TermKey key = (*segment)->terms().keys()[term];
      EXPECT_EQ(*(*segment)->TermName(term), key % 2 == 0 ? TestTermName(key) : "");
    }
    const absl::Status verified = (*segment)->Verify();
    EXPECT_TRUE(verified.ok()) << verified;
  }
}

TEST_F(SegmentTest, TheSameDocumentsGiveTheSameBytes) {
  std::mt19937_64 random(3);
  const std::vector<Document> documents = FullDocuments(random, 300);
  WriteSegment(path_, documents);
  WriteSegment(dir_.File("b.seg"), documents);
  EXPECT_TRUE(*base::ReadFile(path_) == *base::ReadFile(dir_.File("b.seg")));
}

TEST_F(SegmentTest, AnEmptySegmentHoldsNothing) {
  WriteSegment(path_, {});
  const auto segment = Segment::Open(path_);
  ASSERT_TRUE(segment.ok()) << segment.status();
  EXPECT_EQ((*segment)->num_documents(), 0u);
  EXPECT_EQ(*(*segment)->FindId("a"), std::nullopt);
  EXPECT_TRUE((*segment)->fields().schema().empty());
  EXPECT_TRUE((*segment)->Verify().ok());
}

TEST_F(SegmentTest, WhatNoDocumentHasTakesNoSection) {
  Document document;
  document.id = "a";
  document.passages.resize(1);
  WriteSegment(path_, {document});
  const auto segment = Segment::Open(path_);
  for (SectionId id : {SectionId::kText, SectionId::kTextIndex, SectionId::kFieldSchema,
                       SectionId::kFieldData, SectionId::kTermStrings, SectionId::kPositions}) {
    EXPECT_FALSE((*segment)->file().Has(id)) << SectionName(id);
  }
  EXPECT_EQ((*segment)->LoadText(0)->text, "");
}

TEST_F(SegmentTest, OrdinalsBeyondTheSegmentAreOutOfRange) {
  std::mt19937_64 random(4);
  WriteSegment(path_, FullDocuments(random, 20));
  const auto segment = Segment::Open(path_);
  const DocId documents = (*segment)->num_documents();
  const PassageId passages = (*segment)->num_passages();
  for (const absl::Status& status :
       {(*segment)->Id(documents).status(), (*segment)->Version(documents).status(),
        (*segment)->LoadText(documents).status(), (*segment)->PassagesOf(documents).status(),
        (*segment)->fields().Get(documents).status(), (*segment)->DocumentOf(passages).status(),
        (*segment)->TextRange(passages).status(), (*segment)->TermName(UINT32_MAX).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange) << status;
  }
}

TEST_F(SegmentTest, ALongTextSpansABlockOfItsOwn) {
  std::vector<Document> documents;
  for (int i = 0; i < 5; ++i) {
    documents.push_back(Simple(std::to_string(i)));
    documents.back().text = std::string(i == 2 ? 3'000'000 : 20'000, static_cast<char>('a' + i));
  }
  WriteSegment(path_, documents);
  const auto segment = Segment::Open(path_);
  for (const Document& document : documents) ExpectDocument(**segment, document);
}

TEST_F(SegmentTest, ADocumentThatIsRefusedIsNamedAndLeavesNoTrace) {
  auto writer = SegmentWriter::Create(path_);
  Document first = Simple("first");
  first.fields = {{"year", {int64_t{1999}}}};
  ASSERT_TRUE((*writer)->Add(first).ok());

  std::vector<std::pair<Document, std::string>> refused;
  refused.push_back({Simple(""), "id has 0 bytes"});
  refused.push_back({Simple(std::string(513, 'x')), "id has 513 bytes"});
  Document document = Simple("bad");
  document.fields = {{"year", {std::string("1999")}}};
  refused.push_back({document,
                     "document 'bad': field 'year': is a column of type integer, got a "
                     "value of type keyword"});
  document.fields = {{"mixed", {int64_t{1}, 2.0}}};
  refused.push_back({document, "field 'mixed': is a column of type integer"});
  document.fields = {{"a", {int64_t{1}}}, {"a", {int64_t{2}}}};
  refused.push_back({document, "field 'a': given twice"});
  document.fields = {{"", {int64_t{1}}}};
  refused.push_back({document, "name of 0 bytes"});
  document.fields = {{"r", {std::nan("")}}};
  refused.push_back({document, "field 'r': a real that is not a number"});
  document.fields = {{"k", {std::string(70'000, 'x')}}};
  refused.push_back({document, "a keyword of 70000 bytes"});
  document.fields.clear();
  document.passages.resize(1);
  document.passages[0].text_end = 10;
  refused.push_back({document, "passage 0: bytes [0, 10) leave the text's 9"});
  document.passages[0].text_end = 9;
  document.passages[0].vector = {{2, 1}, {0x3c00, 0x3c00}, {}};
  refused.push_back({document, "document 'bad': passage 0"});

  for (const auto& [bad, message] : refused) {
    const absl::Status status = (*writer)->Add(bad);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    EXPECT_THAT(Message(status), HasSubstr(message));
  }
  EXPECT_EQ((*writer)->Add(first).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ((*writer)->num_documents(), 1u);
  ASSERT_TRUE((*writer)->Finish().ok());
  const auto segment = Segment::Open(path_);
  ASSERT_TRUE((*segment)->Verify().ok());
  EXPECT_EQ((*segment)->fields().schema().size(), 1u);
  ExpectDocument(**segment, first);
}

TEST_F(SegmentTest, AnUnfinishedWriterLeavesNothingBehind) {
  {
    auto writer = SegmentWriter::Create(path_);
    for (int i = 0; i < 3000; ++i) {
      ASSERT_TRUE((*writer)->Add(Simple(std::to_string(i))).ok());
    }
  }
  EXPECT_THAT(*base::ListDirectory(dir_.path()), ElementsAre());
}

TEST_F(SegmentTest, AnOpenSegmentOutlivesItsName) {
  std::mt19937_64 random(5);
  const std::vector<Document> documents = FullDocuments(random, 50);
  WriteSegment(path_, documents);
  const auto segment = Segment::Open(path_);
  ASSERT_TRUE(base::RemoveFile(path_).ok());
  for (const Document& document : documents) ExpectDocument(**segment, document);
}

TEST_F(SegmentTest, MemoryGrowsWithWhatIsHeld) {
  auto writer = SegmentWriter::Create(path_);
  const size_t before = (*writer)->memory_bytes();
  std::mt19937_64 random(6);
  size_t held = 0;  // the least that must be kept
  for (Document& document : FullDocuments(random, 2000)) {
    held += document.id.size() + sizeof(document.version);
    for (const Passage& passage : document.passages) held += passage.vector.keys.size() * 6;
    ASSERT_TRUE((*writer)->Add(document).ok());
  }
  EXPECT_GE((*writer)->memory_bytes(), before + held);
  EXPECT_LE((*writer)->memory_bytes(), before + 100 * held);
}

}  // namespace
}  // namespace foraker::index
