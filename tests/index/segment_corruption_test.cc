// Damaged segment files: an error or the same answers, never other answers and never a crash.

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "base/file.h"
#include "index/segment/memory_sections.h"
#include "index/segment/segment.h"
#include "index/segment/segment_layout.h"
#include "tests/index/full_documents.h"
#include "tests/index/read_everything.h"
#include "tests/support/temporary_directory.h"

namespace foraker::index {
namespace {

// Documents enough that texts, fields and forward vectors are large sections.
std::vector<Document> ManyDocuments(std::mt19937_64& random) {
  std::vector<Document> documents = FullDocuments(random, 4000);
  for (Document& document : documents) {
    for (char& c : document.title) c = static_cast<char>(random());  // does not compress
  }
  return documents;
}

absl::StatusOr<std::string> OpenAndRead(const std::string& path) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const Segment> segment, Segment::Open(path));
  return ReadEverything(segment);
}

TEST(SegmentCorruptionTest, ATruncatedFileIsRefusedAtEveryLength) {
  const TemporaryDirectory dir;
  const std::string path = dir.File("a.seg");
  std::mt19937_64 random(1);
  WriteSegment(path, FullDocuments(random, 3));
  for (uint64_t length = *base::FileSize(path); length-- > 0;) {
    ASSERT_EQ(truncate(path.c_str(), static_cast<off_t>(length)), 0);
    EXPECT_EQ(OpenAndRead(path).status().code(), absl::StatusCode::kDataLoss) << length;
  }
}

TEST(SegmentCorruptionTest, AnyFlippedByteIsAnErrorOrChangesNoAnswer) {
  const TemporaryDirectory dir;
  const std::string path = dir.File("a.seg");
  std::mt19937_64 random(2);
  WriteSegment(path, FullDocuments(random, 4));
  const std::string whole = *base::ReadFile(path);
  const std::string expected = *OpenAndRead(path);
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  const auto put = [&file](size_t at, int byte) {
    file.seekp(static_cast<std::streamoff>(at)).put(static_cast<char>(byte)).flush();
  };
  size_t unharmed = 0;
  for (size_t at = 0; at < whole.size(); ++at) {
    put(at, whole[at] ^ (1 << (at % 8)));
    const auto read = OpenAndRead(path);
    put(at, whole[at]);
    if (read.ok()) {
      EXPECT_EQ(*read, expected) << at;
      ++unharmed;
    } else {
      EXPECT_EQ(read.status().code(), absl::StatusCode::kDataLoss) << at << read.status();
    }
  }
  EXPECT_LT(unharmed, whole.size() / 4);  // only the padding between sections
}

TEST(SegmentCorruptionTest, FlippedBytesOfLargeSectionsAreFoundWhenTheyAreRead) {
  const TemporaryDirectory dir;
  std::mt19937_64 random(3);
  WriteSegment(dir.File("a.seg"), ManyDocuments(random));
  std::string bytes = *base::ReadFile(dir.File("a.seg"));
  const std::string expected = *OpenAndRead(dir.File("a.seg"));
  for (int i = 0; i < 40; ++i) {
    const size_t at = random() % bytes.size();
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    const std::string path = dir.Write("flipped.seg", bytes);
    const auto read = OpenAndRead(path);
    if (read.ok()) {
      EXPECT_TRUE(*read == expected) << at;
    } else {
      EXPECT_EQ(read.status().code(), absl::StatusCode::kDataLoss) << at << read.status();
    }
    if (const auto segment = Segment::Open(path); segment.ok()) {
      EXPECT_EQ((*segment)->Verify().code(), absl::StatusCode::kDataLoss) << at;
    }
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
  }
}

// What stands between a decoder and damage that checksums do not see (a bug of a writer, a file
// made to harm): nothing. It must survive alone.
TEST(SegmentCorruptionTest, DecodersSurviveAnyChangeOfAByteWithoutChecksums) {
  const TemporaryDirectory dir;
  for (uint64_t seed : {4, 5}) {
    std::mt19937_64 random(seed);
    WriteSegment(dir.File("a.seg"), FullDocuments(random, 8));
    const auto file = *SectionFile::Open(dir.File("a.seg"), FileKind::kSegment, kSegmentVersion);
    SectionBytes sections;
    for (const SectionFile::Info& info : file->sections()) {
      const auto bytes = *file->Get(info.id);
      sections[info.id].assign(bytes.begin(), bytes.end());
    }
    for (const auto& [id, bytes] : sections) {
      for (size_t at = 0; at < bytes.size(); ++at) {
        SectionBytes changed = sections;
        changed[id][at] ^= static_cast<std::byte>(1 + random() % 255);
        const auto segment = Segment::Open(OpenSections(std::move(changed), "memory"));
        if (!segment.ok()) continue;
        const absl::Status read = ReadEverything(*segment).status();
        const absl::Status verified = (*segment)->Verify();
        for (const absl::Status& status : {read, verified}) {
          EXPECT_TRUE(status.ok() || status.code() == absl::StatusCode::kDataLoss ||
                      status.code() == absl::StatusCode::kOutOfRange)
              << SectionName(id) << " " << at << " " << status;
        }
      }
    }
  }
}

}  // namespace
}  // namespace foraker::index
