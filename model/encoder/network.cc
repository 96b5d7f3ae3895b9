#include "model/encoder/network.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/encoder/tensor_reader.h"

namespace foraker::model {
namespace {

// The maps one below the other: [a.out + b.out + c.out, in].
LinearWeights Stack(LinearWeights a, const LinearWeights& b, const LinearWeights& c) {
  for (const LinearWeights* more : {&b, &c}) {
    a.out += more->out;
    a.weight.insert(a.weight.end(), more->weight.begin(), more->weight.end());
    a.bias.insert(a.bias.end(), more->bias.begin(), more->bias.end());
  }
  return a;
}

// Row 0 of [types, hidden], the type of all tokens.
std::vector<float> FirstType(std::vector<float> types, size_t hidden) {
  types.resize(std::min(types.size(), hidden));
  return types;
}

void AddToRows(const std::vector<float>& row, std::vector<float>& rows) {
  if (row.empty()) return;
  for (size_t i = 0; i < rows.size(); ++i) rows[i] += row[i % row.size()];
}

// The decoder's own matrix where the file has one; else it is tied to the words.
std::vector<float> TakeDecoder(TensorReader& reader, const std::string& name,
                               const EncoderConfig& config) {
  if (!reader.Has(name)) return {};
  return reader.Take(name, {config.vocabulary, config.hidden});
}

// A bias that a file may have under either name, or under both with the same values.
std::vector<float> TakeBias(TensorReader& reader, const std::string& name, const std::string& alias,
                            const EncoderConfig& config) {
  if (!reader.Has(alias)) return reader.Take(name, {config.vocabulary});
  std::vector<float> bias = reader.Take(alias, {config.vocabulary});
  if (reader.Has(name) && reader.Take(name, {config.vocabulary}) != bias) {
    reader.Fail(absl::InvalidArgumentError(
        absl::StrCat(name, " and ", alias, " differ: expected the same bias under both names")));
  }
  return bias;
}

LayerWeights LoadBertLayer(TensorReader& reader, const std::string& layer,
                           const EncoderConfig& config) {
  const size_t hidden = config.hidden;
  const std::string self = layer + "attention.self.";
  LayerWeights weights;
  weights.attention_in = Stack(reader.TakeLinear(self + "query", hidden, hidden),
                               reader.TakeLinear(self + "key", hidden, hidden),
                               reader.TakeLinear(self + "value", hidden, hidden));
  weights.attention_out = reader.TakeLinear(layer + "attention.output.dense", hidden, hidden);
  weights.attention_norm = reader.TakeNorm(layer + "attention.output.LayerNorm", hidden);
  weights.up = reader.TakeLinear(layer + "intermediate.dense", config.intermediate, hidden);
  weights.down = reader.TakeLinear(layer + "output.dense", hidden, config.intermediate);
  weights.output_norm = reader.TakeNorm(layer + "output.LayerNorm", hidden);
  return weights;
}

Network LoadBert(TensorReader& reader, const EncoderConfig& config) {
  const size_t hidden = config.hidden;
  const std::string embeddings = "bert.embeddings.";
  Network network;
  network.words = reader.Take(embeddings + "word_embeddings.weight", {config.vocabulary, hidden});
  network.positions =
      reader.Take(embeddings + "position_embeddings.weight", {config.max_tokens, hidden});
  AddToRows(FirstType(reader.Take(embeddings + "token_type_embeddings.weight",
                                  {config.token_types, hidden}),
                      hidden),
            network.positions);
  network.embedding_norm = reader.TakeNorm(embeddings + "LayerNorm", hidden);
  for (uint32_t i = 0; i < config.layers; ++i) {
    network.layers.push_back(
        LoadBertLayer(reader, absl::StrCat("bert.encoder.layer.", i, "."), config));
  }
  const std::string head = "cls.predictions.";
  network.transform = reader.TakeLinear(head + "transform.dense", hidden, hidden);
  network.transform_norm = reader.TakeNorm(head + "transform.LayerNorm", hidden);
  network.decoder = TakeDecoder(reader, head + "decoder.weight", config);
  network.decoder_bias = TakeBias(reader, head + "bias", head + "decoder.bias", config);
  reader.Ignore({"bert.embeddings.position_ids", "bert.pooler.dense.weight",
                 "bert.pooler.dense.bias", "cls.seq_relationship.weight",
                 "cls.seq_relationship.bias"});
  return network;
}

LayerWeights LoadDistilBertLayer(TensorReader& reader, const std::string& layer,
                                 const EncoderConfig& config) {
  const size_t hidden = config.hidden;
  const std::string attention = layer + "attention.";
  LayerWeights weights;
  weights.attention_in = Stack(reader.TakeLinear(attention + "q_lin", hidden, hidden),
                               reader.TakeLinear(attention + "k_lin", hidden, hidden),
                               reader.TakeLinear(attention + "v_lin", hidden, hidden));
  weights.attention_out = reader.TakeLinear(attention + "out_lin", hidden, hidden);
  weights.attention_norm = reader.TakeNorm(layer + "sa_layer_norm", hidden);
  weights.up = reader.TakeLinear(layer + "ffn.lin1", config.intermediate, hidden);
  weights.down = reader.TakeLinear(layer + "ffn.lin2", hidden, config.intermediate);
  weights.output_norm = reader.TakeNorm(layer + "output_layer_norm", hidden);
  return weights;
}

Network LoadDistilBert(TensorReader& reader, const EncoderConfig& config) {
  const size_t hidden = config.hidden;
  const std::string embeddings = "distilbert.embeddings.";
  Network network;
  network.words = reader.Take(embeddings + "word_embeddings.weight", {config.vocabulary, hidden});
  network.positions =
      reader.Take(embeddings + "position_embeddings.weight", {config.max_tokens, hidden});
  network.embedding_norm = reader.TakeNorm(embeddings + "LayerNorm", hidden);
  for (uint32_t i = 0; i < config.layers; ++i) {
    network.layers.push_back(
        LoadDistilBertLayer(reader, absl::StrCat("distilbert.transformer.layer.", i, "."), config));
  }
  network.transform = reader.TakeLinear("vocab_transform", hidden, hidden);
  network.transform_norm = reader.TakeNorm("vocab_layer_norm", hidden);
  network.decoder = TakeDecoder(reader, "vocab_projector.weight", config);
  network.decoder_bias = reader.Take("vocab_projector.bias", {config.vocabulary});
  reader.Ignore({"distilbert.embeddings.position_ids"});
  return network;
}

LayerWeights LoadNewLayer(TensorReader& reader, const std::string& layer,
                          const EncoderConfig& config) {
  const size_t hidden = config.hidden;
  LayerWeights weights;
  weights.attention_in = reader.TakeLinear(layer + "attention.qkv_proj", 3 * hidden, hidden);
  weights.attention_out = reader.TakeLinear(layer + "attention.o_proj", hidden, hidden);
  weights.attention_norm = reader.TakeNorm(layer + "attn_ln", hidden);
  weights.up = reader.TakeLinearWithoutBias(layer + "mlp.up_gate_proj",
                                            size_t{2} * config.intermediate, hidden);
  weights.down = reader.TakeLinear(layer + "mlp.down_proj", hidden, config.intermediate);
  weights.output_norm = reader.TakeNorm(layer + "mlp_ln", hidden);
  return weights;
}

Network LoadNew(TensorReader& reader, const EncoderConfig& config) {
  const size_t hidden = config.hidden;
  const std::string embeddings = "new.embeddings.";
  Network network;
  network.words = reader.Take(embeddings + "word_embeddings.weight", {config.vocabulary, hidden});
  if (config.token_types > 0) {
    network.type = FirstType(
        reader.Take(embeddings + "token_type_embeddings.weight", {config.token_types, hidden}),
        hidden);
  }
  network.embedding_norm = reader.TakeNorm(embeddings + "LayerNorm", hidden);
  for (uint32_t i = 0; i < config.layers; ++i) {
    network.layers.push_back(
        LoadNewLayer(reader, absl::StrCat("new.encoder.layer.", i, "."), config));
  }
  network.transform = reader.TakeLinear("lm_head.dense", hidden, hidden);
  network.transform_norm = reader.TakeNorm("lm_head.norm", hidden);
  network.decoder = TakeDecoder(reader, "lm_head.decoder.weight", config);
  network.decoder_bias = reader.Take("lm_head.decoder.bias", {config.vocabulary});
  reader.Ignore({"new.embeddings.position_ids", "new.embeddings.rotary_emb.inv_freq",
                 "new.pooler.dense.weight", "new.pooler.dense.bias"});
  return network;
}

}  // namespace

absl::StatusOr<Network> LoadNetwork(Weights& weights, const EncoderConfig& config) {
  TensorReader reader(weights);
  Network network;
  switch (config.architecture) {
    case Architecture::kBert:
      network = LoadBert(reader, config);
      break;
    case Architecture::kDistilBert:
      network = LoadDistilBert(reader, config);
      break;
    case Architecture::kNew:
      network = LoadNew(reader, config);
      break;
  }
  if (absl::Status status = reader.Finish(); !status.ok()) return status;
  return network;
}

}  // namespace foraker::model
