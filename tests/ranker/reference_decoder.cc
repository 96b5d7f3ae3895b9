#include "tests/ranker/reference_decoder.h"

#include <algorithm>
#include <cmath>

namespace foraker::ranker {
namespace {

using Row = std::vector<double>;
using Rows = ReferenceDecoder::Rows;

// Which block of a list each row of a pass stands in, and so what it sees.
class BlockOfRow {
 public:
  BlockOfRow(const PassList& list, size_t rows) : blocks_(rows, kElsewhere) {
    const auto mark = [this](const RowRange& range, int block) {
      for (uint32_t row = range.begin; row < range.end; ++row) blocks_[row] = block;
    };
    mark(list.instruction, kInstruction);
    mark(list.query, kQuery);
    for (size_t d = 0; d < list.documents.size(); ++d) {
      mark(list.documents[d], static_cast<int>(d));
    }
  }

  bool IsInList(uint32_t row) const { return blocks_[row] != kElsewhere; }
  bool IsDocument(uint32_t row) const { return blocks_[row] >= 0; }

  bool Sees(uint32_t query, uint32_t key) const {
    if (!IsInList(query) || !IsInList(key)) return false;
    if (blocks_[query] == blocks_[key]) return key <= query;
    return blocks_[query] == kQuery || (IsDocument(query) && blocks_[key] == kInstruction);
  }

 private:
  static constexpr int kInstruction = -1;
  static constexpr int kQuery = -2;
  static constexpr int kElsewhere = -3;

  std::vector<int> blocks_;  // or a document's number
};

Row Normed(const Row& x, const std::vector<float>& gamma, double epsilon) {
  double squares = 0;
  for (const double v : x) squares += v * v;
  const double inverse = 1 / std::sqrt(squares / static_cast<double>(x.size()) + epsilon);
  Row y(x.size());
  for (size_t i = 0; i < x.size(); ++i) y[i] = x[i] * inverse * double{gamma[i]};
  return y;
}

Rows Normed(const Rows& rows, const std::vector<float>& gamma, double epsilon) {
  Rows normed;
  for (const Row& row : rows) normed.push_back(Normed(row, gamma, epsilon));
  return normed;
}

// Rows [first, first + count) of a matrix times x.
Row Product(const std::vector<float>& weight, size_t first, size_t count, const Row& x) {
  Row y(count, 0.0);
  for (size_t o = 0; o < count; ++o) {
    const float* const row = weight.data() + (first + o) * x.size();
    for (size_t i = 0; i < x.size(); ++i) y[o] += double{row[i]} * x[i];
  }
  return y;
}

double Dot(const Row& x, const Row& y) {
  double sum = 0;
  for (size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  return sum;
}

// Softmax of q . k / sqrt(width) over the keys that are wanted: [keys].
template <typename Wanted>
Row Attention(const Row& query, const Rows& keys, const Wanted& wanted) {
  const double scale = 1 / std::sqrt(static_cast<double>(query.size()));
  Row p(keys.size(), 0.0);
  std::vector<uint32_t> seen;
  double largest = -1e300;
  for (uint32_t j = 0; j < keys.size(); ++j) {
    if (!wanted(j)) continue;
    seen.push_back(j);
    largest = std::max(largest, p[j] = Dot(query, keys[j]) * scale);
  }
  double sum = 0;
  for (const uint32_t j : seen) sum += p[j] = std::exp(p[j] - largest);
  for (const uint32_t j : seen) p[j] /= sum;
  return p;
}

}  // namespace

ReferenceDecoder::ReferenceDecoder(const DecoderConfig& config, uint32_t layers,
                                   WeightSource& weights)
    : config_(config), embeddings_(*weights.Embeddings()) {
  for (uint32_t layer = 0; layer < layers; ++layer) layers_.push_back(*weights.Layer(layer));
  scoring_ = *weights.ScoringLayer(layers);
}

Rows ReferenceDecoder::Heads(const Pass& pass, const Rows& normed, const std::vector<float>& weight,
                             const std::vector<float>& gamma, size_t head) const {
  const size_t width = config_.head_width;
  Rows heads;
  for (size_t r = 0; r < normed.size(); ++r) {
    Row x = Product(weight, head * width, width, normed[r]);
    if (!gamma.empty()) x = Normed(x, gamma, double{config_.norm_epsilon});
    Row turned(width);
    for (size_t i = 0; i < width / 2; ++i) {
      const float exponent = static_cast<float>(2 * i) / static_cast<float>(width);
      const float frequency =
          1 / static_cast<float>(std::pow(config_.rope_theta, double{exponent}));
      const double angle = double{static_cast<float>(pass.positions[r]) * frequency};
      turned[i] = x[i] * std::cos(angle) - x[i + width / 2] * std::sin(angle);
      turned[i + width / 2] = x[i + width / 2] * std::cos(angle) + x[i] * std::sin(angle);
    }
    heads.push_back(turned);
  }
  return heads;
}

void ReferenceDecoder::RunLayer(const Pass& pass, const LayerWeights& weights, Rows& hidden) const {
  const size_t width = config_.head_width;
  const double epsilon = double{config_.norm_epsilon};
  const Rows x = Normed(hidden, weights.attention_norm, epsilon);
  Rows mixed(x.size(), Row(config_.query_width(), 0.0));
  for (size_t head = 0; head < config_.heads; ++head) {
    const size_t shared = head / (config_.heads / config_.kv_heads);
    const Rows queries = Heads(pass, x, weights.query, weights.query_norm, head);
    const Rows keys = Heads(pass, x, weights.key, weights.key_norm, shared);
    Rows values;
    for (const Row& row : x) values.push_back(Product(weights.value, shared * width, width, row));
    for (const PassList& list : pass.lists) {
      const BlockOfRow blocks(list, x.size());
      for (uint32_t i = 0; i < x.size(); ++i) {
        if (!blocks.IsInList(i)) continue;
        const Row p = Attention(queries[i], keys, [&](uint32_t j) { return blocks.Sees(i, j); });
        for (uint32_t j = 0; j < p.size(); ++j) {
          if (!blocks.Sees(i, j)) continue;
          for (size_t d = 0; d < width; ++d) mixed[i][head * width + d] += p[j] * values[j][d];
        }
      }
    }
  }
  for (size_t r = 0; r < hidden.size(); ++r) {
    const Row out = Product(weights.out, 0, config_.hidden, mixed[r]);
    for (size_t i = 0; i < out.size(); ++i) hidden[r][i] += out[i];
    const Row y = Normed(hidden[r], weights.mlp_norm, epsilon);
    Row inner = Product(weights.gate, 0, config_.intermediate, y);
    const Row up = Product(weights.up, 0, config_.intermediate, y);
    for (size_t i = 0; i < inner.size(); ++i) inner[i] *= up[i] / (1 + std::exp(-inner[i]));
    const Row down = Product(weights.down, 0, config_.hidden, inner);
    for (size_t i = 0; i < down.size(); ++i) hidden[r][i] += down[i];
  }
}

Rows ReferenceDecoder::Hidden(const Pass& pass) const {
  Rows hidden;
  for (const uint32_t id : pass.ids) {
    const auto row = embeddings_.begin() + static_cast<ptrdiff_t>(size_t{id} * config_.hidden);
    hidden.emplace_back(row, row + static_cast<ptrdiff_t>(config_.hidden));
  }
  for (const LayerWeights& weights : layers_) RunLayer(pass, weights, hidden);
  return hidden;
}

std::vector<Row> ReferenceDecoder::Scores(const Pass& pass) const {
  const Rows x = Normed(Hidden(pass), scoring_.attention_norm, double{config_.norm_epsilon});
  std::vector<Row> scores;
  for (const PassList& list : pass.lists) scores.emplace_back(list.documents.size(), 0.0);
  for (size_t head = 0; head < config_.heads; ++head) {
    const size_t shared = head / (config_.heads / config_.kv_heads);
    const Rows queries = Heads(pass, x, scoring_.query, scoring_.query_norm, head);
    const Rows keys = Heads(pass, x, scoring_.key, scoring_.key_norm, shared);
    for (size_t l = 0; l < pass.lists.size(); ++l) {
      const PassList& list = pass.lists[l];
      const BlockOfRow blocks(list, x.size());
      const double parts =
          static_cast<double>(config_.heads * (list.scoring.sum_signals ? 1 : list.signals.size()));
      for (const uint32_t signal : list.signals) {
        const Row p = Attention(queries[signal], keys, [&](uint32_t j) {
          return list.scoring.over_all_keys ? blocks.Sees(signal, j) : blocks.IsDocument(j);
        });
        for (size_t d = 0; d < list.documents.size(); ++d) {
          for (uint32_t j = list.documents[d].begin; j < list.documents[d].end; ++j) {
            scores[l][d] += p[j] / parts;
          }
        }
      }
    }
  }
  return scores;
}

}  // namespace foraker::ranker
