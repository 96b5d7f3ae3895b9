#include "ranker/decoder/cpu/cpu_layers.h"

#include <algorithm>
#include <utility>

namespace foraker::ranker {
namespace {

using model::PanelLinear;

// Rows of the matrices one after the other; the matrices are given back.
std::vector<float> Join(std::vector<float>& a, std::vector<float>& b, std::vector<float>& c) {
  std::vector<float> joined = std::move(a);
  joined.insert(joined.end(), b.begin(), b.end());
  joined.insert(joined.end(), c.begin(), c.end());
  for (std::vector<float>* matrix : {&a, &b, &c}) std::vector<float>().swap(*matrix);
  return joined;
}

// Half a panel's rows of `a`, then the same ones of `b`, and so on.
std::vector<float> Interleave(std::vector<float>& a, std::vector<float>& b, size_t in) {
  const auto step = static_cast<ptrdiff_t>(model::kPanelColumns / 2 * in);
  std::vector<float> mixed;
  mixed.reserve(a.size() + b.size());
  for (auto from = a.begin(), from_b = b.begin(); from != a.end();) {
    const auto count = std::min(step, a.end() - from);
    mixed.insert(mixed.end(), from, from + count);
    mixed.insert(mixed.end(), from_b, from_b + count);
    from += count;
    from_b += count;
  }
  std::vector<float>().swap(a);
  std::vector<float>().swap(b);
  return mixed;
}

PanelLinear Pack(size_t in, size_t out, const std::vector<float>& weight,
                 model::WeightFormat format) {
  return {in, out, weight, format};
}

}  // namespace

CpuLayer::CpuLayer(const DecoderConfig& config, LayerWeights weights, model::WeightFormat format)
    : attention_norm(std::move(weights.attention_norm)),
      query_norm(std::move(weights.query_norm)),
      key_norm(std::move(weights.key_norm)),
      mlp_norm(std::move(weights.mlp_norm)),
      attention_in(Pack(config.hidden, config.query_width() + 2 * size_t{config.key_width()},
                        Join(weights.query, weights.key, weights.value), format)),
      attention_out(Pack(config.query_width(), config.hidden, weights.out, format)),
      gate_up(Pack(config.hidden, 2 * size_t{config.intermediate},
                   Interleave(weights.gate, weights.up, config.hidden), format)),
      down(Pack(config.intermediate, config.hidden, weights.down, format)) {}

size_t CpuLayer::bytes() const {
  return attention_in.weight_bytes() + attention_out.weight_bytes() + gate_up.weight_bytes() +
         down.weight_bytes();
}

CpuScoringLayer::CpuScoringLayer(const DecoderConfig& config, LayerWeights weights,
                                 model::WeightFormat format)
    : attention_norm(std::move(weights.attention_norm)),
      query_norm(std::move(weights.query_norm)),
      key_norm(std::move(weights.key_norm)),
      query(Pack(config.hidden, config.query_width(), weights.query, format)),
      key(Pack(config.hidden, config.key_width(), weights.key, format)) {}

size_t CpuScoringLayer::bytes() const { return query.weight_bytes() + key.weight_bytes(); }

}  // namespace foraker::ranker
