#include "services/cli/query_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

namespace foraker::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> AnswersOf(const std::string& members) {
  const absl::StatusOr<NamedQuery> query =
      ParseQuery(R"({"_id": "q", "text": "who?")" + members + "}");
  EXPECT_TRUE(query.ok()) << query.status();
  return query.ok() ? query->answers : std::vector<std::string>();
}

TEST(QueryFile, KnowsAnswersAndTheirOtherForms) {
  EXPECT_THAT(AnswersOf(R"(, "answer": "King", "aliases": ["S. King", "Stephen King"])"),
              ElementsAre("King", "S. King", "Stephen King"));
  EXPECT_THAT(AnswersOf(R"(, "answer": ["one", "1"])"), ElementsAre("one", "1"));
}

TEST(QueryFile, AnswersOfOtherFormsAreNoErrors) {
  EXPECT_THAT(AnswersOf(""), IsEmpty());
  EXPECT_THAT(AnswersOf(R"(, "answer": 7, "aliases": {"a": "b"})"), IsEmpty());
  EXPECT_THAT(AnswersOf(R"(, "answer": "x", "aliases": [1, null, "y"])"), ElementsAre("x", "y"));
}

TEST(QueryFile, ErrorsSayWhatWasExpected) {
  EXPECT_THAT(std::string(ParseQuery(R"({"text": "who?"})").status().message()),
              testing::HasSubstr("\"_id\""));
  EXPECT_THAT(std::string(ParseQuery(R"({"_id": "q"})").status().message()),
              testing::HasSubstr("\"text\""));
}

}  // namespace
}  // namespace foraker::cli
