#include "model/encoder/query_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "base/directory.h"
#include "base/file.h"
#include "model/encoder/idf_table.h"
#include "tests/support/temporary_directory.h"

namespace foraker::model {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

const std::string kGolden = "tests/golden/encoders/";  // made by make_encoders.py beside it

std::string SharedModels() {
  const char* shared = std::getenv("FORAKER_SHARED");
  return std::string(shared != nullptr ? shared : "../shared") + "/models/";
}

float WeightOf(const QueryTable& table, std::string_view token) {
  return table.weights()[table.tokenizer().IdOf(token).value()];
}

// A copy of a golden model's tokenizer, beside which a test writes other files.
class QueryTableTest : public ::testing::Test {
 protected:
  QueryTableTest() {
    for (const auto* file : {"vocab.txt", "tokenizer_config.json"}) {
      directory_.Write(file, *base::ReadFile(kGolden + "bert/" + file));
    }
  }
  std::shared_ptr<const QueryTable> Open(const std::string& idf) {
    directory_.Write("idf.json", idf);
    auto table = QueryTable::Open(directory_.path(), "");
    EXPECT_TRUE(table.ok()) << table.status();
    return table.ok() ? *table : nullptr;
  }
  std::string ErrorOf(const std::string& idf) {
    directory_.Write("idf.json", idf);
    const auto table = QueryTable::Open(directory_.path(), "");
    EXPECT_EQ(table.status().code(), absl::StatusCode::kInvalidArgument) << table.status();
    return std::string(table.status().message());
  }

  TemporaryDirectory directory_;
};

TEST_F(QueryTableTest, TokensThatTheTableLacksWeighOneAndSpecialOnesNothing) {
  const auto table = Open(R"({"water": 2.5, "##ing": 0.125, "[SEP]": 3, "[UNK]": 4})");
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->weights().size(), table->tokenizer().vocabulary_size());
  EXPECT_EQ(WeightOf(*table, "water"), 2.5f);
  EXPECT_EQ(WeightOf(*table, "##ing"), 0.125f);
  EXPECT_EQ(WeightOf(*table, "river"), 1.0f);
  for (const auto* token : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}) {
    EXPECT_EQ(WeightOf(*table, token), 0.0f) << token;
  }
}

TEST_F(QueryTableTest, NegativeWeightsCountAsNone) {
  const auto table = Open(R"({"water": -2.5})");
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(WeightOf(*table, "water"), 0.0f);
}

TEST_F(QueryTableTest, WhatIsNoWeightOfATokenIsRefusedByName) {
  EXPECT_THAT(ErrorOf(R"({"waterfall": 1})"),
              HasSubstr("/idf.json: key \"waterfall\": expected a token of the tokenizer's"));
  EXPECT_THAT(ErrorOf(R"({"water": "1"})"),
              HasSubstr("/idf.json: key \"water\": expected a number, got \"1\""));
  EXPECT_THAT(ErrorOf(R"({"water": null})"), HasSubstr("/idf.json: key \"water\" is missing"));
  EXPECT_THAT(ErrorOf(R"({"water": 1e39})"),
              HasSubstr("key \"water\": expected a number in the range of float32, got 1e+39"));
  EXPECT_THAT(ErrorOf(R"({"water": 1, "water": 2})"), HasSubstr("key \"water\" comes twice"));
  EXPECT_THAT(ErrorOf(R"(["water"])"), HasSubstr("/idf.json: expected a JSON object"));
  EXPECT_THAT(ErrorOf(R"({"water": 1)"), HasSubstr("/idf.json: expected a JSON document"));
}

TEST_F(QueryTableTest, AModelMayHaveNoTable) {
  const auto table = QueryTable::Open(directory_.path(), "");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_TRUE((*table)->weights().empty());
  const TemporaryDirectory copy;
  ASSERT_TRUE((*table)->Save(copy.path()).ok());
  EXPECT_EQ((*QueryTable::Open(copy.path(), ""))->Fingerprint(), (*table)->Fingerprint());
}

TEST_F(QueryTableTest, AGivenTableReplacesTheModelsOwn) {
  directory_.Write("other.json", R"({"water": 7})");
  const auto table = QueryTable::Open(kGolden + "bert", directory_.File("other.json"));
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(WeightOf(**table, "water"), 7.0f);
  EXPECT_EQ(WeightOf(**table, "river"), 1.0f);
  const auto none = QueryTable::Open(kGolden + "bert", directory_.File("none.json"));
  EXPECT_EQ(none.status().code(), absl::StatusCode::kNotFound);
}

TEST_F(QueryTableTest, SavedTablesReadBackBitForBit) {
  const auto tokenizer = WordPiece::Open(directory_.path());
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 50; ++round) {
    std::vector<float> weights((*tokenizer)->vocabulary_size());
    for (uint32_t id = 0; id < weights.size(); ++id) {
      // Any finite positive float: exponents of every size.
      if (IsQueryToken(id, **tokenizer)) {
        weights[id] = std::bit_cast<float>(static_cast<uint32_t>(random() % 0x7f800000u));
      }
    }
    const auto json = JsonObject::Parse(FormatIdfTable(weights, **tokenizer), "idf.json");
    ASSERT_TRUE(json.ok()) << json.status();
    const auto read = ParseIdfTable(*json, **tokenizer);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_THAT(*read, ElementsAreArray(weights));
  }
}

TEST(QueryTableGoldenTest, TheTableOfIdfJsonIsThatOfTheFile) {
  const auto table = QueryTable::Open(kGolden + "bert", "");
  ASSERT_TRUE(table.ok()) << table.status();
  const auto idf = nlohmann::json::parse(*base::ReadFile(kGolden + "bert/idf.json"));
  EXPECT_EQ(idf.size(), (*table)->weights().size());
  for (const auto& [token, weight] : idf.items()) {
    if (token[0] == '[') continue;  // a special token
    EXPECT_EQ(WeightOf(**table, token), weight.get<float>()) << token;
  }
}

TEST(QueryTableGoldenTest, ASavedTableHasTheFingerprintOfTheOriginal) {
  for (const auto* model : {"bert", "bert-double-log", "distilbert", "new"}) {
    const auto table = QueryTable::Open(kGolden + model, "");
    ASSERT_TRUE(table.ok()) << table.status();
    const TemporaryDirectory copy;
    const absl::Status saved = (*table)->Save(copy.path());
    ASSERT_TRUE(saved.ok()) << saved;
    const auto read = QueryTable::Open(copy.path(), "");
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_THAT((*read)->weights(), ElementsAreArray((*table)->weights())) << model;
    EXPECT_EQ((*read)->Fingerprint(), (*table)->Fingerprint()) << model;
  }
}

TEST(QueryTableGoldenTest, AnotherWeightIsAnotherFingerprint) {
  const TemporaryDirectory directory;
  directory.Write("one.json", R"({"water": 1.5})");
  directory.Write("two.json", R"({"water": 1.25})");
  const auto one = QueryTable::Open(kGolden + "bert", directory.File("one.json"));
  const auto two = QueryTable::Open(kGolden + "bert", directory.File("two.json"));
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_NE((*one)->Fingerprint(), (*two)->Fingerprint());
}

// A copy of the model with a router, of what the query side reads.
class StaticEmbeddingTest : public ::testing::Test {
 protected:
  StaticEmbeddingTest() {
    const std::string golden = kGolden + "bert-double-log/";
    EXPECT_TRUE(base::CreateDirectories(directory_.File("query_0_SparseStaticEmbedding")).ok());
    for (const auto* file :
         {"modules.json", "router_config.json", "tokenizer.json", "tokenizer_config.json",
          "query_0_SparseStaticEmbedding/model.safetensors",
          "query_0_SparseStaticEmbedding/tokenizer.json"}) {
      directory_.Write(file, *base::ReadFile(golden + file));
    }
  }
  std::string Error() {
    const auto table = QueryTable::Open(directory_.path(), "");
    EXPECT_EQ(table.status().code(), absl::StatusCode::kInvalidArgument) << table.status();
    return std::string(table.status().message());
  }
  // A safetensors file of zeros.
  void WriteWeight(const std::string& name, const std::string& shape, size_t bytes) {
    const std::string header = "{\"" + name + "\":{\"dtype\":\"F32\",\"shape\":" + shape +
                               ",\"data_offsets\":[0," + std::to_string(bytes) + "]}}";
    const std::string length{static_cast<char>(header.size()), 0, 0, 0, 0, 0, 0, 0};
    directory_.Write("query_0_SparseStaticEmbedding/model.safetensors",
                     length + header + std::string(bytes, '\0'));
  }

  TemporaryDirectory directory_;
};

TEST_F(StaticEmbeddingTest, ItsWeightsAreTheTable) {
  const auto table = QueryTable::Open(directory_.path(), "");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ((*table)->weights().size(), 279u);
  EXPECT_EQ(WeightOf(**table, "[SEP]"), 0.0f);
  size_t none = 0;  // the weights were drawn from -1 to 9
  for (const float weight : (*table)->weights()) {
    EXPECT_GE(weight, 0.0f);
    none += weight == 0.0f ? 1 : 0;
  }
  EXPECT_GT(none, 10u);
  EXPECT_LT(none, 60u);
}

TEST_F(StaticEmbeddingTest, RowsBeyondTheVocabularyAreLeftOutWhenTheyArePadding) {
  WriteWeight("weight", "[384]", 384 * 4);
  const auto table = QueryTable::Open(directory_.path(), "");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ((*table)->weights().size(), 279u);
  WriteWeight("weight", "[385]", 385 * 4);
  EXPECT_THAT(Error(), HasSubstr("tensor weight: expected shape [279], got [385]"));
}

TEST_F(StaticEmbeddingTest, OtherTensorsAndAnotherTokenizerAreRefused) {
  WriteWeight("weight", "[278]", 278 * 4);
  EXPECT_THAT(Error(), HasSubstr("tensor weight: expected shape [279], got [278]"));
  WriteWeight("embedding", "[279]", 279 * 4);
  EXPECT_THAT(Error(), HasSubstr("tensor weight: missing, expected shape [279]"));
  std::string other = *base::ReadFile(directory_.File("tokenizer.json"));
  other.replace(other.find("\"river\""), 7, "\"creek\"");
  directory_.Write("query_0_SparseStaticEmbedding/tokenizer.json", other);
  EXPECT_THAT(Error(), HasSubstr("query_0_SparseStaticEmbedding: expected the tokenizer of the "
                                 "document encoder, got another"));
}

// The example of the published models' description.
TEST(QueryTableSharedTest, AQueryLooksUpThePublishedWeights) {
  const std::string models = SharedModels();
  const auto table = QueryTable::Open(models + "splade-tiny", models + "idf/idf.json");
  if (absl::IsNotFound(table.status())) GTEST_SKIP() << models << " is not there";
  ASSERT_TRUE(table.ok()) << table.status();
  std::map<std::string, float> query;
  const auto session = (*table)->tokenizer().NewSession();
  for (const Token& token : session->Tokenize("What's the weather in ny now?")) {
    query[std::string((*table)->tokenizer().TextOf(token.id))] = (*table)->weights()[token.id];
  }
  const std::map<std::string, float> expected = {
      {"ny", 5.772862434387207f}, {"weather", 4.568415641784668f}, {"now", 3.5895495414733887f},
      {"?", 3.331254720687866f},  {"what", 2.7698843479156494f},   {"'", 1.5750715732574463f},
      {"s", 1.4272583723068237f}, {"in", 0.49892646074295044f},    {"the", 0.1353016495704651f},
  };
  EXPECT_EQ(query, expected);
}

}  // namespace
}  // namespace foraker::model
