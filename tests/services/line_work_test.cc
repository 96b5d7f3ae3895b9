#include "services/cli/line_work.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/temporary_directory.h"

namespace foraker::cli {
namespace {

using ::testing::HasSubstr;

// Lines twice; "bad" is the line's fault, "broken" the worker's.
class Doubler final : public LineWorker {
 public:
  absl::Status Work(std::span<const retrieval::Line> lines, std::span<WorkedLine> worked) override {
    for (size_t i = 0; i < lines.size(); ++i) {
      const std::string text(lines[i].text);
      if (text == "broken") return absl::InternalError("the worker is broken");
      if (text == "bad") {
        worked[i].error = absl::InvalidArgumentError("expected a good line");
      } else {
        worked[i].output = text + text + "\n";
      }
    }
    return absl::OkStatus();
  }
};

class LineWorkTest : public ::testing::Test {
 protected:
  absl::StatusOr<LineWorkResult> Run(const std::string& lines, uint32_t threads,
                                     bool strict = false) {
    std::ofstream(input_) << lines;
    output_.clear();
    std::FILE* file = std::tmpfile();
    LineWorkOptions options;
    options.inputs = {input_};
    options.threads = threads;
    options.strict = strict;
    absl::StatusOr<LineWorkResult> result = WorkLines(
        options, []() -> std::unique_ptr<LineWorker> { return std::make_unique<Doubler>(); }, file);
    std::rewind(file);
    for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) {
      output_.push_back(static_cast<char>(c));
    }
    std::fclose(file);
    return result;
  }

  const TemporaryDirectory directory_;
  const std::string input_ = directory_.File("lines.txt");
  std::string output_;
};

TEST_F(LineWorkTest, OutputIsInTheOrderOfTheInputOnAnyNumberOfThreads) {
  std::string lines, doubled;
  for (int i = 0; i < 50'000; ++i) {
    absl::StrAppend(&lines, i, "\n");
    absl::StrAppend(&doubled, i, i, "\n");
  }
  for (const uint32_t threads : {1u, 3u, 8u}) {
    const auto result = Run(lines, threads);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->lines, 50'000u);
    EXPECT_TRUE(output_ == doubled) << threads << " threads";
  }
}

TEST_F(LineWorkTest, BadLinesAreCountedAndTheOthersWorkedOn) {
  const auto result = Run("a\nbad\nb\nbad\n", 2);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->lines, 4u);
  EXPECT_EQ(result->rejected, 2u);
  EXPECT_EQ(output_, "aa\nbb\n");
}

TEST_F(LineWorkTest, StrictStopsAtTheFirstBadLineAndNamesIt) {
  const auto result = Run("a\nbad\nb\n", 2, /*strict=*/true);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(result.status().message()),
              HasSubstr(input_ + ":2: expected a good line"));
}

TEST_F(LineWorkTest, WhatIsNoLinesFaultEndsTheWork) {
  EXPECT_EQ(Run("a\nbroken\n", 2).status().code(), absl::StatusCode::kInternal);
}

TEST_F(LineWorkTest, AnEmptyInputGivesNothing) {
  const auto result = Run("", 2);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->lines, 0u);
  EXPECT_EQ(output_, "");
}

}  // namespace
}  // namespace foraker::cli
