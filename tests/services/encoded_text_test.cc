#include "services/cli/encoded_text.h"

#include <gtest/gtest.h>

namespace foraker::cli {
namespace {

using index::TermNamespace;

TEST(EncodedTextTest, APassageIsOneLineWithItsHeaviestTermFirst) {
  EncodedText text;
  text.id = "d\"1";
  text.passage = {2, {10, 81}};
  text.tokens = 17;
  text.tokens_dropped = 3;
  text.terms = {{TermNamespace::kWordPiece, "##ing", 0.1f, retrieval::ByteRange{12, 19}, false},
                {TermNamespace::kWordPiece, "fish", 0.5f, std::nullopt, true},
                {TermNamespace::kStem, "whale", 2.25f, retrieval::ByteRange{10, 15}, false},
                {TermNamespace::kTitle, "moby dick", 0.5f, std::nullopt, false}};
  EXPECT_EQ(ToJsonLine(text),
            R"({"_id": "d\"1", "passage": 2, "begin": 10, "end": 81, "tokens": 17, )"
            R"("tokens_dropped": 3, "vector": {"stem:whale": 2.25, "fish": 0.5, )"
            R"("title:moby dick": 0.5, "##ing": 0.1}, "positions": {"stem:whale": [10, 15], )"
            R"("fish": "title", "##ing": [12, 19]}})"
            "\n");
}

TEST(EncodedTextTest, AQueryHasNoPassageAndAnEmptyOneNoTerms) {
  EXPECT_EQ(ToJsonLine({.id = "q", .passage = {}, .tokens = 0, .tokens_dropped = 0, .terms = {}}),
            "{\"_id\": \"q\", \"tokens\": 0, \"tokens_dropped\": 0, \"vector\": {}, "
            "\"positions\": {}}\n");
}

TEST(EncodedTextTest, NamesThatAreNotUtf8AreReplaced) {
  EncodedText text;
  text.id = "\xff";
  EXPECT_NE(ToJsonLine(text).find("\xef\xbf\xbd"), std::string::npos);
}

}  // namespace
}  // namespace foraker::cli
