#include "services/cli/rank_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/string_view.h"
#include "tests/support/temporary_directory.h"

namespace foraker::cli {
namespace {

using ::testing::HasSubstr;

class RankInputTest : public testing::Test {
 protected:
  std::string Write(std::string_view lines) {
    const std::string path = directory_.File("documents.jsonl");
    std::ofstream(path) << lines;
    return path;
  }
  std::string ErrorOf(std::string_view lines) {
    return std::string(base::ToStd(ReadRankInput(Write(lines)).status().message()));
  }

  const TemporaryDirectory directory_;
};

TEST_F(RankInputTest, ALineHoldsAnIdATitleAndAText) {
  const auto input =
      ReadRankInput(Write("{\"_id\": \"a\", \"title\": \"T\", \"text\": \"one\", "
                          "\"year\": 1}\n\n{\"id\": \"b\", \"text\": \"two\"}"));
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_THAT(input->ids, testing::ElementsAre("a", "b"));
  EXPECT_EQ(input->documents[0].title, "T");
  EXPECT_EQ(input->documents[1].text, "two");
}

TEST_F(RankInputTest, ABadLineIsNamed) {
  const std::string good = "{\"_id\": \"a\", \"text\": \"one\"}\n";
  EXPECT_THAT(ErrorOf(good + "\n{\"_id\": 3, \"text\": \"x\"}\n"),
              HasSubstr("documents.jsonl:3: expected a string under \"_id\""));
  EXPECT_THAT(ErrorOf(good + "{\"text\": \"x\"}\n"),
              HasSubstr("documents.jsonl:2: expected a string under \"_id\" or \"id\""));
  EXPECT_THAT(ErrorOf(good + "{\"_id\": \"b\", \"text\": [1]}\n"),
              HasSubstr("documents.jsonl:2: expected a string under \"text\""));
  EXPECT_THAT(ErrorOf("{\"_id\": \"b\", \"text\": \" \\n\"}\n"),
              HasSubstr("documents.jsonl:1: \"b\" has neither a title nor a text"));
  EXPECT_THAT(ErrorOf("[]\n"), HasSubstr("documents.jsonl:1: expected a JSON object"));
  EXPECT_THAT(ErrorOf(good + "{\"_id\": \"b\", \"text\": \"\xff\"}\n"),
              HasSubstr("documents.jsonl:2: expected a JSON object, in UTF-8"));
}

TEST_F(RankInputTest, AFileWithoutDocumentsIsAnError) {
  EXPECT_THAT(ErrorOf("\n \n"), HasSubstr("holds no documents"));
  EXPECT_FALSE(ReadRankInput(directory_.File("none")).ok());
}

}  // namespace
}  // namespace foraker::cli
