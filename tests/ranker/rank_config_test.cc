#include "ranker/prompt/rank_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/temporary_directory.h"

namespace foraker::ranker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

DecoderConfig Decoder(DecoderFamily family, uint32_t layers, uint32_t vocabulary,
                      uint32_t max_positions = 32768) {
  DecoderConfig config;
  config.family = family;
  config.layers = layers;
  config.vocabulary = vocabulary;
  config.max_positions = max_positions;
  return config;
}

const DecoderConfig kMistral7B = Decoder(DecoderFamily::kMistral, 32, 32768);

absl::StatusOr<RankConfig> Parse(const std::string& text, const DecoderConfig& decoder) {
  return ParseRankConfig(*model::JsonObject::Parse(text, "blockrank.json"), decoder);
}

void ExpectRefused(const std::string& text, const std::string& message) {
  const auto config = Parse(text, kMistral7B);
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument) << text;
  EXPECT_THAT(std::string(config.status().message()), HasSubstr("blockrank.json: " + message));
}

TEST(RankConfigTest, DefaultsFitTheReleasedCheckpoint) {
  const TemporaryDirectory nothing;
  const auto config = ReadRankConfig(nothing.path(), kMistral7B);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->chat, ChatTemplate::kMistral);
  EXPECT_EQ(config->layer, 20);
  EXPECT_EQ(config->query_offset, 16384);
  EXPECT_THAT(config->signal_tokens, ElementsAre(":", "▁", "▁["));
  EXPECT_EQ(config->variant, Variant::kTwoTokens);
  EXPECT_EQ(config->max_document_tokens, 512);
}

TEST(RankConfigTest, OtherFamiliesHaveTheirOwnDefaults) {
  const auto llama2 = Parse("{}", Decoder(DecoderFamily::kLlama, 32, 32000, 4096));
  EXPECT_EQ(llama2->chat, ChatTemplate::kLlama2);
  EXPECT_EQ(llama2->query_offset, 2048);  // half of its positions
  EXPECT_THAT(llama2->signal_tokens, ElementsAre(":", "▁", "▁["));

  const auto llama3 = Parse("{}", Decoder(DecoderFamily::kLlama, 16, 128256, 131072));
  EXPECT_EQ(llama3->chat, ChatTemplate::kLlama3);
  EXPECT_EQ(llama3->query_offset, 16384);
  EXPECT_THAT(llama3->signal_tokens, ElementsAre(":", "Ġ", "["));
  EXPECT_EQ(llama3->layer, 10);  // 21/32 of 16 layers: 10.5, rounded up, from 0

  const auto qwen3 = Parse("{}", Decoder(DecoderFamily::kQwen3, 28, 151936));
  EXPECT_EQ(qwen3->chat, ChatTemplate::kQwen3);
  EXPECT_EQ(qwen3->layer, 17);

  const auto tiny = Parse("{}", Decoder(DecoderFamily::kQwen3, 1, 300, 64));
  EXPECT_EQ(tiny->layer, 0);
  EXPECT_EQ(tiny->max_document_tokens, 64);
}

TEST(RankConfigTest, EveryKeyIsRead) {
  const TemporaryDirectory directory;
  directory.Write("blockrank.json", R"({
    "template": "plain", "prompt": "blockrank", "layer": 3, "query_offset": 8192,
    "signal_tokens": ["a", "b"], "variant": "all_keys", "max_document_tokens": 384})");
  const auto config = ReadRankConfig(directory.path(), kMistral7B);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->chat, ChatTemplate::kPlain);
  EXPECT_EQ(config->layer, 3);
  EXPECT_EQ(config->query_offset, 8192);
  EXPECT_THAT(config->signal_tokens, ElementsAre("a", "b"));
  EXPECT_EQ(config->variant, Variant::kAllKeys);
  EXPECT_EQ(config->max_document_tokens, 384);
}

TEST(RankConfigTest, SignalTokensFollowTheTemplate) {
  EXPECT_THAT(Parse(R"({"template": "llama3"})", kMistral7B)->signal_tokens,
              ElementsAre(":", "Ġ", "["));
  EXPECT_THAT(Parse(R"({"template": "plain"})", kMistral7B)->signal_tokens, IsEmpty());
  EXPECT_THAT(Parse(R"({"signal_tokens": []})", kMistral7B)->signal_tokens, IsEmpty());
}

TEST(RankConfigTest, EveryVariantHasItsName) {
  const auto variant = [](const std::string& name) {
    return Parse("{\"variant\": \"" + name + "\"}", kMistral7B)->variant;
  };
  EXPECT_EQ(variant("paper"), Variant::kPaper);
  EXPECT_EQ(variant("last_token"), Variant::kLastToken);
  EXPECT_EQ(variant("two_tokens"), Variant::kTwoTokens);
  EXPECT_EQ(variant("all_keys"), Variant::kAllKeys);
}

TEST(RankConfigTest, NamesWhatIsWrong) {
  ExpectRefused(R"({"layers": 20})", "key \"layers\": expected no such key");
  ExpectRefused(R"({"template": "chatml"})",
                "key \"template\": expected one of mistral, llama2, llama3, qwen3, plain, "
                "got \"chatml\"");
  ExpectRefused(R"({"prompt": "rankgpt"})", "key \"prompt\": expected \"blockrank\"");
  ExpectRefused(R"({"layer": 32})", "key \"layer\": expected an integer below 32, got 32");
  ExpectRefused(R"({"query_offset": 32768})", "key \"query_offset\": expected an integer below");
  ExpectRefused(R"({"variant": "head"})",
                "key \"variant\": expected one of paper, last_token, two_tokens, all_keys");
  ExpectRefused(R"({"max_document_tokens": 0})", "key \"max_document_tokens\"");
  ExpectRefused(R"({"max_document_tokens": 32769})", "key \"max_document_tokens\"");
  ExpectRefused(R"({"signal_tokens": "["})", "key \"signal_tokens\": expected an array of strings");
  ExpectRefused(R"({"layer": -1})", "key \"layer\"");
}

TEST(RankConfigTest, BrokenFilesAreErrorsThatNameThem) {
  const TemporaryDirectory directory;
  directory.Write("blockrank.json", "{");
  const auto config = ReadRankConfig(directory.path(), kMistral7B);
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(config.status().message()), HasSubstr("/blockrank.json: expected"));
}

}  // namespace
}  // namespace foraker::ranker
