// What is read back of a document is what was written, from files and from memory.

#include "index/segment/document_reader.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/index/full_documents.h"
#include "tests/support/temporary_directory.h"

namespace foraker::index {
namespace {

void ExpectAll(const Segment& segment, const std::vector<Document>& documents) {
  ASSERT_EQ(segment.num_documents(), documents.size());
  for (const Document& document : documents) {
    const auto found = segment.FindId(document.id);
    ASSERT_TRUE(found.ok() && found->has_value()) << document.id;
    const absl::StatusOr<Document> read = ReadDocument(segment, **found);
    ASSERT_TRUE(read.ok()) << read.status();
    ExpectSameDocument(*read, StoredForm(document));
  }
}

TEST(DocumentReaderTest, GivesBackWhatWasWrittenToAFileAndToMemory) {
  const TemporaryDirectory dir;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const std::vector<Document> documents = FullDocuments(random, random() % 150);
    ExpectAll(*OpenFile(dir.File("a.seg"), documents), documents);
    const auto memory = OpenInMemory(documents);
    ExpectAll(*memory, documents);
    const absl::Status verified = memory->Verify();
    EXPECT_TRUE(verified.ok()) << verified;
  }
}

TEST(DocumentReaderTest, GivesBackSegmentsOfASingleDocument) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const std::vector<Document> documents = FullDocuments(random, 1);
    ExpectAll(*OpenInMemory(documents), documents);
  }
}

TEST(DocumentReaderTest, ADocumentReadAndWrittenReadsAsTheSame) {
  std::mt19937_64 random(5);
  const std::vector<Document> documents = FullDocuments(random, 60);
  const auto once = OpenInMemory(documents);
  std::vector<Document> read;
  for (DocId id = 0; id < once->num_documents(); ++id) read.push_back(*ReadDocument(*once, id));
  ExpectAll(*OpenInMemory(read), read);
}

TEST(DocumentReaderTest, OneReaderReadsInAnyOrder) {
  const TemporaryDirectory dir;
  std::mt19937_64 random(6);
  const std::vector<Document> documents = FullDocuments(random, 200);
  const auto segment = OpenFile(dir.File("a.seg"), documents);
  DocumentReader reader(*segment);
  for (int i = 0; i < 1000; ++i) {
    const Document& expected = documents[random() % documents.size()];
    const absl::StatusOr<Document> read = reader.Read(**segment->FindId(expected.id));
    ASSERT_TRUE(read.ok()) << read.status();
    ExpectSameDocument(*read, StoredForm(expected));
  }
}

TEST(DocumentReaderTest, TheOrderOfTextsIsThatOfArrival) {
  const TemporaryDirectory dir;
  std::mt19937_64 random(7);
  const std::vector<Document> documents = FullDocuments(random, 500);
  const auto segment = OpenFile(dir.File("a.seg"), documents);
  const absl::StatusOr<std::vector<DocId>> order = segment->texts().Order();
  ASSERT_TRUE(order.ok()) << order.status();
  ASSERT_EQ(order->size(), documents.size());
  for (size_t i = 0; i < documents.size(); ++i) {
    EXPECT_EQ(*segment->Id((*order)[i]), documents[i].id);
  }
}

TEST(DocumentReaderTest, ADocumentBeyondTheSegmentIsOutOfRange) {
  std::mt19937_64 random(8);
  const auto segment = OpenInMemory(FullDocuments(random, 3));
  EXPECT_EQ(ReadDocument(*segment, 3).status().code(), absl::StatusCode::kOutOfRange);
}

}  // namespace
}  // namespace foraker::index
