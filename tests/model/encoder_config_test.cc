#include "model/encoder/encoder_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "base/directory.h"
#include "base/file.h"
#include "model/encoder/model_layout.h"
#include "tests/support/temporary_directory.h"

namespace foraker::model {
namespace {

using ::testing::HasSubstr;

const std::string kGolden = "tests/golden/encoders/";  // made by make_encoders.py beside it

TEST(EncoderConfigTest, BertIsReadFromThePlainLayout) {
  const auto config = ReadEncoderConfig(kGolden + "bert");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->architecture, Architecture::kBert);
  EXPECT_EQ(config->vocabulary, 279u);
  EXPECT_EQ(config->hidden, 32u);
  EXPECT_EQ(config->layers, 2u);
  EXPECT_EQ(config->heads, 4u);
  EXPECT_EQ(config->intermediate, 64u);
  EXPECT_EQ(config->max_tokens, 40u);
  EXPECT_EQ(config->token_types, 2u);
  EXPECT_EQ(config->activation, Activation::kGelu);
  EXPECT_EQ(config->layer_norm_epsilon, 1e-12f);
  EXPECT_FALSE(config->double_log);
  EXPECT_EQ(config->prune_ratio, 0);
}

TEST(EncoderConfigTest, TheDoubleLogIsReadFromSentenceTransformersPooling) {
  const auto config = ReadEncoderConfig(kGolden + "bert-double-log");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_TRUE(config->double_log);
  EXPECT_EQ(config->activation, Activation::kGeluTanh);
  EXPECT_EQ(config->layer_norm_epsilon, 1e-6f);
}

TEST(EncoderConfigTest, DistilBertHasItsOwnNamesForSizes) {
  const auto config = ReadEncoderConfig(kGolden + "distilbert");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->architecture, Architecture::kDistilBert);
  EXPECT_EQ(config->hidden, 40u);
  EXPECT_EQ(config->layers, 2u);
  EXPECT_EQ(config->heads, 5u);
  EXPECT_EQ(config->intermediate, 72u);
  EXPECT_EQ(config->token_types, 0u);
  EXPECT_EQ(config->prune_ratio, 0.3f);
}

TEST(EncoderConfigTest, TheNewArchitectureSaysHowPositionsTurn) {
  const auto config = ReadEncoderConfig(kGolden + "new");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->architecture, Architecture::kNew);
  EXPECT_EQ(config->vocabulary, 288u);
  EXPECT_EQ(config->token_types, 0u);
  EXPECT_EQ(config->rope_theta, 500);
  EXPECT_EQ(config->rope_ntk_factor, 2);
}

struct Change {
  std::string name;
  std::string model;
  std::string patch;  // merged into its config.json
  std::string expected;
};

class ChangedConfigTest : public ::testing::TestWithParam<Change> {};

TEST_P(ChangedConfigTest, IsRefusedByFileKeyAndExpectation) {
  const auto text = base::ReadFile(kGolden + GetParam().model + "/config.json");
  ASSERT_TRUE(text.ok()) << text.status();
  nlohmann::json json = nlohmann::json::parse(*text);
  json.merge_patch(nlohmann::json::parse(GetParam().patch));
  const TemporaryDirectory directory;
  directory.Write("config.json", json.dump());
  const auto config = ReadEncoderConfig(directory.path());
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument) << config.status();
  EXPECT_THAT(config.status().message(), HasSubstr("/config.json: key \""));
  EXPECT_THAT(config.status().message(), HasSubstr(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Any, ChangedConfigTest,
    ::testing::Values(
        Change{"OtherModel", "bert", R"({"model_type": "roberta"})",
               R"("model_type": expected "bert", "distilbert" or "new", got "roberta")"},
        Change{"NoModel", "bert", R"({"model_type": null})", "\"model_type\" is missing"},
        Change{"OtherHead", "bert", R"({"architectures": ["BertModel"]})",
               R"("architectures": expected BertForMaskedLM, got ["BertModel"])"},
        Change{"Decoder", "bert", R"({"is_decoder": true})",
               "\"is_decoder\": expected false, got true"},
        Change{"Quantised", "bert", R"({"quantization_config": {"bits": 4}})",
               "\"quantization_config\": expected none"},
        Change{"PrunedHeads", "bert", R"({"pruned_heads": {"1": [0]}})",
               "\"pruned_heads\": expected none"},
        Change{"NoHidden", "bert", R"({"hidden_size": null})", "\"hidden_size\" is missing"},
        Change{"HiddenAsText", "bert", R"({"hidden_size": "32"})",
               "\"hidden_size\": expected an integer of at least 0, got \"32\""},
        Change{"NegativeHidden", "bert", R"({"hidden_size": -32})",
               "\"hidden_size\": expected an integer of at least 0, got -32"},
        Change{"HugeHidden", "bert", R"({"hidden_size": 65537})",
               "\"hidden_size\": expected an integer from 1 to 65536, got 65537"},
        Change{"NoLayers", "bert", R"({"num_hidden_layers": 0})",
               "\"num_hidden_layers\": expected an integer from 1 to 1024, got 0"},
        Change{"HeadsThatDoNotDivide", "bert", R"({"num_attention_heads": 5})",
               "\"num_attention_heads\": expected a divisor of the hidden size 32, got 5"},
        Change{"TwoPositions", "bert", R"({"max_position_embeddings": 2})",
               "\"max_position_embeddings\": expected an integer from 3 to 1048576, got 2"},
        Change{"NoTokenTypes", "bert", R"({"type_vocab_size": 0})",
               "\"type_vocab_size\": expected at least 1, got 0"},
        Change{"OtherActivation", "bert", R"({"hidden_act": "quick_gelu"})",
               "\"hidden_act\": expected one of gelu, gelu_new"},
        Change{"RelativePositions", "bert", R"({"position_embedding_type": "relative_key"})",
               R"("position_embedding_type": expected "absolute", got "relative_key")"},
        Change{"Epsilon", "bert", R"({"layer_norm_eps": 0})",
               "\"layer_norm_eps\": expected a number in (0, 1), got 0"},
        Change{"PruneAll", "bert", R"({"prune_ratio": 1})",
               "\"prune_ratio\": expected a number in [0, 1), got 1"},
        Change{"OtherHeadActivation", "bert", R"({"activation_function": "softplus"})",
               R"("activation_function": expected "relu" or "log1p_relu", got "softplus")"},
        Change{"DistilBertHeads", "distilbert", R"({"n_heads": 7})",
               "\"n_heads\": expected a divisor of the hidden size 40, got 7"},
        Change{"DistilBertActivation", "distilbert", R"({"activation": "mish"})",
               "\"activation\": expected one of gelu"},
        Change{"UnpackedQkv", "new", R"({"pack_qkv": false})", "\"pack_qkv\": expected true"},
        Change{"RmsNorm", "new", R"({"layer_norm_type": "rms_norm"})",
               R"("layer_norm_type": expected "layer_norm", got "rms_norm")"},
        Change{"LogN", "new", R"({"logn_attention_scale": true})",
               "\"logn_attention_scale\": expected false"},
        Change{"AbsolutePositions", "new", R"({"position_embedding_type": "absolute"})",
               R"("position_embedding_type": expected "rope", got "absolute")"},
        Change{"LinearScaling", "new", R"({"rope_scaling": {"type": "linear"}})",
               R"("rope_scaling.type": expected "ntk", got "linear")"},
        Change{"MixedScaling", "new", R"({"rope_scaling": {"mixed_b": 0.625}})",
               R"("rope_scaling.mixed_b": expected "type" and "factor" alone, got 0.625)"},
        Change{"Shrinking", "new", R"({"rope_scaling": {"factor": 0.5}})",
               "\"rope_scaling.factor\": expected a number of at least 1, got 0.5"},
        Change{"OtherRotation", "new", R"({"rope_parameters": {"rope_theta": 1e4}})",
               "\"rope_parameters\": expected \"rope_theta\" and \"rope_scaling\" instead"},
        Change{"OddHeads", "new", R"({"num_attention_heads": 16})",
               "\"num_attention_heads\": expected heads of an even width"},
        Change{"Theta", "new", R"({"rope_theta": 1})",
               "\"rope_theta\": expected a number above 1, got 1"}),
    [](const auto& test) { return test.param.name; });

TEST(EncoderConfigTest, ADirectoryWithoutAConfigIsNotFound) {
  const TemporaryDirectory directory;
  const auto config = ReadEncoderConfig(directory.path());
  EXPECT_EQ(config.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(config.status().message(), HasSubstr("/config.json"));
}

// A directory in sentence-transformers' layout, whose files a test replaces.
class LayoutTest : public ::testing::Test {
 protected:
  LayoutTest() {
    const std::string golden = kGolden + "bert-double-log/";
    for (const auto* folder : {"0_Transformer", "1_Pooling", "document_0_MLMTransformer",
                               "document_1_SpladePooling", "query_0_SparseStaticEmbedding"}) {
      EXPECT_TRUE(base::CreateDirectories(directory_.File(folder)).ok());
    }
    for (const auto* file :
         {"config.json", "modules.json", "router_config.json", "config_sentence_transformers.json",
          "document_1_SpladePooling/config.json", "query_0_SparseStaticEmbedding/config.json"}) {
      directory_.Write(file, *base::ReadFile(golden + file));
    }
  }
  std::string Error() {
    const auto config = ReadEncoderConfig(directory_.path());
    EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument) << config.status();
    return std::string(config.status().message());
  }
  std::string ErrorOf(const std::string& file, const std::string& contents) {
    directory_.Write(file, contents);
    return Error();
  }

  TemporaryDirectory directory_;
};

TEST_F(LayoutTest, ARouterNamesTheFoldersOfDocumentsAndQueries) {
  const auto layout = FindModelLayout(directory_.path());
  ASSERT_TRUE(layout.ok()) << layout.status();
  EXPECT_EQ(layout->transformer, directory_.path());
  EXPECT_EQ(layout->pooling, directory_.File("document_1_SpladePooling"));
  EXPECT_EQ(layout->static_embedding, directory_.File("query_0_SparseStaticEmbedding"));
}

TEST_F(LayoutTest, ARouterMayLieInConfigJsonWithTheModelInAFolder) {
  ASSERT_TRUE(base::RemoveFile(directory_.File("router_config.json")).ok());
  directory_.Write("document_0_MLMTransformer/config.json",
                   *base::ReadFile(directory_.File("config.json")));
  directory_.Write("config.json", R"({
      "types": {"document_0_MLMTransformer": "a.b.MLMTransformer",
                "document_1_SpladePooling": "a.b.SpladePooling"},
      "structure": {"document": ["document_0_MLMTransformer", "document_1_SpladePooling"],
                    "query": ["document_0_MLMTransformer", "document_1_SpladePooling"]},
      "parameters": {}})");
  const auto layout = FindModelLayout(directory_.path());
  ASSERT_TRUE(layout.ok()) << layout.status();
  EXPECT_EQ(layout->transformer, directory_.File("document_0_MLMTransformer"));
  EXPECT_EQ(layout->static_embedding, "");
  const auto config = ReadEncoderConfig(directory_.path());
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->hidden, 36u);
}

TEST_F(LayoutTest, AModelWithoutARouterIsATransformerAndAPooling) {
  directory_.Write("modules.json", R"([
      {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.MLMTransformer"},
      {"idx": 1, "name": "1", "path": "1_Pooling", "type": "x.SpladePooling"}])");
  directory_.Write("1_Pooling/config.json", R"({"pooling_strategy": "max",
      "activation_function": "relu", "word_embedding_dimension": 279})");
  const auto config = ReadEncoderConfig(directory_.path());
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_FALSE(config->double_log);
}

TEST_F(LayoutTest, AnUnknownPoolingIsRefused) {
  const std::string file = "document_1_SpladePooling/config.json";
  EXPECT_THAT(ErrorOf(file, R"({"pooling_strategy": "sum"})"),
              HasSubstr(file + ": key \"pooling_strategy\": expected \"max\", got \"sum\""));
  EXPECT_THAT(ErrorOf(file, R"({"activation_function": "gelu"})"),
              HasSubstr(file + ": key \"activation_function\": expected \"relu\" or"));
  EXPECT_THAT(ErrorOf(file, R"({"word_embedding_dimension": 30522})"),
              HasSubstr(file + ": key \"word_embedding_dimension\": expected the vocabulary's"));
  ASSERT_TRUE(base::RemoveFile(directory_.File(file)).ok());
  EXPECT_EQ(ReadEncoderConfig(directory_.path()).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(LayoutTest, ModulesThatAreNotUnderstoodAreRefused) {
  EXPECT_THAT(ErrorOf("modules.json", "{}"),
              HasSubstr("modules.json: expected an array of JSON objects, got {}"));
  EXPECT_THAT(ErrorOf("modules.json", "[1]"),
              HasSubstr("modules.json: expected an array of JSON objects, got [1]"));
  EXPECT_THAT(ErrorOf("modules.json", "[]"), HasSubstr("got 0 modules"));
  EXPECT_THAT(ErrorOf("modules.json", R"([{"type": "sentence_transformers.models.Normalize"}])"),
              HasSubstr("modules.json: key \"[0].type\": expected a Router, MLMTransformer"));
  EXPECT_THAT(ErrorOf("modules.json", R"([{"type": "Router", "path": "../other"}])"),
              HasSubstr("expected a folder inside the model's directory"));
  EXPECT_THAT(ErrorOf("modules.json", R"([{"type": "MLMTransformer"}])"),
              HasSubstr("expected one Router, or an MLMTransformer and a SpladePooling"));
}

TEST_F(LayoutTest, RoutesThatAreNotUnderstoodAreRefused) {
  const auto router = [](const std::string& document, const std::string& query,
                         const std::string& parameters) {
    return R"({"types": {"": "MLMTransformer", "p": "SpladePooling", "q": "SparseStaticEmbedding"},
               "structure": {"document": )" +
           document + R"(, "query": )" + query + R"(}, "parameters": )" + parameters + "}";
  };
  const std::string file = "router_config.json";
  EXPECT_THAT(ErrorOf(file, "{}"), HasSubstr("router_config.json: key \"types\" is missing"));
  EXPECT_THAT(ErrorOf(file, router(R"(["", "r"])", "[]", "{}")),
              HasSubstr("\"structure.document\": expected modules that \"types\" declares"));
  EXPECT_THAT(ErrorOf(file, router(R"([""])", "[]", "{}")),
              HasSubstr("\"structure.document\": expected an MLMTransformer and a SpladePooling"));
  EXPECT_THAT(ErrorOf(file, router(R"(["", "p"])", R"(["q", "p"])", "{}")),
              HasSubstr("\"structure.query\": expected one SparseStaticEmbedding or"));
  EXPECT_THAT(
      ErrorOf(file, router(R"(["", "p"])", R"(["q"])", R"({"route_mappings": {"x": "query"}})")),
      HasSubstr("\"parameters.route_mappings\": expected none"));
}

TEST_F(LayoutTest, WhatSentenceTransformersDoesBesidesIsRefused) {
  EXPECT_THAT(ErrorOf("config_sentence_transformers.json", R"({"prompts": {"query": "find: "}})"),
              HasSubstr("json: key \"prompts.query\": expected no prompt, got \"find: \""));
  EXPECT_THAT(ErrorOf("config_sentence_transformers.json", R"({"similarity_fn_name": "cosine"})"),
              HasSubstr("json: key \"similarity_fn_name\": expected \"dot\", got \"cosine\""));
  directory_.Write("config_sentence_transformers.json", "{}");
  EXPECT_THAT(ErrorOf("sentence_bert_config.json", R"({"do_lower_case": true})"),
              HasSubstr("sentence_bert_config.json: key \"do_lower_case\": expected false"));
  EXPECT_THAT(
      ErrorOf("sentence_bert_config.json", R"({"transformer_task": "feature-extraction"})"),
      HasSubstr("sentence_bert_config.json: key \"transformer_task\": expected \"fill-mask\""));
}

}  // namespace
}  // namespace foraker::model
