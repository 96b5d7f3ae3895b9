// Segments that were written by builds of format version 1 and are committed (they are the fuzzer's
// corpus too): every later build must read the same from them, or raise the version. "counted" came
// with the section counted_terms; the others are the first build's.

#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "index/segment/segment.h"
#include "tests/index/read_everything.h"

namespace foraker::index {
namespace {

struct GoldenSegment {
  const char* file;
  uint32_t documents;
  uint32_t answers;  // CRC32C of ReadEverything
};

class SegmentGoldenTest : public ::testing::TestWithParam<GoldenSegment> {};

TEST_P(SegmentGoldenTest, ACommittedFileReadsAsItDidWhenItWasWritten) {
  const auto segment = Segment::Open(std::string("tests/fuzz/corpus/segment/") + GetParam().file);
  ASSERT_TRUE(segment.ok()) << segment.status();
  EXPECT_EQ((*segment)->num_documents(), GetParam().documents);
  const absl::StatusOr<std::string> answers = ReadEverything(*segment);
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_EQ(base::Crc32c(std::as_bytes(std::span(*answers))), GetParam().answers);
  const absl::Status verified = (*segment)->Verify();
  EXPECT_TRUE(verified.ok()) << verified;
}

INSTANTIATE_TEST_SUITE_P(Version1, SegmentGoldenTest,
                         ::testing::Values(GoldenSegment{"everything", 4, 0x8f055307},
                                           GoldenSegment{"vectors", 12, 0xa1f2596e},
                                           GoldenSegment{"counted", 12, 0x34b30e0c},
                                           GoldenSegment{"empty", 0, 0},
                                           GoldenSegment{"one", 1, 0x35769541}),
                         [](const auto& golden) { return golden.param.file; });

}  // namespace
}  // namespace foraker::index
