// The files of a tokenizer: both layouts, and what is refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_replace.h"
#include "base/string_view.h"
#include "model/tokenizer/definition.h"
#include "model/tokenizer/wordpiece.h"
#include "tests/model/wordpiece_files.h"
#include "tests/support/temporary_directory.h"

namespace foraker::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kVocabulary =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\ncafe\nCafe\n##s\n";

constexpr std::string_view kTokenizer = R"({
  "added_tokens": [{"id": 2, "content": "[CLS]", "special": true, "normalized": false}],
  "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                 "strip_accents": null, "lowercase": true},
  "pre_tokenizer": {"type": "BertPreTokenizer"},
  "post_processor": {"type": "TemplateProcessing",
                     "single": [{"SpecialToken": {"id": "[CLS]"}}, {"Sequence": {"id": "A"}},
                                {"SpecialToken": {"id": "[SEP]"}}]},
  "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {"[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "the": 5, "cafe": 6}}})";

std::string Replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string replaced(text);
  EXPECT_GT(absl::StrReplaceAll({{base::ToAbsl(from), base::ToAbsl(to)}}, &replaced), 0) << from;
  return replaced;
}

absl::StatusOr<WordPieceDefinition> ParseJson(std::string_view json,
                                              std::string_view config = "{}") {
  const auto parsed = JsonObject::Parse(config, "tokenizer_config.json");
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return ParseTokenizerJson(json, "tokenizer.json", &*parsed);
}

absl::StatusOr<WordPieceDefinition> ParseLines(std::string_view lines,
                                               std::string_view config = "{}") {
  const auto parsed = JsonObject::Parse(config, "tokenizer_config.json");
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return ParseVocabularyFile(lines, "vocab.txt", &*parsed);
}

std::string ErrorOf(const absl::StatusOr<WordPieceDefinition>& parsed) {
  if (parsed.ok()) return "none";
  EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << parsed.status();
  return std::string(base::ToStd(parsed.status().message()));
}

std::vector<std::string> Pieces(const WordPieceDefinition& definition, std::string_view text) {
  const auto tokenizer = MakeWordPiece(definition);
  std::vector<std::string> pieces;
  const auto session = tokenizer->NewSession();
  for (const Token& token : session->Tokenize(text))
    pieces.emplace_back(tokenizer->TextOf(token.id));
  return pieces;
}

TEST(WordPieceReadingTest, AVocabularyAloneIsAnUncasedBert) {
  const TemporaryDirectory directory;
  directory.Write("vocab.txt", kVocabulary);
  const auto tokenizer = WordPiece::Open(directory.path());
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  EXPECT_THAT((*tokenizer)->files(), ElementsAre("vocab.txt"));
  EXPECT_EQ((*tokenizer)->cls(), 2u);
  EXPECT_EQ((*tokenizer)->sep(), 3u);
  const auto session = (*tokenizer)->NewSession();
  EXPECT_THAT(session->Tokenize("Caf\u00e9s [MASK]"),
              ElementsAre(Token{6, 0, 5}, Token{8, 5, 6}, Token{4, 7, 13}));
}

TEST(WordPieceReadingTest, BothLayoutsOfOneTokenizerAgree) {
  auto lines = ParseLines(kVocabulary);
  const std::string golden = kWordPieceGolden + "cased/";
  const auto whole = ReadWordPiece(golden);
  ASSERT_TRUE(whole.ok()) << whole.status();
  std::string vocabulary;
  for (const std::string& token : whole->tokens) vocabulary += token + "\n";
  lines = ParseLines(vocabulary, R"({"do_lower_case": false})");
  ASSERT_TRUE(lines.ok()) << lines.status();
  EXPECT_EQ(lines->tokens, whole->tokens);
  EXPECT_EQ(lines->rules, whole->rules);
  EXPECT_EQ(lines->specials, whole->specials);
  EXPECT_EQ(MakeWordPiece(*lines)->Fingerprint(), MakeWordPiece(*whole)->Fingerprint());
}

TEST(WordPieceReadingTest, TheConfigurationOfAVocabularySetsTheRules) {
  const auto cased = ParseLines(kVocabulary, R"({"do_lower_case": false})");
  ASSERT_TRUE(cased.ok()) << cased.status();
  EXPECT_THAT(Pieces(*cased, "Cafes CAFES"), ElementsAre("Cafe", "##s", "[UNK]"));
  const auto accents = ParseLines(kVocabulary, R"({"strip_accents": false})");
  ASSERT_TRUE(accents.ok()) << accents.status();
  EXPECT_THAT(Pieces(*accents, "CAFE caf\u00e9"), ElementsAre("cafe", "[UNK]"));
  const auto joined = ParseLines(kVocabulary, R"({"tokenize_chinese_chars": false})");
  ASSERT_TRUE(joined.ok()) << joined.status();
  EXPECT_THAT(Pieces(*joined, "the\u4e2d"), ElementsAre("[UNK]"));
}

TEST(WordPieceReadingTest, SpecialTokensMayHaveOtherNames) {
  const auto renamed =
      ParseLines(Replaced(kVocabulary, "[CLS]", "<s>"),
                 R"({"cls_token": {"content": "<s>"}, "additional_special_tokens": ["the"]})");
  ASSERT_TRUE(renamed.ok()) << renamed.status();
  EXPECT_EQ(renamed->cls, 2u);
  EXPECT_THAT(renamed->specials, ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(Pieces(*renamed, "<s>the"), ElementsAre("<s>", "the"));
}

TEST(WordPieceReadingTest, AddedTokensOfTheConfigurationAreFoundInTheText) {
  const auto added = ParseLines(
      kVocabulary, R"({"added_tokens_decoder": {"9": {"content": "<x>", "rstrip": true}}})");
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_THAT(Pieces(*added, "the<x>  cafe"), ElementsAre("the", "<x>", "cafe"));
  EXPECT_EQ(MakeWordPiece(*added)->vocabulary_size(), 10u);
}

TEST(WordPieceReadingTest, LinesMayEndAsInWindowsAndTheLastOfEqualOnesCounts) {
  const auto definition = ParseLines(Replaced(kVocabulary, "\n", "\r\n") + "the");
  ASSERT_TRUE(definition.ok()) << definition.status();
  EXPECT_EQ(definition->tokens[5], "");
  EXPECT_EQ(definition->tokens[9], "the");
}

TEST(WordPieceReadingTest, OldTokenizerFilesNameNoModelTypeAndHaveNoEnds) {
  auto old = ParseJson(Replaced(kTokenizer, R"("type": "WordPiece",)", ""));
  EXPECT_TRUE(old.ok()) << old.status();
  old = ParseJson(Replaced(kTokenizer, R"("post_processor": {)", R"("other": {)"));
  ASSERT_TRUE(old.ok()) << old.status();
  EXPECT_EQ(old->cls, 2u);
}

TEST(WordPieceReadingTest, WhatWouldChangeTokensAndIsNotWordPieceIsRefusedByName) {
  const struct {
    std::string_view from, to, error;
  } kCases[] = {
      {"BertNormalizer", "NFKC", "normalizer.type"},
      {"BertPreTokenizer", "Whitespace", "pre_tokenizer.type"},
      {"\"WordPiece\"", "\"BPE\"", "model.type"},
      {"TemplateProcessing", "ByteLevel", "post_processor.type"},
      {R"({"Sequence": {"id": "A"}},)", "", "post_processor.single"},
      {R"("normalized": false)", R"("normalized": true)", "added_tokens[0].normalized"},
      {R"({"id": 2, "content")", R"({"id": 3, "content")", "added_tokens[0].id"},
      {R"({"id": 2, "content": "[CLS]")", R"({"id": 3, "content": "<x>")", "belongs to \"[SEP]\""},
      {R"("id": "[SEP]")", R"("id": "<end>")", "\"<end>\" is not in the vocabulary"},
      {R"("unk_token": "[UNK]")", R"("unk_token": "?")", "\"?\" is not in the vocabulary"},
      {R"("the": 5)", R"("the": 6)", "id 6 belongs to two tokens"},
      {R"("the": 5)", R"("the": 2097152)", "id 2097152"},
      {R"("the": 5)", R"("the": -5)", "model.vocab.the"},
      {R"("lowercase": true)", R"("lowercase": 1)", "normalizer.lowercase"},
  };
  ASSERT_TRUE(ParseJson(kTokenizer).ok()) << ParseJson(kTokenizer).status();
  for (const auto& test : kCases) {
    const std::string error = ErrorOf(ParseJson(Replaced(kTokenizer, test.from, test.to)));
    EXPECT_THAT(error, HasSubstr(std::string(test.error))) << test.to;
    EXPECT_THAT(error, HasSubstr("tokenizer.json")) << test.to;
  }
}

TEST(WordPieceReadingTest, AConfigurationThatContradictsTheTokenizerIsRefused) {
  EXPECT_THAT(ErrorOf(ParseJson(kTokenizer, R"({"do_lower_case": false})")),
              HasSubstr("do_lower_case"));
  EXPECT_THAT(ErrorOf(ParseJson(kTokenizer, R"({"strip_accents": false})")),
              HasSubstr("strip_accents"));
  EXPECT_THAT(ErrorOf(ParseJson(kTokenizer, R"({"tokenize_chinese_chars": false})")),
              HasSubstr("tokenize_chinese_chars"));
  EXPECT_TRUE(ParseJson(kTokenizer, R"({"do_lower_case": true, "strip_accents": null})").ok());
}

TEST(WordPieceReadingTest, AVocabularyOfAnotherTokenizerThanBertsIsRefused) {
  EXPECT_THAT(ErrorOf(ParseLines(kVocabulary, R"({"tokenizer_class": "BertJapaneseTokenizer"})")),
              HasSubstr("tokenizer_class"));
  EXPECT_THAT(ErrorOf(ParseLines(kVocabulary, R"({"do_basic_tokenize": false})")),
              HasSubstr("do_basic_tokenize"));
  EXPECT_TRUE(ParseLines(kVocabulary, R"({"tokenizer_class": "DistilBertTokenizerFast"})").ok());
  EXPECT_TRUE(ParseJson(kTokenizer, R"({"tokenizer_class": "TokenizersBackend"})").ok());
}

TEST(WordPieceReadingTest, JsonThatIsNestedWithoutEndIsRefused) {
  const std::string nested = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_THAT(ErrorOf(ParseJson(Replaced(kTokenizer, R"({"type": "BertPreTokenizer"})", nested))),
              HasSubstr("levels of nesting"));
}

TEST(WordPieceReadingTest, ABrokenVocabularyIsRefusedWithItsLine) {
  EXPECT_THAT(ErrorOf(ParseLines("[PAD]\n\xff\n")), HasSubstr("vocab.txt: line 2"));
  EXPECT_THAT(ErrorOf(ParseLines("the\n")), HasSubstr("\"[UNK]\" is not in the vocabulary"));
  EXPECT_THAT(ErrorOf(ParseLines("")), HasSubstr("vocab.txt"));
}

TEST(WordPieceReadingTest, ADirectoryWithoutATokenizerSaysWhatWasExpected) {
  const TemporaryDirectory directory;
  const auto none = WordPiece::Open(directory.path());
  EXPECT_EQ(none.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(base::ToStd(none.status().message())), HasSubstr("tokenizer.json"));
  directory.Write("vocab.txt", kVocabulary);
  directory.Write("added_tokens.json", "{}");
  EXPECT_EQ(WordPiece::Open(directory.path()).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace foraker::model
