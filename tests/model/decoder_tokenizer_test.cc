// Ids of texts, held against Hugging Face `tokenizers` (tests/golden/make_decoder_tokenizers.py).

#include "model/tokenizer/decoder_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/model/wordpiece_files.h"

namespace foraker::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kGolden = "tests/golden/decoder_tokenizers/";

std::shared_ptr<const DecoderTokenizer> OpenSmall(const std::string& name) {
  auto tokenizer = DecoderTokenizer::Open(kGolden + name);
  EXPECT_TRUE(tokenizer.ok()) << tokenizer.status();
  return *std::move(tokenizer);
}

std::vector<uint32_t> Ids(const DecoderTokenizer& tokenizer, std::string_view text,
                          TextRange plain = {}) {
  std::vector<uint32_t> ids;
  tokenizer.Encode(text, plain, ids);
  return ids;
}

std::vector<std::string> Pieces(const DecoderTokenizer& tokenizer, std::string_view text,
                                TextRange plain = {}) {
  std::vector<std::string> pieces;
  for (const uint32_t id : Ids(tokenizer, text, plain)) pieces.push_back(tokenizer.TokenOf(id));
  return pieces;
}

// `plain` of a text: the first place where it stands.
TextRange RangeOf(std::string_view text, std::string_view plain) {
  const size_t at = text.find(plain);
  EXPECT_NE(at, std::string_view::npos);
  return {at, at + plain.size()};
}

TEST(DecoderTokenizerGoldenTest, NastyTextsGiveTheIdsOfHuggingFace) {
  std::map<std::string, std::shared_ptr<const DecoderTokenizer>> tokenizers;
  for (const JsonObject& line : ReadJsonLines(kGolden + "cases.jsonl")) {
    const auto name = Field<std::string>(line, "tokenizer");
    const auto text = Field<std::string>(line, "text");
    const auto expected = Field<std::vector<uint64_t>>(line, "ids");
    auto& tokenizer = tokenizers[name];
    if (tokenizer == nullptr) tokenizer = OpenSmall(name);
    const TextRange plain = line.Has("plain") ? TextRange{0, text.size()} : TextRange{};
    EXPECT_EQ(Ids(*tokenizer, text, plain), std::vector<uint32_t>(expected.begin(), expected.end()))
        << name << (line.Has("plain") ? ", plain: " : ": ") << text;
  }
  EXPECT_EQ(tokenizers.size(), 12u);
}

TEST(DecoderTokenizerTest, IdsAreAppendedToWhatIsThere) {
  const auto tokenizer = OpenSmall("gpt2");
  std::vector<uint32_t> ids = {7};
  tokenizer->Encode("the", ids);
  EXPECT_EQ(ids.front(), 7u);
  EXPECT_GT(ids.size(), 1u);
  EXPECT_THAT(Ids(*tokenizer, ""), IsEmpty());
}

TEST(DecoderTokenizerTest, WhatAUserWroteIsNoControlToken) {
  const auto tokenizer = OpenSmall("mistral");
  const std::string text = "[INST] say [INST] [/INST]";
  EXPECT_THAT(Pieces(*tokenizer, "[INST] a [/INST]"),
              ElementsAre("[INST]", "\u2581a", "\u2581", "[/INST]"));
  const auto pieces = Pieces(*tokenizer, text, RangeOf(text, "say [INST]"));
  EXPECT_EQ(pieces.front(), "[INST]");
  EXPECT_EQ(pieces.back(), "[/INST]");
  EXPECT_EQ(std::count(pieces.begin(), pieces.end(), "[INST]"), 1);
}

TEST(DecoderTokenizerTest, ATokenThatBeginsBeforeThePlainRangeOrEndsBehindItIsText) {
  const auto tokenizer = OpenSmall("mistral");
  const std::string text = "[INST][INST][INST]";
  const auto count = [&](TextRange plain) {
    const auto pieces = Pieces(*tokenizer, text, plain);
    return std::count(pieces.begin(), pieces.end(), "[INST]");
  };
  EXPECT_EQ(count({}), 3);
  EXPECT_EQ(count({6, 12}), 2);
  EXPECT_EQ(count({5, 12}), 1);
  EXPECT_EQ(count({6, 13}), 1);
  EXPECT_EQ(count({0, 18}), 0);
  EXPECT_EQ(count({9, 9}), 3) << "an empty range touches nothing";
}

TEST(DecoderTokenizerTest, PlainTextIsFoundAgainWhereNormalisationMovedIt) {
  // Special tokens of this one are found in the normalised text, where everything is moved by
  // marks; those of the other in a text that composing makes shorter.
  const auto llama = OpenSmall("llama2");
  const std::string spaced = "a b <s> c d <s>";
  EXPECT_EQ(Pieces(*llama, spaced, RangeOf(spaced, " c d")), Pieces(*llama, spaced));
  const auto guarded = Pieces(*llama, spaced, RangeOf(spaced, "<s> c d"));
  EXPECT_EQ(std::count(guarded.begin(), guarded.end(), "<s>"), 1);
  EXPECT_EQ(guarded.back(), "<s>");

  const auto qwen = OpenSmall("qwen");
  const std::string composed = "e\u0301e\u0301e\u0301 cafe\u0301 cafe\u0301";
  const auto all = Ids(*qwen, composed);
  const uint32_t cafe = *qwen->IdOf("cafe\u0301");
  EXPECT_EQ(std::count(all.begin(), all.end(), cafe), 2);
  const auto first = Ids(*qwen, composed, {10, 15});
  EXPECT_EQ(std::count(first.begin(), first.end(), cafe), 1);
  EXPECT_EQ(first.back(), cafe);
}

TEST(DecoderTokenizerTest, BytesThatAreNotUtf8CountAsTheReplacementCharacter) {
  for (const char* name : {"gpt2", "llama2", "qwen", "mistral", "sentencepiece"}) {
    const auto tokenizer = OpenSmall(name);
    EXPECT_EQ(Ids(*tokenizer, "a\xff\xc3 b\xf0\x9f\xa6"), Ids(*tokenizer, "a\ufffd\ufffd b\ufffd"))
        << name;
  }
  const auto tokenizer = OpenSmall("mistral");
  const std::string text = "\xff\xff [INST] x [INST]";
  const auto pieces = Pieces(*tokenizer, text, RangeOf(text, "[INST] x"));
  EXPECT_EQ(std::count(pieces.begin(), pieces.end(), "[INST]"), 1);
  EXPECT_EQ(pieces.back(), "[INST]");
}

TEST(DecoderTokenizerTest, ATextIsOnePieceWhateverWasEncodedBefore) {
  const auto tokenizer = OpenSmall("sentencepiece_first");
  const auto expected = Ids(*tokenizer, "document to answer");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Ids(*tokenizer, "document to answer"), expected);
}

TEST(DecoderTokenizerTest, KnowsItsVocabulary) {
  const auto tokenizer = OpenSmall("mistral");
  const auto inst = tokenizer->IdOf("[INST]");
  ASSERT_TRUE(inst.has_value());
  EXPECT_EQ(tokenizer->TokenOf(*inst), "[INST]");
  EXPECT_EQ(tokenizer->IdOf("<0x0A>"), 13u);
  EXPECT_EQ(tokenizer->vocabulary_size(), *tokenizer->IdOf("new token") + 1);
  EXPECT_EQ(tokenizer->TokenOf(tokenizer->vocabulary_size()), "");
  EXPECT_EQ(tokenizer->IdOf("no such token"), std::nullopt);
}

TEST(DecoderTokenizerTest, ManyThreadsMayEncodeAtOnce) {
  const auto tokenizer = OpenSmall("qwen");
  const std::string text = "Which document is most relevant? cafe\u0301 <|end|> \u6771\u4eac 123";
  const auto expected = Ids(*tokenizer, text);
  std::vector<std::vector<uint32_t>> got(4);
  std::vector<std::thread> threads;
  for (auto& ids : got) {
    threads.emplace_back([&tokenizer, &text, &ids] {
      for (int i = 0; i < 50; ++i) ids = Ids(*tokenizer, text);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& ids : got) EXPECT_EQ(ids, expected);
}

TEST(DecoderTokenizerTest, ALongTextWithoutWordsIsMergedInReasonableTime) {
  // One piece of 300,000 symbols: quadratic merging would take minutes.
  const auto tokenizer = OpenSmall("llama2");
  EXPECT_LT(Ids(*tokenizer, std::string(300'000, '=')).size(), 300'000u);
}

}  // namespace
}  // namespace foraker::model
