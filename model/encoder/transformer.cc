#include "model/encoder/transformer.h"

#include <algorithm>
#include <utility>

namespace foraker::model {
namespace {

// The plain weights are given back as soon as they are packed.
Linear Pack(LinearWeights& weights, Precision precision) {
  Linear linear(weights.in, weights.out, weights.weight, weights.bias, precision);
  weights = {};
  return linear;
}

}  // namespace

ActivationKernel KernelOf(Activation activation, Precision precision, const Kernels& kernels) {
  switch (activation) {
    case Activation::kGelu:
      return precision == Precision::kInt8 ? kernels.gelu_int8 : kernels.gelu;
    case Activation::kGeluTanh:
      return kernels.gelu_tanh;
    case Activation::kRelu:
      return kernels.relu;
    case Activation::kSilu:
      return kernels.silu;
  }
  return kernels.gelu;
}

Transformer::Layer::Layer(LayerWeights& weights, Precision precision)
    : attention_in(Pack(weights.attention_in, precision)),
      attention_out(Pack(weights.attention_out, precision)),
      attention_norm(std::move(weights.attention_norm)),
      up(Pack(weights.up, precision)),
      down(Pack(weights.down, precision)),
      output_norm(std::move(weights.output_norm)) {}

Transformer::Transformer(const EncoderConfig& config, Network& network, Precision precision,
                         const Kernels& kernels)
    : config_(config),
      precision_(precision),
      kernels_(kernels),
      activation_(KernelOf(config.activation, precision, kernels)),
      words_(std::move(network.words)),
      positions_(std::move(network.positions)),
      type_(std::move(network.type)),
      embedding_norm_(std::move(network.embedding_norm)),
      rotary_(config) {
  layers_.reserve(network.layers.size());
  for (LayerWeights& weights : network.layers) layers_.emplace_back(weights, precision);
}

void Transformer::Normalise(const NormWeights& norm, float* row) const {
  kernels_.layer_norm(norm.gamma.data(), norm.beta.data(), config_.layer_norm_epsilon,
                      config_.hidden, row);
}

void Transformer::Run(const TextPack& pack, TransformerScratch& scratch) const {
  const size_t hidden = config_.hidden;
  size_t longest = 0;
  for (const PackedText& text : pack.texts) longest = std::max(longest, text.size());
  scratch.hidden.Reserve(pack.rows() * hidden);
  scratch.attention_rows.Reserve(pack.rows() * 3 * hidden);
  scratch.mixed.Reserve(longest * hidden);
  scratch.attention.Reserve(AttentionScratch(longest, hidden / config_.heads));
  scratch.states.Resize(pack.rows(), hidden);
  scratch.context.Resize(pack.rows(), hidden);
  scratch.inner.Resize(pack.rows(), config_.intermediate);
  Embed(pack, scratch);
  for (const Layer& layer : layers_) RunLayer(layer, pack, scratch);
}

void Transformer::Embed(const TextPack& pack, TransformerScratch& scratch) const {
  const size_t hidden = config_.hidden;
  for (const PackedText& text : pack.texts) {
    for (size_t row = text.begin; row < text.end; ++row) {
      float* const state = scratch.hidden.data() + row * hidden;
      std::copy_n(words_.data() + pack.ids[row] * hidden, hidden, state);
      if (!type_.empty()) kernels_.add(type_.data(), hidden, state);
      if (!positions_.empty()) {
        kernels_.add(positions_.data() + (row - text.begin) * hidden, hidden, state);
      }
      Normalise(embedding_norm_, state);
      scratch.states.Store(row, state);
    }
  }
}

void Transformer::RunLayer(const Layer& layer, const TextPack& pack,
                           TransformerScratch& scratch) const {
  Multiply(layer.attention_in, scratch.states, kernels_, scratch.linear,
           scratch.attention_rows.data());
  for (const PackedText& text : pack.texts) Attend(text, scratch);
  AddAndNormalise(layer.attention_out, scratch.context, layer.attention_norm, scratch);

  const size_t inner = config_.intermediate;
  const bool gated = layer.up.out() == 2 * inner;
  ForEachRow(layer.up, scratch.states, kernels_, scratch.linear, [&](size_t row, float* y) {
    activation_(inner, gated ? y + inner : y);
    if (gated) kernels_.multiply(y + inner, inner, y);
    scratch.inner.Store(row, y);
  });
  AddAndNormalise(layer.down, scratch.inner, layer.output_norm, scratch);
}

void Transformer::Attend(const PackedText& text, TransformerScratch& scratch) const {
  const size_t hidden = config_.hidden;
  const size_t width = hidden / config_.heads;
  const size_t stride = 3 * hidden;
  float* const rows = scratch.attention_rows.data() + text.begin * stride;
  if (!rotary_.empty()) {
    for (size_t t = 0; t < text.size(); ++t) {
      rotary_.Turn(t, rows + t * stride);
      rotary_.Turn(t, rows + t * stride + hidden);
    }
  }
  const auto attend = precision_ == Precision::kInt8 ? kernels_.attend_int8 : kernels_.attend;
  for (size_t head = 0; head < config_.heads; ++head) {
    const float* const queries = rows + head * width;
    attend({.queries = queries,
            .keys = queries + hidden,
            .values = queries + 2 * hidden,
            .stride = stride,
            .tokens = text.size(),
            .width = width},
           scratch.attention.data(), scratch.mixed.data() + head * width, hidden);
  }
  for (size_t t = 0; t < text.size(); ++t) {
    scratch.context.Store(text.begin + t, scratch.mixed.data() + t * hidden);
  }
}

void Transformer::AddAndNormalise(const Linear& linear, const Activations& in,
                                  const NormWeights& norm, TransformerScratch& scratch) const {
  const size_t hidden = config_.hidden;
  ForEachRow(linear, in, kernels_, scratch.linear, [&](size_t row, const float* y) {
    float* const state = scratch.hidden.data() + row * hidden;
    kernels_.add(y, hidden, state);
    Normalise(norm, state);
    scratch.states.Store(row, state);
  });
}

}  // namespace foraker::model
