#include "tests/ranker/checkpoint_writer.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "absl/strings/str_format.h"
#include "ranker/decoder/decoder_tensors.h"

namespace foraker::ranker {
namespace {

using Json = nlohmann::json;

void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  EXPECT_TRUE(out.flush().good()) << path;
}

// To the nearest, ties to even. Finite values.
uint16_t ToBf16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

template <typename T>
void Append(const T& value, std::string& bytes) {
  const size_t at = bytes.size();
  bytes.resize(at + sizeof(T));
  std::memcpy(bytes.data() + at, &value, sizeof(T));
}

std::string Safetensors(std::span<const NamedTensor> tensors, bool bf16) {
  Json header = Json::object();
  std::string data;
  for (const NamedTensor& tensor : tensors) {
    const size_t begin = data.size();
    for (const float value : tensor.values) {
      bf16 ? Append(ToBf16(value), data) : Append(value, data);
    }
    header[tensor.name] = {{"dtype", bf16 ? "BF16" : "F32"},
                           {"shape", tensor.shape},
                           {"data_offsets", {begin, data.size()}}};
  }
  const std::string text = header.dump();
  std::string bytes;
  Append(uint64_t{text.size()}, bytes);
  return bytes + text + data;
}

}  // namespace

std::vector<NamedTensor> TensorsOf(const DecoderConfig& config, WeightSource& weights) {
  const std::vector<uint64_t> table = {config.vocabulary, config.hidden};
  std::vector<NamedTensor> tensors;
  tensors.push_back({std::string(kEmbeddingsName), table, *weights.Embeddings()});
  for (uint32_t n = 0; n < config.layers; ++n) {
    LayerWeights layer = *weights.Layer(n);
    for (const LayerTensor& tensor : LayerTensors(config)) {
      tensors.push_back(
          {LayerTensorName(n, tensor.name), tensor.shape, std::move(layer.*tensor.values)});
    }
  }
  tensors.push_back(
      {std::string(kLastNormName), {config.hidden}, std::vector<float>(config.hidden, 1)});
  if (!config.tied_embeddings) {
    tensors.push_back({std::string(kHeadName), table,
                       std::vector<float>(size_t{config.vocabulary} * config.hidden, 0)});
  }
  return tensors;
}

std::string ConfigJson(const DecoderConfig& config) {
  static constexpr const char* kTypes[] = {"mistral", "llama", "qwen3"};
  static constexpr const char* kClasses[] = {"MistralForCausalLM", "LlamaForCausalLM",
                                             "Qwen3ForCausalLM"};
  const auto family = static_cast<size_t>(config.family);
  Json json = {{"model_type", kTypes[family]},
               {"architectures", {kClasses[family]}},
               {"hidden_size", config.hidden},
               {"intermediate_size", config.intermediate},
               {"num_hidden_layers", config.layers},
               {"num_attention_heads", config.heads},
               {"num_key_value_heads", config.kv_heads},
               {"head_dim", config.head_width},
               {"vocab_size", config.vocabulary},
               {"max_position_embeddings", config.max_positions},
               {"rms_norm_eps", config.norm_epsilon},
               {"rope_theta", config.rope_theta},
               {"sliding_window", nullptr},
               {"hidden_act", "silu"},
               {"tie_word_embeddings", config.tied_embeddings}};
  const RopeScaling& scaling = config.rope_scaling;
  if (scaling.kind == RopeScaling::Kind::kLinear) {
    json["rope_scaling"] = {{"rope_type", "linear"}, {"factor", scaling.factor}};
  } else if (scaling.kind == RopeScaling::Kind::kLlama3) {
    json["rope_scaling"] = {{"rope_type", "llama3"},
                            {"factor", scaling.factor},
                            {"low_freq_factor", scaling.low_frequency_factor},
                            {"high_freq_factor", scaling.high_frequency_factor},
                            {"original_max_position_embeddings", scaling.original_positions}};
  }
  return json.dump(2);
}

void WriteTensors(const std::string& directory, const std::vector<NamedTensor>& tensors,
                  const CheckpointOptions& options) {
  if (options.shards <= 1) {
    WriteFile(directory + "/model.safetensors", Safetensors(tensors, options.bf16));
    return;
  }
  Json places = Json::object();
  for (uint32_t shard = 0; shard < options.shards; ++shard) {
    const std::string name =
        absl::StrFormat("model-%05d-of-%05d.safetensors", shard + 1, options.shards);
    const size_t begin = tensors.size() * shard / options.shards;
    const size_t end = tensors.size() * (shard + 1) / options.shards;
    const auto part = std::span(tensors).subspan(begin, end - begin);
    WriteFile(directory + "/" + name, Safetensors(part, options.bf16));
    for (const NamedTensor& tensor : part) places[tensor.name] = name;
  }
  const Json index = {{"metadata", Json::object()}, {"weight_map", places}};
  WriteFile(directory + "/model.safetensors.index.json", index.dump(2));
}

void WriteCheckpoint(const std::string& directory, const DecoderConfig& config,
                     WeightSource& weights, const CheckpointOptions& options) {
  WriteFile(directory + "/config.json", ConfigJson(config));
  WriteTensors(directory, TensorsOf(config, weights), options);
}

}  // namespace foraker::ranker
