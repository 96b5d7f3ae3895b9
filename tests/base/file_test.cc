#include "base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/directory.h"
#include "base/mapped_file.h"
#include "base/string_view.h"
#include "tests/support/temporary_directory.h"

namespace foraker::base {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::span<const std::byte> Bytes(std::string_view s) { return std::as_bytes(std::span(s)); }

std::string Message(const absl::Status& status) { return std::string(ToStd(status.message())); }

class FileTest : public ::testing::Test {
 protected:
  const TemporaryDirectory directory_;
  const std::string dir_ = directory_.path();
};

TEST_F(FileTest, AWrittenFileReadsBackAndReplacesTheOneBefore) {
  const std::string path = dir_ + "/a";
  ASSERT_TRUE(WriteFile(path, "first").ok());
  ASSERT_TRUE(WriteFile(path, std::string("se\0cond", 7)).ok());
  EXPECT_EQ(*ReadFile(path), std::string("se\0cond", 7));
  EXPECT_EQ(*FileSize(path), 7u);
  EXPECT_THAT(*ListDirectory(dir_), ElementsAre("a"));
}

TEST_F(FileTest, AnUncommittedFileLeavesTheOldOneAndNothingElse) {
  const std::string path = dir_ + "/a";
  ASSERT_TRUE(WriteFile(path, "old").ok());
  {
    auto file = AtomicFile::Create(path);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->Append(Bytes("new")).ok());
    EXPECT_EQ(*ReadFile(path), "old");
  }
  EXPECT_EQ(*ReadFile(path), "old");
  EXPECT_THAT(*ListDirectory(dir_), ElementsAre("a"));
}

TEST_F(FileTest, PiecesOfAnySizeAreKeptInOrderAndCanBeOverwritten) {
  const std::string path = dir_ + "/a";
  auto file = AtomicFile::Create(path);
  ASSERT_TRUE(file.ok());
  std::string expected;
  for (size_t size : {0, 1, 100'000, 200'000, 1'000'000, 3, 262'144, 7}) {
    const std::string piece(size, static_cast<char>('a' + expected.size() % 26));
    ASSERT_TRUE((*file)->Append(Bytes(piece)).ok());
    expected += piece;
    EXPECT_EQ((*file)->size(), expected.size());
  }
  ASSERT_TRUE((*file)->Overwrite(50, Bytes("here")).ok());
  expected.replace(50, 4, "here");
  ASSERT_TRUE((*file)->Append(Bytes("end")).ok());
  expected += "end";
  ASSERT_TRUE((*file)->Commit().ok());
  EXPECT_TRUE(*ReadFile(path) == expected);
}

TEST_F(FileTest, ErrorsNameThePathAndWhatTheSystemSaid) {
  const std::string path = dir_ + "/missing/file";
  const absl::Status read = ReadFile(path).status();
  EXPECT_EQ(read.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Message(read), HasSubstr(path));
  EXPECT_THAT(Message(read), HasSubstr("No such file or directory"));
  for (const absl::Status& status :
       {WriteFile(path, ""), MappedFile::Open(path).status(), FileSize(path).status(),
        ListDirectory(path).status(), SyncDirectory(path), SpoolFile::Create(path).status(),
        HardLink(path, dir_ + "/b")}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << status;
    EXPECT_THAT(Message(status), HasSubstr(path));
  }
}

TEST_F(FileTest, ReadingMoreThanAllowedIsRefused) {
  ASSERT_TRUE(WriteFile(dir_ + "/a", std::string(101, 'x')).ok());
  EXPECT_TRUE(ReadFile(dir_ + "/a", 101).ok());
  EXPECT_EQ(ReadFile(dir_ + "/a", 100).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(FileTest, ASpoolHasNoNameAndReadsBackAnyRange) {
  auto spool = SpoolFile::Create(dir_);
  ASSERT_TRUE(spool.ok());
  EXPECT_THAT(*ListDirectory(dir_), IsEmpty());
  ASSERT_TRUE((*spool)->Append(Bytes("hello ")).ok());
  ASSERT_TRUE((*spool)->Append(Bytes("world")).ok());
  EXPECT_EQ((*spool)->size(), 11u);
  std::string out(5, ' ');
  ASSERT_TRUE((*spool)->Read(4, std::as_writable_bytes(std::span(out))).ok());
  EXPECT_EQ(out, "o wor");
  EXPECT_FALSE((*spool)->Read(8, std::as_writable_bytes(std::span(out))).ok());
}

TEST_F(FileTest, AMappingOutlivesItsName) {
  const std::string path = dir_ + "/a";
  ASSERT_TRUE(WriteFile(path, "mapped").ok());
  auto mapping = MappedFile::Open(path);
  ASSERT_TRUE(mapping.ok());
  ASSERT_TRUE(RemoveFile(path).ok());
  const MappedFile moved = *std::move(mapping);
  moved.Advise(MappedFile::Access::kRandom, 2, 1000);
  moved.Advise(MappedFile::Access::kSequential, 1000, 1);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(moved.bytes().data()), moved.bytes().size()),
            "mapped");
}

TEST_F(FileTest, AnEmptyFileMapsToNothingAndADirectoryIsRefused) {
  ASSERT_TRUE(WriteFile(dir_ + "/a", "").ok());
  EXPECT_TRUE(MappedFile::Open(dir_ + "/a")->bytes().empty());
  EXPECT_FALSE(MappedFile::Open(dir_).ok());
}

TEST_F(FileTest, RemovalsOfWhatIsNotThereAreFine) {
  EXPECT_TRUE(RemoveFile(dir_ + "/a").ok());
  EXPECT_TRUE(RemoveTree(dir_ + "/a").ok());
}

TEST_F(FileTest, AHardLinkKeepsTheContentsWhenTheFirstNameGoes) {
  ASSERT_TRUE(WriteFile(dir_ + "/a", "x").ok());
  ASSERT_TRUE(HardLink(dir_ + "/a", dir_ + "/b").ok());
  EXPECT_EQ(HardLink(dir_ + "/a", dir_ + "/b").code(), absl::StatusCode::kAlreadyExists);
  ASSERT_TRUE(RemoveFile(dir_ + "/a").ok());
  EXPECT_EQ(*ReadFile(dir_ + "/b"), "x");
}

TEST(DirectoryOfTest, IsWhatStandsBeforeTheLastSlash) {
  EXPECT_EQ(DirectoryOf("a/b/c"), "a/b");
  EXPECT_EQ(DirectoryOf("c"), ".");
  EXPECT_EQ(DirectoryOf("/c"), "/");
}

}  // namespace
}  // namespace foraker::base
