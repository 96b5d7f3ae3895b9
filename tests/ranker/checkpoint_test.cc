#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "ranker/decoder/decoder_tensors.h"
#include "ranker/decoder/weight_source.h"
#include "tests/ranker/checkpoint_writer.h"
#include "tests/support/temporary_directory.h"

namespace foraker::ranker {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr uint64_t kSeed = 3;

DecoderConfig Config(bool tied = false) {
  DecoderConfig config;
  config.family = DecoderFamily::kQwen3;
  config.hidden = 24;
  config.intermediate = 40;
  config.layers = 3;
  config.heads = 4;
  config.kv_heads = 2;
  config.head_width = 8;
  config.vocabulary = 50;
  config.max_positions = 64;
  config.tied_embeddings = tied;
  config.has_head_norms = true;
  return config;
}

std::vector<NamedTensor> Tensors(const DecoderConfig& config) {
  return TensorsOf(config, *MakeRandomWeights(config, kSeed));
}

NamedTensor& Named(std::vector<NamedTensor>& tensors, const std::string& name) {
  return *std::find_if(tensors.begin(), tensors.end(),
                       [&](const NamedTensor& tensor) { return tensor.name == name; });
}

void ExpectEqual(const LayerWeights& a, const LayerWeights& b) {
  for (const LayerTensor& tensor : LayerTensors(Config())) {
    EXPECT_EQ(a.*tensor.values, b.*tensor.values) << tensor.name;
  }
}

class CheckpointTest : public ::testing::Test {
 protected:
  // Reads as a ranker with its scoring layer in layer 1 does.
  absl::Status Load(const DecoderConfig& config) {
    const auto source = OpenCheckpoint(directory_.path(), config);
    if (!source.ok()) return source.status();
    if (const auto embeddings = (*source)->Embeddings(); !embeddings.ok()) {
      return embeddings.status();
    }
    if (const auto layer = (*source)->Layer(0); !layer.ok()) return layer.status();
    if (const auto layer = (*source)->ScoringLayer(1); !layer.ok()) return layer.status();
    return (*source)->Finish();
  }

  void ExpectRefused(const std::vector<NamedTensor>& tensors, const std::string& tensor,
                     const std::string& message, bool tied = false) {
    WriteTensors(directory_.path(), tensors);
    const absl::Status status = Load(Config(tied));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(directory_.path()), HasSubstr(tensor), HasSubstr(message)));
  }

  TemporaryDirectory directory_;
};

TEST_F(CheckpointTest, GivesWhatWasWritten) {
  const DecoderConfig config = Config();
  for (const uint32_t shards : {1U, 4U}) {
    const TemporaryDirectory directory;
    WriteCheckpoint(directory.path(), config, *MakeRandomWeights(config, kSeed),
                    {.shards = shards});
    const auto source = OpenCheckpoint(directory.path(), config);
    ASSERT_TRUE(source.ok()) << source.status();
    const auto random = MakeRandomWeights(config, kSeed);
    EXPECT_EQ(*(*source)->Embeddings(), *random->Embeddings());
    for (uint32_t layer = 0; layer < config.layers; ++layer) {
      ExpectEqual(*(*source)->Layer(layer), *random->Layer(layer));
    }
    EXPECT_TRUE((*source)->Finish().ok());
  }
}

TEST_F(CheckpointTest, RoundsToBfloat16) {
  const DecoderConfig config = Config();
  WriteCheckpoint(directory_.path(), config, *MakeRandomWeights(config, kSeed), {.bf16 = true});
  const std::vector<float> exact = *MakeRandomWeights(config, kSeed)->Embeddings();
  const std::vector<float> rounded = *(*OpenCheckpoint(directory_.path(), config))->Embeddings();
  ASSERT_EQ(rounded.size(), exact.size());
  size_t different = 0;
  for (size_t i = 0; i < exact.size(); ++i) {
    EXPECT_LE(std::abs(rounded[i] - exact[i]), std::abs(exact[i]) / 256);
    different += rounded[i] != exact[i] ? 1 : 0;
  }
  EXPECT_GT(different, exact.size() / 2);
}

TEST_F(CheckpointTest, AScoringLayerIsNormQueryAndKeyAlone) {
  const auto source = MakeRandomWeights(Config(), kSeed);
  const LayerWeights whole = *source->Layer(1);
  LayerWeights scoring = *source->ScoringLayer(1);
  EXPECT_EQ(scoring.attention_norm, whole.attention_norm);
  EXPECT_EQ(scoring.query, whole.query);
  EXPECT_EQ(scoring.key, whole.key);
  EXPECT_EQ(scoring.query_norm, whole.query_norm);
  EXPECT_EQ(scoring.key_norm, whole.key_norm);
  EXPECT_THAT(scoring.value, IsEmpty());
  EXPECT_THAT(scoring.out, IsEmpty());
  EXPECT_THAT(scoring.gate, IsEmpty());
  WriteCheckpoint(directory_.path(), Config(), *source);
  ExpectEqual(*(*OpenCheckpoint(directory_.path(), Config()))->ScoringLayer(1), scoring);
}

TEST_F(CheckpointTest, TiedEmbeddingsNeedNoHeadAndMayHaveOne) {
  WriteTensors(directory_.path(), Tensors(Config(true)));
  EXPECT_TRUE(Load(Config(true)).ok());
  WriteTensors(directory_.path(), Tensors(Config(false)));
  EXPECT_TRUE(Load(Config(true)).ok());
  ExpectRefused(Tensors(Config(true)), "lm_head.weight", "expected shape [50, 24], got no such");
}

TEST_F(CheckpointTest, RotaryBuffersArePassedOver) {
  std::vector<NamedTensor> tensors = Tensors(Config());
  tensors.push_back({"model.layers.0.self_attn.rotary_emb.inv_freq", {4}, {1, 2, 3, 4}});
  WriteTensors(directory_.path(), tensors);
  EXPECT_TRUE(Load(Config()).ok());
}

TEST_F(CheckpointTest, EveryTensorMustBeThereInItsShape) {
  // Read, read in part, behind the scoring layer, behind all layers.
  for (const std::string name :
       {"model.embed_tokens.weight", "model.layers.0.mlp.up_proj.weight",
        "model.layers.1.self_attn.q_norm.weight", "model.layers.1.self_attn.v_proj.weight",
        "model.layers.2.input_layernorm.weight", "model.norm.weight"}) {
    SCOPED_TRACE(name);
    std::vector<NamedTensor> tensors = Tensors(Config());
    Named(tensors, name).name = "elsewhere";
    ExpectRefused(tensors, name, "expected shape [");

    tensors = Tensors(Config());
    std::vector<uint64_t>& shape = Named(tensors, name).shape;
    shape.resize(shape.size() + 1, 1);
    ExpectRefused(tensors, name, ", 1]");
  }
}

TEST_F(CheckpointTest, TensorsOfAnotherArchitectureAreRefused) {
  std::vector<NamedTensor> tensors = Tensors(Config());
  tensors.push_back({"model.layers.0.self_attn.q_proj.bias", {32}, std::vector<float>(32)});
  ExpectRefused(tensors, "model.layers.0.self_attn.q_proj.bias", "expected no tensors besides");
}

TEST_F(CheckpointTest, NumbersMustBeFinite) {
  std::vector<NamedTensor> tensors = Tensors(Config());
  Named(tensors, "model.layers.0.mlp.gate_proj.weight").values[7] = NAN;
  ExpectRefused(tensors, "model.layers.0.mlp.gate_proj.weight", "expected finite values");
}

TEST_F(CheckpointTest, IntegersAreNoWeights) {
  WriteTensors(directory_.path(), Tensors(Config()));
  std::string file = *base::ReadFile(directory_.File("model.safetensors"));
  // Of the same size, so that the file stays whole.
  const size_t entry = file.find("model.layers.2.mlp.down_proj.weight");
  file.replace(file.find("\"F32\"", entry), 5, "\"I32\"");
  directory_.Write("model.safetensors", file);
  const absl::Status status = Load(Config());
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("tensor model.layers.2.mlp.down_proj.weight: expected type F32, F16 or "
                        "BF16, got I32"));
}

TEST_F(CheckpointTest, MissingFilesAreNamed) {
  EXPECT_EQ(Load(Config()).code(), absl::StatusCode::kNotFound);
  WriteTensors(directory_.path(), Tensors(Config()), {.shards = 3});
  std::filesystem::remove(directory_.File("model-00002-of-00003.safetensors"));
  const absl::Status status = Load(Config());
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("model-00002-of-00003.safetensors"));
}

TEST(RandomWeightsTest, AreTheNumbersThatTheFormulaGives) {
  // Made by a second program, in Python with numpy.
  const auto source = MakeRandomWeights(Config(), 7);
  const LayerWeights layer = *source->Layer(1);
  EXPECT_EQ((*source->Embeddings())[5], -0.64628005f);
  EXPECT_EQ(layer.query_norm[2], 1.0264628f);
  EXPECT_EQ(layer.down[3], -0.24119681f);
}

}  // namespace
}  // namespace foraker::ranker
