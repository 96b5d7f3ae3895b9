// Arbitrary bytes as the files of a model directory. Input: a byte that chooses the kind of file
// (safetensors, shard index, config.json, idf.json), then the file.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/encoder/idf_table.h"
#include "model/encoder/transformer_config.h"
#include "model/json/json_object.h"
#include "model/weights/safetensors.h"
#include "tests/fuzz/require.h"

namespace foraker::model {
namespace {

void CheckSafetensors(std::string_view file) {
  const auto tensors = ParseSafetensors(std::as_bytes(std::span(file)), "FILE");
  if (!Parsed(tensors)) return;
  size_t bytes = 0;
  for (const auto& [name, tensor] : *tensors) {
    bytes += tensor.bytes.size();
    Require(tensor.elements() * BytesOf(tensor.type) == tensor.bytes.size());
    uint64_t elements = 1;
    for (const uint64_t size : tensor.shape) elements *= size;
    Require(elements == tensor.elements());
    // Every byte is read, for the sanitizer to see.
    Require(std::accumulate(tensor.bytes.begin(), tensor.bytes.end(), uint64_t{0},
                            [](uint64_t sum, std::byte byte) {
                              return sum + std::to_integer<uint64_t>(byte);
                            }) <= 255 * tensor.bytes.size());
  }
  Require(bytes < file.size());
}

void CheckShardIndex(std::string_view file) {
  const auto shards = ParseShardIndex(file, "FILE");
  if (!Parsed(shards)) return;
  for (const auto& [tensor, shard] : *shards) {
    Require(!shard.empty() && shard != ".." && shard.find('/') == std::string::npos);
  }
}

void CheckConfig(const JsonObject& json) {
  const auto config = ParseTransformerConfig(json);
  if (!Parsed(config)) return;
  Require(config->vocabulary > 0 && config->layers > 0 && config->intermediate > 0);
  Require(config->heads > 0 && config->hidden % config->heads == 0 && config->max_tokens >= 3);
  Require(config->layer_norm_epsilon > 0 && config->layer_norm_epsilon < 1);
  if (config->architecture != Architecture::kNew) return;
  Require(config->hidden / config->heads % 2 == 0 && config->rope_theta > 1);
  Require(config->rope_ntk_factor == 0 || config->rope_ntk_factor >= 1);
}

// A vocabulary small enough to be hit by chance.
class FewTokens : public WordPiece {
 public:
  std::unique_ptr<Session> NewSession() const override { return nullptr; }
  uint32_t vocabulary_size() const override { return kTokens.size(); }
  std::string_view TextOf(uint32_t id) const override { return kTokens[id]; }
  std::optional<uint32_t> IdOf(std::string_view token) const override {
    for (uint32_t id = 0; id < kTokens.size(); ++id) {
      if (kTokens[id] == token) return id;
    }
    return std::nullopt;
  }
  bool IsSpecial(uint32_t id) const override { return id < 2; }
  uint32_t cls() const override { return 0; }
  uint32_t sep() const override { return 1; }
  const std::vector<std::string>& files() const override { return files_; }
  std::string Fingerprint() const override { return ""; }

 private:
  static constexpr std::array<std::string_view, 7> kTokens = {"[CLS]", "[SEP]",  "a",  "##b",
                                                              "\"",    "\u00e9", "##b"};
  std::vector<std::string> files_;
};

void CheckIdfTable(const JsonObject& json) {
  const FewTokens tokenizer;
  const auto weights = ParseIdfTable(json, tokenizer);
  if (!Parsed(weights)) return;
  Require(weights->size() == tokenizer.vocabulary_size());
  Require((*weights)[0] == 0 && (*weights)[1] == 0 && (*weights)[6] == 0);
  for (const float weight : *weights) Require(std::isfinite(weight) && weight >= 0);
  const auto saved = JsonObject::Parse(FormatIdfTable(*weights, tokenizer), "SAVED");
  Require(saved.ok());
  Require(*ParseIdfTable(*saved, tokenizer) == *weights);
}

}  // namespace
}  // namespace foraker::model

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace foraker::model;
  if (size == 0) return 0;
  const std::string_view file(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 4 == 0) CheckSafetensors(file);
  if (data[0] % 4 == 1) CheckShardIndex(file);
  if (data[0] % 4 < 2) return 0;
  const auto json = JsonObject::Parse(file, "FILE");
  if (!foraker::Parsed(json)) return 0;
  if (data[0] % 4 == 2) {
    CheckConfig(*json);
  } else {
    CheckIdfTable(*json);
  }
  return 0;
}
