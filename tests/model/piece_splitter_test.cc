// Where pre-tokenizers cut: by hand and by ICU's engine the same, and as Hugging Face does.

#include "model/tokenizer/piece_splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>
#include <xxhash.h>

#include <array>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/model/wordpiece_files.h"

namespace foraker::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// GPT-4o's and Llama 4's: no walk by hand, so it runs in ICU's engine.
constexpr std::string_view kO200kPattern =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

const std::map<std::string, std::string_view>& Patterns() {
  static const std::map<std::string, std::string_view> patterns = {{"gpt2", kGpt2Pattern},
                                                                   {"llama3", kLlama3Pattern},
                                                                   {"qwen", kQwenPattern},
                                                                   {"o200k", kO200kPattern}};
  return patterns;
}

std::unique_ptr<const PieceSplitter> Splitter(std::string_view pattern) {
  auto splitter = MakePatternSplitter(pattern);
  EXPECT_TRUE(splitter.ok()) << splitter.status();
  return *std::move(splitter);
}

std::vector<uint32_t> Ends(const PieceSplitter& splitter, std::string_view text) {
  std::vector<uint32_t> ends;
  splitter.Split(text, ends);
  return ends;
}

std::vector<std::string> Cut(const PieceSplitter& splitter, std::string_view text) {
  std::vector<std::string> pieces;
  size_t begin = 0;
  for (const uint32_t end : Ends(splitter, text)) {
    pieces.emplace_back(text.substr(begin, end - begin));
    begin = end;
  }
  return pieces;
}

std::string Utf8(UChar32 c) {
  std::array<char, U8_MAX_LENGTH> bytes;
  size_t size = 0;
  U8_APPEND_UNSAFE(bytes.data(), size, c);
  return {bytes.data(), size};
}

bool InUnicode14(UChar32 c) {
  UVersionInfo age;
  u_charAge(c, age);
  return u_isdefined(c) && !U_IS_SURROGATE(c) && age[0] <= 14;
}

TEST(PieceSplitterTest, KeepsTheSpaceWithTheWordThatFollows) {
  EXPECT_THAT(Cut(*Splitter(kGpt2Pattern), "I'll see  you, 100 times\n\n ok"),
              ElementsAre("I", "'ll", " see", " ", " you", ",", " 100", " times", "\n\n", " ok"));
}

TEST(PieceSplitterTest, Llama3TakesThreeDigitsAndQwenOne) {
  EXPECT_THAT(Cut(*Splitter(kLlama3Pattern), "a 12345"), ElementsAre("a", " ", "123", "45"));
  EXPECT_THAT(Cut(*Splitter(kQwenPattern), "a 123"), ElementsAre("a", " ", "1", "2", "3"));
}

TEST(PieceSplitterTest, AMarkBeginsAPiece) {
  EXPECT_THAT(Cut(*MakeMarkSplitter("_", /*after_other=*/false), "a__b_"),
              ElementsAre("a", "_", "_b", "_"));
  EXPECT_THAT(Cut(*MakeMarkSplitter("_", /*after_other=*/true), "__a__b_"),
              ElementsAre("__a", "__b", "_"));
  EXPECT_THAT(Cut(*MakeMarkSplitter("_", /*after_other=*/true), ""), IsEmpty());
}

TEST(PieceSplitterTest, WhatLiesBetweenMatchesIsAPiece) {
  EXPECT_THAT(Cut(*Splitter(R"(\p{N})"), "ab12c\u0663"),
              ElementsAre("ab", "1", "2", "c", "\u0663"));
  EXPECT_THAT(Cut(*Splitter("x*"), "abxxc"), ElementsAre("a", "b", "xx", "c"));
}

TEST(PieceSplitterTest, APatternThatIsNoneIsRefused) {
  EXPECT_THAT(std::string(MakePatternSplitter("(a").status().message()),
              HasSubstr("not a regular expression"));
  EXPECT_THAT(std::string(MakePatternSplitter(std::string(20'000, 'a')).status().message()),
              HasSubstr("at most 16384 bytes"));
}

TEST(PieceSplitterTest, APatternThatRunsAwayLeavesTheRestInOnePiece) {
  const std::string text = std::string(40, 'a') + "b";
  EXPECT_THAT(Cut(*Splitter("(a+)+$"), text), ElementsAre(text));
}

TEST(PieceSplitterPropertyTest, HandAndEngineCutRandomTextsAlike) {
  const std::vector<std::string> parts = {
      " ",          " ",      "\n",     "\r",     "\t",     "a",      "B",      "s",      "t",
      "re",         "LL",     "'",      "'s",     "'D",     "1",      "23",     "\u0661", "\u00bd",
      "!",          "?!",     "-",      "\u00a0", "\u3000", "\u0301", "\u00e9", "\u017f", "\u4e2d",
      "\U0001F999", "\u200b", "\u2028", "\u0085", "\v",     "\x01"};
  const uint32_t seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  for (const std::string_view pattern : {kGpt2Pattern, kLlama3Pattern, kQwenPattern}) {
    const auto hand = Splitter(pattern);
    auto engine = MakeRegexSplitter(pattern);
    ASSERT_TRUE(engine.ok()) << engine.status();
    for (int i = 0; i < 5'000; ++i) {
      std::string text;
      for (size_t n = random() % 20; n > 0; --n) text += parts[random() % parts.size()];
      ASSERT_EQ(Cut(*hand, text), Cut(**engine, text)) << text;
    }
  }
}

// The line of a character as make_decoder_tokenizers.py writes it.
std::string Describe(const PieceSplitter& splitter, UChar32 character) {
  const std::string c = Utf8(character);
  const std::string text = absl::StrCat("a", c, "b ", c, c, "1", c, "\n", c, " '", c, "X\t", c);
  std::string line = absl::StrCat(character);
  uint32_t begin = 0;
  for (const uint32_t end : Ends(splitter, text)) {
    absl::StrAppend(&line, " ", end - begin);
    begin = end;
  }
  return line + "\n";
}

TEST(PieceSplitterGoldenTest, EveryCharacterIsCutAsHuggingFaceDoes) {
  std::map<std::string, std::unique_ptr<const PieceSplitter>> splitters;
  for (const auto& [name, pattern] : Patterns()) splitters[name] = Splitter(pattern);
  for (const JsonObject& line : ReadJsonLines("tests/golden/decoder_tokenizers/characters.jsonl")) {
    const auto name = Field<std::string>(line, "pattern");
    const auto first = static_cast<UChar32>(Field<uint64_t>(line, "first"));
    std::string text;
    uint64_t assigned = 0;
    for (UChar32 c = first; c < first + 0x1000; ++c) {
      if (!InUnicode14(c)) continue;
      ++assigned;
      text += Describe(*splitters.at(name), c);
    }
    EXPECT_EQ(assigned, Field<uint64_t>(line, "assigned"));
    EXPECT_EQ(absl::StrFormat("%016x", XXH3_64bits(text.data(), text.size())),
              Field<std::string>(line, "xxh3"))
        << name << ", U+" << absl::StrFormat("%04X", first);
  }
}

}  // namespace
}  // namespace foraker::model
