// The files of a decoder's tokenizer: what is refused, and by which words.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/file.h"
#include "base/string_view.h"
#include "model/tokenizer/decoder_definition.h"
#include "model/tokenizer/decoder_tokenizer.h"
#include "tests/support/temporary_directory.h"

namespace foraker::model {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kTokenizer = R"({
  "added_tokens": [{"id": 7, "content": "<end>", "special": true, "normalized": false}],
  "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}]},
  "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
    {"type": "Split", "pattern": {"Regex": "\\p{N}"}, "behavior": "Isolated", "invert": false},
    {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]},
  "model": {"type": "BPE", "dropout": null, "unk_token": null, "fuse_unk": false,
            "byte_fallback": false, "ignore_merges": false,
            "vocab": {"a": 0, "b": 1, "c": 2, "ab": 3, "abc": 4, "Ġ": 5, "Ġa": 6},
            "merges": ["a b", "ab c", "Ġ a"]}})";

// A copy in which one place is changed.
std::string With(std::string_view from, std::string_view to, std::string_view text = kTokenizer) {
  std::string changed(text);
  EXPECT_EQ(absl::StrReplaceAll({{base::ToAbsl(from), base::ToAbsl(to)}}, &changed), 1) << from;
  return changed;
}

absl::StatusOr<DecoderDefinition> Parse(std::string_view json, std::string_view config = "{}") {
  const auto parsed = JsonObject::Parse(config, "tokenizer_config.json");
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return ParseDecoderJson(json, "dir/tokenizer.json", &*parsed);
}

std::string ErrorOf(const absl::StatusOr<DecoderDefinition>& parsed) {
  EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(parsed.status().message());
}

std::vector<std::string> Pieces(std::string_view json, std::string_view text) {
  auto definition = Parse(json);
  EXPECT_TRUE(definition.ok()) << definition.status();
  if (!definition.ok()) return {};
  const auto tokenizer = MakeDecoderTokenizer(*std::move(definition));
  std::vector<uint32_t> ids;
  tokenizer->Encode(text, ids);
  std::vector<std::string> pieces;
  for (const uint32_t id : ids) pieces.push_back(tokenizer->TokenOf(id));
  return pieces;
}

TEST(DecoderReadingTest, MergesMayBeStringsOrPairs) {
  EXPECT_THAT(Pieces(kTokenizer, "abc aab"), ElementsAre("abc", "\u0120a", "ab"));
  const std::string pairs =
      With(R"(["a b", "ab c", "Ġ a"])", R"([["a", "b"], ["ab", "c"], ["Ġ", "a"]])");
  EXPECT_THAT(Pieces(pairs, "abc aab"), ElementsAre("abc", "\u0120a", "ab"));
}

TEST(DecoderReadingTest, ATokenOfAMergeMayHoldSpaces) {
  std::string json = With(R"("Ġ": 5, "Ġa": 6)", R"(" ": 5, "  ": 6)");
  json = With(R"("Ġ a")", R"("   ")", json);
  json = With(R"({"type": "ByteLevel", "add_prefix_space": false, "use_regex": false})",
              R"({"type": "Digits"})", json);
  EXPECT_THAT(Pieces(json, "ab    "), ElementsAre("ab", "  ", "  "));
}

TEST(DecoderReadingTest, WithoutAnUnknownTokenWhatIsNotKnownVanishes) {
  EXPECT_THAT(Pieces(kTokenizer, "azb<end>"), ElementsAre("ab", "<end>"));
}

TEST(DecoderReadingTest, AMergeOfATokenThatIsNotThereIsNamedByItsEntry) {
  EXPECT_THAT(ErrorOf(Parse(With(R"("ab c")", R"("ab d")"))),
              AllOf(HasSubstr("dir/tokenizer.json"), HasSubstr("entry 1"),
                    HasSubstr("\"d\" is not in the vocabulary")));
  EXPECT_THAT(ErrorOf(Parse(With(R"("ab c")", R"("c c")"))),
              HasSubstr("\"cc\" is not in the vocabulary"));
  EXPECT_THAT(ErrorOf(Parse(With(R"("ab c")", R"("abc")"))), HasSubstr("entry 1: expected two"));
  EXPECT_THAT(ErrorOf(Parse(With(R"("ab c")", R"("a b c")"))), HasSubstr("entry 1: expected two"));
  EXPECT_THAT(ErrorOf(Parse(With(R"(["a b", "ab c", "Ġ a"])", R"([["a", "b", "c"]])"))),
              HasSubstr("entry 0: expected two tokens, got 3"));
  EXPECT_THAT(ErrorOf(Parse(With(R"(["a b", "ab c", "Ġ a"])", R"([1])"))),
              HasSubstr("model.merges"));
}

TEST(DecoderReadingTest, WhatWouldChangeIdsAndIsNotUnderstoodIsRefused) {
  const std::vector<std::array<std::string_view, 3>> changes = {
      {R"("type": "BPE")", R"("type": "Unigram")", "model.type"},
      {R"("dropout": null)", R"("dropout": 0.1)", "model.dropout"},
      {R"("fuse_unk": false)", R"("end_of_word_suffix": "</w>")", "end_of_word_suffix"},
      {R"("unk_token": null)", R"("unk_token": "<unk>")", "model.unk_token"},
      {R"("byte_fallback": false)", R"("byte_fallback": true)", "model.byte_fallback"},
      {R"({"type": "NFC"})", R"({"type": "Lowercase"})", "type"},
      {R"({"type": "NFC"})", R"({"type": "Replace", "pattern": {"Regex": " +"}, "content": ""})",
       "pattern"},
      {R"("behavior": "Isolated")", R"("behavior": "Removed")", "behavior"},
      {R"({"Regex": "\\p{N}"})", R"({"Regex": "(\\p{N}"})", "pattern"},
      {R"({"type": "Split", "pattern")", R"({"type": "Whitespace", "pattern")", "type"},
      {R"("use_regex": false}])", R"("use_regex": false}, {"type": "Digits"}])", "ByteLevel"},
      {R"("c": 2)", R"("c": 1)", "belongs to two tokens"},
      {R"("c": 2)", R"("c": 20000000)", "is not below"},
      {R"("id": 7)", R"("id": 20000000)", "expected one below"},
      {R"("id": 7)", R"("id": 2)", "expected another than that of \"c\""},
      {R"("content": "<end>")", R"("content": "abc")", "expected 4, as in the vocabulary"}};
  for (const auto& [from, to, expected] : changes) {
    EXPECT_THAT(ErrorOf(Parse(With(from, to))),
                AllOf(HasSubstr("dir/tokenizer.json"), HasSubstr(std::string(expected))));
  }
}

TEST(DecoderReadingTest, MetaspaceStatesItsPrefixOnce) {
  const std::string metaspace =
      With(R"({"type": "ByteLevel", "add_prefix_space": false, "use_regex": false})",
           R"({"type": "Metaspace", "replacement": "_", "add_prefix_space": false})");
  EXPECT_THAT(ErrorOf(Parse(metaspace)), HasSubstr("never, as add_prefix_space is false"));
  EXPECT_TRUE(
      Parse(With(R"("add_prefix_space": false)", R"("prepend_scheme": "never")", metaspace)).ok());
  EXPECT_THAT(
      ErrorOf(Parse(With(R"("add_prefix_space": false)", R"("prepend_scheme": "odd")", metaspace))),
      HasSubstr("always, first or never"));
}

TEST(DecoderReadingTest, AFileCannotMakeTextsGrowWithoutMeasure) {
  const auto repeated = [](std::string_view step, int times) {
    std::string steps(step);
    for (int i = 1; i < times; ++i) absl::StrAppend(&steps, ", ", base::ToAbsl(step));
    return steps;
  };
  constexpr std::string_view kNfc = R"({"type": "NFC"})";
  constexpr std::string_view kDouble =
      R"({"type": "Replace", "pattern": {"String": "a"}, "content": "aa"})";
  EXPECT_TRUE(Parse(With(kNfc, repeated(kDouble, 2))).ok());
  EXPECT_THAT(ErrorOf(Parse(With(kNfc, repeated(kDouble, 3)))), HasSubstr("2 lengthen a text"));
  EXPECT_THAT(ErrorOf(Parse(With(kNfc, repeated(kNfc, 17)))), HasSubstr("at most 16 steps"));
  EXPECT_THAT(ErrorOf(Parse(With(kNfc, absl::StrCat(R"({"type": "Prepend", "prepend": ")",
                                                    std::string(65, 'a'), R"("})")))),
              HasSubstr("at most 64 bytes"));
  constexpr std::string_view kBytes =
      R"({"type": "ByteLevel", "add_prefix_space": false, "use_regex": false})";
  constexpr std::string_view kMark = R"({"type": "Metaspace", "replacement": "_", "split": false})";
  EXPECT_THAT(ErrorOf(Parse(With(kBytes, repeated(kMark, 3)))),
              HasSubstr("2 put something before pieces"));
}

TEST(DecoderReadingTest, TokensOfTheConfigurationComeOnTop) {
  const auto definition = Parse(kTokenizer, R"({"added_tokens_decoder": {
      "7": {"content": "<end>", "lstrip": true, "special": true},
      "9": {"content": "<more>", "special": false}}})");
  ASSERT_TRUE(definition.ok()) << definition.status();
  ASSERT_EQ(definition->added.size(), 2u);
  EXPECT_TRUE(definition->added[0].lstrip);
  EXPECT_EQ(definition->added[1].id, 9u);
  EXPECT_EQ(MakeDecoderTokenizer(*definition)->vocabulary_size(), 10u);
  EXPECT_THAT(ErrorOf(Parse(kTokenizer, R"({"added_tokens_decoder": {
                  "8": {"content": "<end>"}}})")),
              HasSubstr("expected 7, as before"));
  EXPECT_THAT(ErrorOf(Parse(kTokenizer, R"({"added_tokens_decoder": {
                  "x": {"content": "<end>"}}})")),
              AllOf(HasSubstr("tokenizer_config.json"), HasSubstr("an id as its key")));
}

TEST(DecoderReadingTest, ADirectoryWithoutATokenizerIsNotFound) {
  const TemporaryDirectory directory;
  const auto opened = DecoderTokenizer::Open(directory.path());
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(opened.status().message()),
              HasSubstr("expected tokenizer.json or tokenizer.model"));
}

TEST(DecoderReadingTest, TokenizerJsonComesBeforeTheModel) {
  const TemporaryDirectory directory;
  directory.Write("tokenizer.json", kTokenizer);
  directory.Write("tokenizer.model", "not looked at");
  const auto opened = DecoderTokenizer::Open(directory.path());
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ((*opened)->vocabulary_size(), 8u);
}

std::string SmallModel() {
  auto model = base::ReadFile("tests/golden/decoder_tokenizers/sentencepiece/tokenizer.model");
  EXPECT_TRUE(model.ok()) << model.status();
  return *std::move(model);
}

TEST(DecoderReadingTest, AModelThatNormalisesIsRefused) {
  // Fields of a message that come again overrule the first: normalizer_spec (3) with
  // remove_extra_whitespaces (4).
  ASSERT_TRUE(ParseSentencePiece(SmallModel(), "tokenizer.model", nullptr).ok());
  EXPECT_THAT(ErrorOf(ParseSentencePiece(SmallModel() + "\x1a\x02\x20\x01", "dir/tokenizer.model",
                                         nullptr)),
              AllOf(HasSubstr("dir/tokenizer.model"), HasSubstr("without normalisation")));
}

TEST(DecoderReadingTest, AModelThatAddsNoSpaceItselfIsTaken) {
  // add_dummy_prefix (3) of normalizer_spec: false. The configuration decides.
  EXPECT_TRUE(ParseSentencePiece(SmallModel() + std::string("\x1a\x02\x18\x00", 4),
                                 "tokenizer.model", nullptr)
                  .ok());
}

TEST(DecoderReadingTest, AnotherAlgorithmThanBpeIsRefused) {
  // trainer_spec (2) with model_type (3) unigram.
  EXPECT_THAT(
      ErrorOf(ParseSentencePiece(SmallModel() + "\x12\x02\x18\x01", "tokenizer.model", nullptr)),
      HasSubstr("expected a BPE model"));
}

TEST(DecoderReadingTest, APieceOfAModelIsNeitherEmptyNorThereTwice) {
  // pieces (1) with a piece (1) "" and one that is there.
  EXPECT_THAT(ErrorOf(ParseSentencePiece(SmallModel() + std::string("\x0a\x02\x0a\x00", 4),
                                         "dir/tokenizer.model", nullptr)),
              AllOf(HasSubstr("dir/tokenizer.model"), HasSubstr("is empty or there before")));
  EXPECT_THAT(ErrorOf(ParseSentencePiece(SmallModel() + "\x0a\x05\x0a\x03<s>",
                                         "dir/tokenizer.model", nullptr)),
              HasSubstr("\"<s>\", is empty or there before"));
}

TEST(DecoderReadingTest, AHugePieceOfAModelIsRefused) {
  const std::string huge = "\x0a\x84\x04\x0a\x81\x04" + std::string(513, 'x');
  EXPECT_THAT(ErrorOf(ParseSentencePiece(SmallModel() + huge, "tokenizer.model", nullptr)),
              HasSubstr("has more than 512 bytes"));
}

TEST(DecoderReadingTest, WhatIsNoModelIsRefused) {
  EXPECT_THAT(ErrorOf(ParseSentencePiece("\xff\xff no model", "dir/tokenizer.model", nullptr)),
              AllOf(HasSubstr("dir/tokenizer.model"), HasSubstr("expected a SentencePiece model")));
  EXPECT_THAT(ErrorOf(ParseSentencePiece("", "tokenizer.model", nullptr)),
              HasSubstr("expected a SentencePiece model"));
}

}  // namespace
}  // namespace foraker::model
