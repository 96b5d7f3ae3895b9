#include "index/segment/section_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "base/crc32c.h"
#include "base/directory.h"
#include "base/file.h"
#include "base/string_view.h"
#include "index/segment/section_layout.h"
#include "tests/support/temporary_directory.h"

namespace foraker::index {
namespace {

using section_layout::Header;
using section_layout::Record;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr uint32_t kVersion = 3;

std::string Message(const absl::Status& status) {
  return std::string(base::ToStd(status.message()));
}

std::string RandomBytes(size_t size, std::mt19937_64& random) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

std::span<const std::byte> Bytes(std::string_view s) { return std::as_bytes(std::span(s)); }

std::string_view View(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <typename T>
T Read(const std::string& file, uint64_t offset) {
  T value;
  std::memcpy(&value, file.data() + offset, sizeof(T));
  return value;
}

template <typename T>
void Write(std::string& file, uint64_t offset, const T& value) {
  std::memcpy(file.data() + offset, &value, sizeof(T));
}

class SectionFileTest : public ::testing::Test {
 protected:
  // A small section, a large one of three blocks, an empty one, and a large one of two.
  void WriteSample() {
    std::mt19937_64 random(1);
    small_ = RandomBytes(100, random);
    large_ = RandomBytes(3 * section_layout::kBlockBytes - 5, random);
    other_ = RandomBytes(section_layout::kBlockBytes + 1, random);
    auto writer = SectionFileWriter::Create(path_, FileKind::kSegment, kVersion);
    ASSERT_TRUE(writer.ok()) << writer.status();
    ASSERT_TRUE((*writer)->AddSection(SectionId::kMeta, Bytes(small_)).ok());
    ASSERT_TRUE((*writer)->Begin(SectionId::kPostings).ok());
    for (size_t at = 0; at < large_.size(); at += 7777) {
      ASSERT_TRUE(
          (*writer)
              ->Append(Bytes(large_).subspan(at).first(std::min<size_t>(7777, large_.size() - at)))
              .ok());
    }
    ASSERT_TRUE((*writer)->Begin(SectionId::kPositions).ok());
    ASSERT_TRUE((*writer)->AddSection(SectionId::kText, Bytes(other_)).ok());
    ASSERT_TRUE((*writer)->Finish().ok());
    contents_ = *base::ReadFile(path_);
  }

  static absl::StatusOr<std::shared_ptr<const SectionFile>> Open(const std::string& path) {
    return SectionFile::Open(path, FileKind::kSegment, kVersion);
  }

  absl::StatusOr<std::shared_ptr<const SectionFile>> OpenContents(const std::string& contents) {
    return Open(dir_.Write("changed", contents));
  }

  // Applies `change` to header and table and makes their checksums right again.
  std::string Forge(const std::function<void(Header&, std::vector<Record>&)>& change) {
    std::string forged = contents_;
    auto header = Read<Header>(forged, 0);
    std::vector<Record> table(header.section_count);
    const uint64_t table_bytes = table.size() * sizeof(Record);
    std::memcpy(table.data(), forged.data() + header.table_offset, table_bytes);
    const uint64_t table_offset = header.table_offset;
    change(header, table);
    std::memcpy(forged.data() + table_offset, table.data(), table_bytes);
    header.table_crc = base::Crc32c(std::as_bytes(std::span(table)));
    header.header_crc = HeaderCrc(header);
    Write(forged, 0, header);
    return forged;
  }

  TemporaryDirectory dir_;
  std::string path_ = dir_.File("a.seg");
  std::string small_, large_, other_, contents_;
};

TEST_F(SectionFileTest, SectionsReadBackAndEachIsAligned) {
  WriteSample();
  auto file = Open(path_);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(View(*(*file)->Get(SectionId::kMeta)), small_);
  EXPECT_TRUE(View(*(*file)->Get(SectionId::kPostings)) == large_);
  EXPECT_EQ((*file)->Get(SectionId::kPositions)->size(), 0u);
  EXPECT_TRUE(View(*(*file)->Get(SectionId::kText)) == other_);
  EXPECT_TRUE((*file)->Has(SectionId::kPositions));
  EXPECT_FALSE((*file)->Has(SectionId::kForward));
  EXPECT_EQ((*file)->Get(SectionId::kForward).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ((*file)->sections().size(), 4u);
  for (const SectionFile::Info& info : (*file)->sections()) EXPECT_EQ(info.offset % 64, 0u);
  EXPECT_TRUE((*file)->VerifyAll().ok());
  EXPECT_EQ((*file)->file_bytes(), contents_.size());
}

TEST_F(SectionFileTest, TheSameSectionsGiveTheSameBytes) {
  WriteSample();
  const std::string first = contents_;
  WriteSample();
  EXPECT_TRUE(first == contents_);
}

TEST_F(SectionFileTest, AnUnfinishedFileLeavesNothingBehind) {
  {
    auto writer = SectionFileWriter::Create(path_, FileKind::kSegment, kVersion);
    ASSERT_TRUE((*writer)->AddSection(SectionId::kMeta, Bytes("x")).ok());
  }
  EXPECT_THAT(*base::ListDirectory(dir_.path()), IsEmpty());
}

TEST_F(SectionFileTest, ASectionCannotBeWrittenTwice) {
  auto writer = SectionFileWriter::Create(path_, FileKind::kSegment, kVersion);
  ASSERT_TRUE((*writer)->AddSection(SectionId::kMeta, Bytes("x")).ok());
  ASSERT_TRUE((*writer)->AddSection(SectionId::kText, Bytes("x")).ok());
  EXPECT_EQ((*writer)->Begin(SectionId::kMeta).code(), absl::StatusCode::kInternal);
}

TEST_F(SectionFileTest, ArraysNeedAWholeNumberOfElements) {
  WriteSample();
  auto file = Open(path_);
  EXPECT_EQ((*file)->GetArray<uint32_t>(SectionId::kMeta)->size(), 25u);
  const absl::Status odd = (*file)->GetArray<uint64_t>(SectionId::kMeta).status();
  EXPECT_EQ(odd.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(Message(odd), HasSubstr("section meta"));
}

TEST_F(SectionFileTest, ATruncatedOrExtendedFileIsRefused) {
  auto writer = SectionFileWriter::Create(path_, FileKind::kSegment, kVersion);
  ASSERT_TRUE((*writer)->AddSection(SectionId::kMeta, Bytes("some bytes")).ok());
  ASSERT_TRUE((*writer)->Finish().ok());
  const std::string whole = *base::ReadFile(path_);
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(OpenContents(whole.substr(0, length)).status().code(), absl::StatusCode::kDataLoss)
        << length;
  }
  EXPECT_EQ(OpenContents(whole + std::string(1, '\0')).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST_F(SectionFileTest, EveryFlippedByteIsFound) {
  WriteSample();
  const auto header = Read<Header>(contents_, 0);
  for (size_t at = 0; at < contents_.size(); ++at) {
    // Every byte of header, small sections, checksums and table; a sample of the large sections.
    if (at > 300 && at < header.checksums_offset && at % 4999 != 0) continue;
    std::string flipped = contents_;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x40);
    auto file = OpenContents(flipped);
    const absl::Status status = file.ok() ? (*file)->VerifyAll() : file.status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << at << " " << status;
  }
}

TEST_F(SectionFileTest, ACorruptBlockIsFoundAtItsTouchAndLeavesTheRestReadable) {
  WriteSample();
  const uint64_t block = section_layout::kBlockBytes;
  const auto intact = Open(path_);
  const uint64_t postings = (*intact)->sections()[1].offset;
  contents_[postings + block + 17] ^= 1;
  auto file = OpenContents(contents_);
  ASSERT_TRUE(file.ok()) << file.status();
  for (int round = 0; round < 2; ++round) {
    EXPECT_TRUE((*file)->Touch(SectionId::kPostings, 0, block).ok());
    EXPECT_TRUE((*file)->Touch(SectionId::kPostings, 2 * block, block - 5).ok());
    EXPECT_TRUE((*file)->Touch(SectionId::kText, 0, block + 1).ok());
    const absl::Status status = (*file)->Touch(SectionId::kPostings, block - 1, 2);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(Message(status), HasSubstr("changed: section postings: block 1: checksum"));
    EXPECT_EQ((*file)->VerifyAll().code(), absl::StatusCode::kDataLoss);
  }
}

TEST_F(SectionFileTest, ATouchOutsideTheSectionIsRefusedHoweverLarge) {
  WriteSample();
  auto file = Open(path_);
  const uint64_t size = large_.size();
  EXPECT_TRUE((*file)->Touch(SectionId::kPostings, size, 0).ok());
  EXPECT_TRUE((*file)->Touch(SectionId::kPostings, 0, size).ok());
  for (auto [offset, length] :
       std::vector<std::pair<uint64_t, uint64_t>>{{size, 1},
                                                  {0, size + 1},
                                                  {size + 1, 0},
                                                  {1, UINT64_MAX},
                                                  {UINT64_MAX, 1},
                                                  {UINT64_MAX, UINT64_MAX}}) {
    EXPECT_EQ((*file)->Touch(SectionId::kPostings, offset, length).code(),
              absl::StatusCode::kDataLoss);
  }
  EXPECT_EQ((*file)->Touch(SectionId::kForward, 0, 0).code(), absl::StatusCode::kDataLoss);
}

TEST_F(SectionFileTest, AnotherKindOrVersionIsRefusedByName) {
  WriteSample();
  const absl::Status kind = SectionFile::Open(path_, FileKind::kTermStatistics, kVersion).status();
  EXPECT_EQ(kind.code(), absl::StatusCode::kFailedPrecondition);
  const absl::Status version = SectionFile::Open(path_, FileKind::kSegment, kVersion + 1).status();
  EXPECT_EQ(version.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(version), HasSubstr("a.seg: kind 1 of version 3"));
}

TEST_F(SectionFileTest, AFileOfSomethingElseIsRefused) {
  EXPECT_THAT(Message(OpenContents(std::string(200, 'x')).status()),
              HasSubstr("no index file of foraker"));
  EXPECT_EQ(Open(dir_.File("missing")).status().code(), absl::StatusCode::kInternal);
}

TEST_F(SectionFileTest, ForgedTablesWithRightChecksumsAreRefused) {
  WriteSample();
  using Change = std::function<void(Header&, std::vector<Record>&)>;
  const std::vector<std::pair<const char*, Change>> changes = {
      {"overlap", [](auto&, auto& t) { t[1].offset = t[0].offset; }},
      {"swapped", [](auto&, auto& t) { std::swap(t[0], t[1]); }},
      {"twice", [](auto&, auto& t) { t[1].id = t[0].id; }},
      {"unaligned", [](auto&, auto& t) { t[1].offset += 1; }},
      {"longer", [](auto&, auto& t) { t[3].length += 1 << 20; }},
      {"huge", [](auto&, auto& t) { t[3].length = UINT64_MAX; }},
      {"nearly huge", [](auto&, auto& t) { t[3].length = UINT64_MAX - 63; }},
      {"huge offset", [](auto&, auto& t) { t[3].offset = UINT64_MAX - 63; }},
      {"shorter", [](auto&, auto& t) { t[1].length = 10; }},
      {"first block", [](auto&, auto& t) { t[3].first_block = UINT32_MAX; }},
      {"checksums", [](auto& h, auto&) { h.checksums_offset = h.table_offset; }},
      {"table over header", [](auto& h, auto&) { h.table_offset = 0; }},
      {"table past the end", [](auto& h, auto&) { h.table_offset = UINT64_MAX; }},
      {"more sections", [](auto& h, auto&) { h.section_count = UINT32_MAX; }},
      {"fewer sections", [](auto& h, auto&) { h.section_count = 0; }},
      {"length", [](auto& h, auto&) { h.file_length = 64; }},
  };
  for (const auto& [name, change] : changes) {
    EXPECT_EQ(OpenContents(Forge(change)).status().code(), absl::StatusCode::kDataLoss) << name;
  }
}

TEST_F(SectionFileTest, AnUnknownSectionIsSkippedUnlessItIsRequired) {
  WriteSample();
  for (uint32_t id : {0u, 77u, UINT32_MAX}) {
    auto optional = OpenContents(Forge([id](auto&, auto& table) {
      table[3].id = id;
      table[3].flags = 0;
    }));
    ASSERT_TRUE(optional.ok()) << optional.status();
    EXPECT_TRUE((*optional)->VerifyAll().ok());
    EXPECT_FALSE((*optional)->Has(static_cast<SectionId>(id)));
    const auto required = OpenContents(Forge([id](auto&, auto& table) { table[3].id = id; }));
    EXPECT_EQ(required.status().code(), absl::StatusCode::kFailedPrecondition);
  }
  const auto flagged = OpenContents(Forge([](auto&, auto& table) { table[3].flags = 2; }));
  EXPECT_EQ(flagged.status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace foraker::index
