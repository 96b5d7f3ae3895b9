// Arbitrary bytes as the files that describe a reranker. Input: a byte that chooses the file
// (config.json of a decoder, blockrank.json) and, for the latter, the decoder; then the file.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/json/json_object.h"
#include "ranker/decoder/decoder_config.h"
#include "ranker/decoder/decoder_tensors.h"
#include "ranker/decoder/rotary.h"
#include "ranker/prompt/chat_template.h"
#include "ranker/prompt/rank_config.h"
#include "tests/fuzz/require.h"

namespace foraker::ranker {
namespace {

void CheckDecoderConfig(const model::JsonObject& json) {
  const auto config = ParseDecoderConfig(json);
  if (!Parsed(config)) return;
  Require(config->hidden > 0 && config->intermediate > 0 && config->layers > 0);
  Require(config->vocabulary > 0 && config->max_positions > 0);
  Require(config->heads > 0 && config->kv_heads > 0 && config->heads % config->kv_heads == 0);
  Require(config->head_width > 0 && config->head_width % 2 == 0);
  Require(config->norm_epsilon > 0 && config->norm_epsilon < 1 && config->rope_theta > 1);
  for (const float frequency : RotaryFrequencies(*config)) {
    Require(std::isfinite(frequency) && frequency >= 0);
  }
  // No product of sizes overflows.
  for (const LayerTensor& tensor : LayerTensors(*config)) {
    uint64_t elements = 1;
    for (const uint64_t size : tensor.shape) elements *= size;
    Require(elements > 0 && elements <= uint64_t{1} << 48);
  }
}

void CheckRankConfig(const model::JsonObject& json, uint8_t choice) {
  DecoderConfig decoder;
  decoder.family = static_cast<DecoderFamily>(choice % 3);
  decoder.layers = 1 + choice / 3 % 32;
  decoder.vocabulary = choice % 2 == 0 ? 32'000 : 128'256;
  decoder.max_positions = 1U << (choice % 16);
  const auto config = ParseRankConfig(json, decoder);
  if (!Parsed(config)) return;
  Require(config->layer < decoder.layers);
  Require(config->query_offset < decoder.max_positions);
  Require(config->max_document_tokens > 0);
  Require(config->max_document_tokens <= decoder.max_positions);
  Require(ChatTemplateNamed(ChatWordsOf(config->chat).name) == config->chat);
}

}  // namespace
}  // namespace foraker::ranker

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace foraker;
  if (size == 0) return 0;
  const std::string_view file(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto json = model::JsonObject::Parse(file, "FILE");
  if (!Parsed(json)) return 0;
  if (data[0] % 2 == 0) {
    ranker::CheckDecoderConfig(*json);
  } else {
    ranker::CheckRankConfig(*json, data[0] / 2);
  }
  return 0;
}
