#include "ranker/decoder/decoder_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/ranker/checkpoint_writer.h"

namespace foraker::ranker {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

absl::StatusOr<DecoderConfig> Parse(const Json& json) {
  return ParseDecoderConfig(*model::JsonObject::Parse(json.dump(), "config.json"));
}

// As Mistral-7B-Instruct-v0.3 states itself.
Json Mistral7B() {
  return Json::parse(R"({
    "architectures": ["MistralForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 1,
    "hidden_act": "silu", "hidden_size": 4096, "intermediate_size": 14336,
    "max_position_embeddings": 32768, "model_type": "mistral", "num_attention_heads": 32,
    "num_hidden_layers": 32, "num_key_value_heads": 8, "rms_norm_eps": 1e-05,
    "rope_theta": 1000000.0, "sliding_window": null, "tie_word_embeddings": false,
    "torch_dtype": "bfloat16", "use_cache": true, "vocab_size": 32768})");
}

// As Llama-3.2-1B states itself.
Json Llama32() {
  return Json::parse(R"({
    "architectures": ["LlamaForCausalLM"], "attention_bias": false, "head_dim": 64,
    "hidden_act": "silu", "hidden_size": 2048, "intermediate_size": 8192,
    "max_position_embeddings": 131072, "mlp_bias": false, "model_type": "llama",
    "num_attention_heads": 32, "num_hidden_layers": 16, "num_key_value_heads": 8,
    "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_theta": 500000.0,
    "rope_scaling": {"factor": 32.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0,
                     "original_max_position_embeddings": 8192, "rope_type": "llama3"},
    "tie_word_embeddings": true, "vocab_size": 128256})");
}

// As Qwen3-0.6B states itself.
Json Qwen3() {
  return Json::parse(R"({
    "architectures": ["Qwen3ForCausalLM"], "attention_bias": false, "head_dim": 128,
    "hidden_act": "silu", "hidden_size": 1024, "intermediate_size": 3072,
    "max_position_embeddings": 40960, "max_window_layers": 28, "model_type": "qwen3",
    "num_attention_heads": 16, "num_hidden_layers": 28, "num_key_value_heads": 8,
    "rms_norm_eps": 1e-06, "rope_scaling": null, "rope_theta": 1000000, "sliding_window": null,
    "tie_word_embeddings": true, "use_sliding_window": false, "vocab_size": 151936})");
}

Json With(Json json, const std::string& key, const Json& value) {
  json[key] = value;
  return json;
}

Json Without(Json json, const std::string& key) {
  json.erase(key);
  return json;
}

void ExpectRefused(const Json& json, const std::string& message) {
  const auto config = Parse(json);
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(config.status().message()), HasSubstr("config.json: " + message));
}

TEST(DecoderConfigTest, ReadsMistral) {
  const auto config = Parse(Mistral7B());
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->family, DecoderFamily::kMistral);
  EXPECT_EQ(config->hidden, 4096);
  EXPECT_EQ(config->intermediate, 14336);
  EXPECT_EQ(config->layers, 32);
  EXPECT_EQ(config->heads, 32);
  EXPECT_EQ(config->kv_heads, 8);
  EXPECT_EQ(config->head_width, 128);
  EXPECT_EQ(config->vocabulary, 32768);
  EXPECT_EQ(config->max_positions, 32768);
  EXPECT_EQ(config->norm_epsilon, 1e-5f);
  EXPECT_EQ(config->rope_theta, 1e6);
  EXPECT_EQ(config->rope_scaling.kind, RopeScaling::Kind::kNone);
  EXPECT_FALSE(config->tied_embeddings);
  EXPECT_FALSE(config->has_head_norms);
}

TEST(DecoderConfigTest, ReadsLlama) {
  const auto config = Parse(Llama32());
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->family, DecoderFamily::kLlama);
  EXPECT_EQ(config->head_width, 64);
  EXPECT_TRUE(config->tied_embeddings);
  EXPECT_EQ(config->rope_theta, 500000);
  EXPECT_EQ(config->rope_scaling.kind, RopeScaling::Kind::kLlama3);
  EXPECT_EQ(config->rope_scaling.factor, 32);
  EXPECT_EQ(config->rope_scaling.low_frequency_factor, 1);
  EXPECT_EQ(config->rope_scaling.high_frequency_factor, 4);
  EXPECT_EQ(config->rope_scaling.original_positions, 8192);
}

TEST(DecoderConfigTest, ReadsQwen3) {
  const auto config = Parse(Qwen3());
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->family, DecoderFamily::kQwen3);
  EXPECT_TRUE(config->has_head_norms);
  EXPECT_EQ(config->head_width, 128);  // 16 heads of it: wider than hidden
  EXPECT_EQ(config->norm_epsilon, 1e-6f);
}

TEST(DecoderConfigTest, WhatAFamilyLeavesOutHasItsDefault) {
  EXPECT_EQ(Parse(Without(Llama32(), "num_key_value_heads"))->kv_heads, 32);
  EXPECT_EQ(Parse(Without(Mistral7B(), "num_key_value_heads"))->kv_heads, 8);
  EXPECT_EQ(Parse(Without(Llama32(), "head_dim"))->head_width, 64);
  EXPECT_EQ(Parse(Without(Qwen3(), "head_dim"))->head_width, 128);
  EXPECT_EQ(Parse(Without(Mistral7B(), "rope_theta"))->rope_theta, 10000);
  EXPECT_EQ(Parse(Without(Mistral7B(), "rms_norm_eps"))->norm_epsilon, 1e-6f);
  EXPECT_FALSE(Parse(Without(Llama32(), "tie_word_embeddings"))->tied_embeddings);
  EXPECT_TRUE(Parse(Without(Mistral7B(), "architectures")).ok());
}

TEST(DecoderConfigTest, ReadsRotationInEachSpelling) {
  const Json old_linear = {{"type", "linear"}, {"factor", 4}};
  const auto linear = Parse(With(Llama32(), "rope_scaling", old_linear));
  ASSERT_TRUE(linear.ok()) << linear.status();
  EXPECT_EQ(linear->rope_scaling.kind, RopeScaling::Kind::kLinear);
  EXPECT_EQ(linear->rope_scaling.factor, 4);

  Json scaling = Llama32()["rope_scaling"];
  scaling["type"] = "llama3";
  EXPECT_TRUE(Parse(With(Llama32(), "rope_scaling", scaling)).ok());

  const Json newer = {{"rope_theta", 5e6}, {"rope_type", "default"}};
  const auto parameters = Parse(With(Without(Mistral7B(), "rope_theta"), "rope_parameters", newer));
  ASSERT_TRUE(parameters.ok()) << parameters.status();
  EXPECT_EQ(parameters->rope_theta, 5e6);
  EXPECT_EQ(parameters->rope_scaling.kind, RopeScaling::Kind::kNone);
}

TEST(DecoderConfigTest, RefusesRotationThatItDoesNotKnow) {
  const auto scaled = [](const Json& scaling) { return With(Llama32(), "rope_scaling", scaling); };
  ExpectRefused(scaled({{"rope_type", "yarn"}, {"factor", 4}}),
                "key \"rope_scaling.rope_type\": expected \"default\", \"linear\" or \"llama3\", "
                "got \"yarn\"");
  ExpectRefused(scaled({{"type", "dynamic"}, {"factor", 4}}), "key \"rope_scaling.type\"");
  ExpectRefused(scaled({{"type", "linear"}, {"rope_type", "llama3"}, {"factor", 4}}),
                "key \"rope_scaling.rope_type\": expected \"linear\", as \"type\" says");
  ExpectRefused(scaled({{"type", "linear"}}), "key \"rope_scaling.factor\" is missing");
  ExpectRefused(scaled({{"type", "linear"}, {"factor", 0.5}}), "key \"rope_scaling.factor\"");
  ExpectRefused(scaled({{"rope_type", "llama3"}, {"factor", 8}}),
                "key \"rope_scaling.low_freq_factor\" is missing");
  Json equal = Llama32()["rope_scaling"];
  equal["high_freq_factor"] = 1.0;
  ExpectRefused(scaled(equal), "key \"rope_scaling.high_freq_factor\": expected a number above 1");
  ExpectRefused(scaled({{"rope_type", "linear"}, {"factor", 2}, {"attention_factor", 2}}),
                "key \"rope_scaling.attention_factor\": expected no such key");
  ExpectRefused(With(Llama32(), "rope_parameters", {{"rope_type", "default"}}),
                "key \"rope_scaling\": expected none beside \"rope_parameters\"");
  ExpectRefused(With(Mistral7B(), "rope_parameters", {{"rope_theta", 10}}),
                "key \"rope_parameters.rope_theta\": expected 1e+06, as outside, got 10");
  ExpectRefused(With(Mistral7B(), "rope_parameters", {{"partial_rotary_factor", 0.5}}),
                "key \"rope_parameters.partial_rotary_factor\": expected 1");
  ExpectRefused(With(Mistral7B(), "rope_theta", 1), "key \"rope_theta\": expected a number above");
}

TEST(DecoderConfigTest, TakesWindowsThatNothingReachesAndRefusesOthers) {
  EXPECT_TRUE(Parse(With(Mistral7B(), "sliding_window", 32768)).ok());
  EXPECT_TRUE(Parse(With(Qwen3(), "sliding_window", 4096)).ok());  // switched off
  EXPECT_TRUE(Parse(With(Llama32(), "sliding_window", 16)).ok());  // Llama has none
  ExpectRefused(With(Mistral7B(), "sliding_window", 4096), "key \"sliding_window\": expected null");
  // transformers takes 4096 where the key is left out.
  ExpectRefused(Without(Mistral7B(), "sliding_window"), "key \"sliding_window\": expected null");
  EXPECT_TRUE(
      Parse(With(Without(Mistral7B(), "sliding_window"), "max_position_embeddings", 4096)).ok());
  ExpectRefused(With(With(Qwen3(), "sliding_window", 4096), "use_sliding_window", true),
                "key \"sliding_window\"");
}

TEST(DecoderConfigTest, RefusesWhatWouldChangeResults) {
  ExpectRefused(With(Llama32(), "attention_bias", true), "key \"attention_bias\": expected false");
  ExpectRefused(With(Llama32(), "mlp_bias", true), "key \"mlp_bias\": expected false");
  ExpectRefused(With(Llama32(), "hidden_act", "gelu"), "key \"hidden_act\": expected \"silu\"");
  ExpectRefused(With(Qwen3(), "quantization_config", Json::object()),
                "key \"quantization_config\": expected none");
}

TEST(DecoderConfigTest, RefusesOtherArchitectures) {
  ExpectRefused(With(Qwen3(), "model_type", "gpt2"),
                "key \"model_type\": expected \"mistral\", \"llama\" or \"qwen3\", got \"gpt2\"");
  ExpectRefused(Without(Qwen3(), "model_type"), "key \"model_type\" is missing");
  ExpectRefused(With(Qwen3(), "architectures", {"Qwen3ForSequenceClassification"}),
                "key \"architectures\": expected [\"Qwen3ForCausalLM\"]");
}

TEST(DecoderConfigTest, RefusesImpossibleShapes) {
  for (const std::string key : {"hidden_size", "intermediate_size", "num_hidden_layers",
                                "num_attention_heads", "vocab_size", "max_position_embeddings"}) {
    ExpectRefused(Without(Llama32(), key), "key \"" + key + "\" is missing");
    ExpectRefused(With(Llama32(), key, 0), "key \"" + key + "\": expected an integer from 1 to");
    ExpectRefused(With(Llama32(), key, uint64_t{1} << 32), "key \"" + key + "\": expected");
    ExpectRefused(With(Llama32(), key, -1), "key \"" + key + "\": expected");
    ExpectRefused(With(Llama32(), key, "64"), "key \"" + key + "\": expected");
  }
  ExpectRefused(With(Llama32(), "num_key_value_heads", 5),
                "key \"num_key_value_heads\": expected a divisor of the 32 attention heads");
  ExpectRefused(With(Llama32(), "head_dim", 63), "key \"head_dim\": expected heads of an even");
  ExpectRefused(With(Without(Mistral7B(), "num_key_value_heads"), "hidden_size", 4100),
                "key \"num_attention_heads\": expected a divisor of the hidden size 4100");
  ExpectRefused(With(Llama32(), "rms_norm_eps", 0), "key \"rms_norm_eps\"");
}

TEST(DecoderConfigTest, ReadsWhatTheTestsWrite) {
  for (const Json& json : {Mistral7B(), Llama32(), Qwen3()}) {
    const auto config = Parse(json);
    const auto again = Parse(Json::parse(ConfigJson(*config)));
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(ConfigJson(*again), ConfigJson(*config));
  }
}

}  // namespace
}  // namespace foraker::ranker
