#include "index/segment/memory_sections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/string_view.h"

namespace foraker::index {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kLabel[] = "collection 'c' in memory, writes 12 to 40";

std::shared_ptr<const SectionFile> TwoSections() {
  MemorySectionWriter writer;
  const std::vector<uint64_t> keys = {3, 5, 8};
  const std::vector<uint32_t> numbers = {7};
  EXPECT_TRUE(writer.AddArray(SectionId::kTermKeys, std::span<const uint64_t>(keys)).ok());
  EXPECT_TRUE(writer.AppendArray(std::span<const uint64_t>(keys)).ok());
  EXPECT_TRUE(writer.AddArray(SectionId::kMeta, std::span<const uint32_t>(numbers)).ok());
  EXPECT_TRUE(writer.AddSection(SectionId::kText, {}).ok());
  EXPECT_TRUE(writer.Finish().ok());
  return OpenSections(writer.Take(), kLabel);
}

TEST(MemorySectionsTest, ServeWhatWasWritten) {
  const auto file = TwoSections();
  EXPECT_THAT(*file->GetArray<uint64_t>(SectionId::kTermKeys), ElementsAre(3, 5, 8, 3, 5, 8));
  EXPECT_THAT(*file->GetArray<uint32_t>(SectionId::kMeta), ElementsAre(7));
  EXPECT_TRUE(file->Get(SectionId::kText)->empty());
  EXPECT_TRUE(file->Has(SectionId::kText));
  EXPECT_FALSE(file->Has(SectionId::kForward));
  EXPECT_EQ(file->path(), kLabel);
  EXPECT_EQ(file->file_bytes(), 6u * 8 + 4);
  uint64_t bytes = 0;
  for (const SectionFile::Info& info : file->sections()) bytes += info.length;
  EXPECT_EQ(bytes, file->file_bytes());
  EXPECT_TRUE(file->VerifyAll().ok());
}

TEST(MemorySectionsTest, WhatIsNotThereIsDataLossThatNamesTheLabel) {
  const auto file = TwoSections();
  EXPECT_TRUE(file->Touch(SectionId::kTermKeys, 8, 40).ok());
  for (const absl::Status& status :
       {file->Get(SectionId::kForward).status(), file->Touch(SectionId::kForward, 0, 0),
        file->Touch(SectionId::kTermKeys, 8, 41), file->Touch(SectionId::kTermKeys, 49, 0),
        file->Touch(SectionId::kTermKeys, 48, UINT64_MAX)}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
    EXPECT_THAT(std::string(base::ToStd(status.message())), HasSubstr(kLabel));
  }
}

TEST(MemorySectionsTest, AWriterRefusesASectionTwiceAndBytesBeforeTheFirst) {
  MemorySectionWriter writer;
  EXPECT_EQ(writer.Append({}).code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(writer.Begin(SectionId::kMeta).ok());
  EXPECT_EQ(writer.Begin(SectionId::kMeta).code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace foraker::index
