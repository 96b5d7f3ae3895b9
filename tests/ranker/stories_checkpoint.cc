#include "tests/ranker/stories_checkpoint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

#include "ranker/decoder/decoder_tensors.h"
#include "tests/ranker/checkpoint_writer.h"

namespace foraker::ranker {
namespace {

DecoderConfig ReadConfig(std::ifstream& in) {
  std::array<int32_t, 7> header = {};
  in.read(reinterpret_cast<char*>(header.data()), sizeof(header));
  std::array<uint32_t, 7> sizes;
  std::copy(header.begin(), header.end(), sizes.begin());
  DecoderConfig config;
  config.family = DecoderFamily::kLlama;
  config.hidden = sizes[0];
  config.intermediate = sizes[1];
  config.layers = sizes[2];
  config.heads = sizes[3];
  config.kv_heads = sizes[4];
  config.head_width = sizes[0] / sizes[3];
  config.vocabulary = sizes[5];
  config.max_positions = sizes[6];
  config.norm_epsilon = 1e-5f;
  config.rope_theta = 10000;
  config.tied_embeddings = true;
  return config;
}

std::vector<float> ReadFloats(std::ifstream& in, uint64_t count) {
  std::vector<float> values(count);
  in.read(reinterpret_cast<char*>(values.data()),
          static_cast<std::streamsize>(count * sizeof(float)));
  EXPECT_TRUE(in.good());
  return values;
}

// Rows of each head [heads x width, columns]: 0, 2, 4, .. 1, 3, 5, ...
void SplitPairs(size_t width, size_t columns, std::vector<float>& matrix) {
  const std::vector<float> pairs = matrix;
  const auto row = [&](size_t i) { return static_cast<std::ptrdiff_t>(i * columns); };
  for (size_t i = 0; i < matrix.size() / columns; ++i) {
    const size_t head = i / width * width;
    const size_t half = width / 2;
    const size_t from = head + i % width % half * 2 + i % width / half;
    std::copy_n(pairs.begin() + row(from), columns, matrix.begin() + row(i));
  }
}

void AddLayers(std::ifstream& in, const DecoderConfig& config, std::vector<NamedTensor>& tensors) {
  // In the order of the file.
  static constexpr std::string_view kNames[] = {
      "input_layernorm.weight",  "self_attn.q_proj.weight", "self_attn.k_proj.weight",
      "self_attn.v_proj.weight", "self_attn.o_proj.weight", "post_attention_layernorm.weight",
      "mlp.gate_proj.weight",    "mlp.down_proj.weight",    "mlp.up_proj.weight"};
  const std::vector<LayerTensor> layer = LayerTensors(config);
  for (const std::string_view name : kNames) {
    const auto tensor =
        std::find_if(layer.begin(), layer.end(), [&](const auto& t) { return t.name == name; });
    ASSERT_NE(tensor, layer.end()) << name;
    uint64_t count = 1;
    for (const uint64_t size : tensor->shape) count *= size;
    for (uint32_t n = 0; n < config.layers; ++n) {
      std::vector<float> values = ReadFloats(in, count);
      if (name.find("q_proj") != name.npos || name.find("k_proj") != name.npos) {
        SplitPairs(config.head_width, config.hidden, values);
      }
      tensors.push_back({LayerTensorName(n, name), tensor->shape, std::move(values)});
    }
  }
}

}  // namespace

std::string StoriesFile() {
  const char* shared = std::getenv("FORAKER_SHARED");
  const std::string folder = shared != nullptr ? shared : "../shared";
  const std::string file = folder + "/models/stories260k/stories260K.bin";
  return std::filesystem::exists(file) ? file : "";
}

StoriesModel WriteStoriesCheckpoint(const std::string& file, const std::string& directory) {
  std::ifstream in(file, std::ios::binary);
  StoriesModel model;
  model.config = ReadConfig(in);
  model.embeddings = ReadFloats(in, uint64_t{model.config.vocabulary} * model.config.hidden);
  std::vector<NamedTensor> tensors;
  tensors.push_back({std::string(kEmbeddingsName),
                     {model.config.vocabulary, model.config.hidden},
                     model.embeddings});
  AddLayers(in, model.config, tensors);
  model.last_norm = ReadFloats(in, model.config.hidden);
  tensors.push_back({std::string(kLastNormName), {model.config.hidden}, model.last_norm});
  std::ofstream(directory + "/config.json") << ConfigJson(model.config);
  WriteTensors(directory, tensors);
  return model;
}

}  // namespace foraker::ranker
