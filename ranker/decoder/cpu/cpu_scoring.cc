// The scoring layer: keys of what the softmax runs over, queries of the signals, and their
// attention reduced to a number a document.
#include <algorithm>
#include <cmath>
#include <limits>

#include "ranker/decoder/cpu/cpu_pass.h"
#include "ranker/decoder/cpu/guarded.h"

namespace foraker::ranker {
namespace {

void AddRows(const RowRange& range, std::vector<uint32_t>& rows) {
  for (uint32_t row = range.begin; row < range.end; ++row) rows.push_back(row);
}

}  // namespace

void CpuPass::ProjectRows(std::span<const uint32_t> rows, const model::PanelLinear& linear,
                          const std::vector<float>& gamma, size_t column) {
  const size_t heads = linear.out() / config_.head_width;
  ForEachGroup(rows.size(), [&](Scratch& scratch, size_t begin, size_t end) {
    const auto group = rows.subspan(begin, end - begin);
    Normalise(group, weights_.scoring->attention_norm, scratch);
    ForEachTile(linear, scratch.in, group.size(), kernels_, scratch.products,
                [&](size_t first, size_t count, const model::PanelRun& run) {
                  for (size_t r = 0; r < count; ++r) {
                    run.CopyRow(r, AttentionRow(group[first + r]) + column + run.first_column());
                  }
                });
    for (const uint32_t row : group) {
      for (size_t head = 0; head < heads; ++head) {
        FinishHead(row, gamma, AttentionRow(row) + column + head * config_.head_width);
      }
    }
  });
}

absl::Status CpuPass::ProjectSignals(uint32_t) {
  return Guarded([&] {
    std::vector<uint32_t> keys;
    std::vector<uint32_t> signals;
    for (const PassList& list : pass_->lists) {
      if (list.scoring.over_all_keys) AddRows(list.instruction, keys);
      for (const RowRange& document : list.documents) AddRows(document, keys);
      if (list.scoring.over_all_keys) AddRows(list.query, keys);
      signals.insert(signals.end(), list.signals.begin(), list.signals.end());
    }
    const CpuScoringLayer& weights = *weights_.scoring;
    ProjectRows(keys, weights.key, weights.key_norm, config_.query_width());
    ProjectRows(signals, weights.query, weights.query_norm, 0);
  });
}

void CpuPass::ScoreHead(const PassList& list, size_t head, Scratch& scratch,
                        std::vector<double>& sums) {
  const size_t width = config_.head_width;
  const size_t key_head = head / (config_.heads / config_.kv_heads);
  const float scale = 1.0f / std::sqrt(static_cast<float>(width));
  for (const uint32_t signal : list.signals) {
    const float* const query = AttentionRow(signal) + head * width;
    scratch.logits.clear();
    float largest = -std::numeric_limits<float>::infinity();
    const auto look_at = [&](const RowRange& rows) {
      for (uint32_t row = rows.begin; row < rows.end; ++row) {
        const float* const key = AttentionRow(row) + config_.query_width() + key_head * width;
        scratch.logits.push_back(kernels_.dot(query, key, width) * scale);
        largest = std::max(largest, scratch.logits.back());
      }
    };
    for (const RowRange& document : list.documents) look_at(document);
    if (list.scoring.over_all_keys) {
      look_at(list.instruction);
      look_at({list.query.begin, signal + 1});
    }
    // In double: the order of documents must not show.
    const auto exponential = [&](size_t i) {
      return std::exp(double{scratch.logits[i]} - double{largest});
    };
    std::vector<double> shares;
    size_t next = 0;
    double total = 0;
    for (const RowRange& document : list.documents) {
      double share = 0;
      for (uint32_t i = 0; i < document.size(); ++i) share += exponential(next++);
      shares.push_back(share);
      total += share;
    }
    for (; next < scratch.logits.size(); ++next) total += exponential(next);
    for (size_t d = 0; d < shares.size(); ++d) {
      if (total > 0) sums[d] += shares[d] / total;
    }
  }
}

absl::Status CpuPass::Score(uint32_t, std::vector<std::vector<float>>& scores) {
  return Guarded([&] {
    const size_t heads = config_.heads;
    const std::vector<PassList>& lists = pass_->lists;
    std::vector<std::vector<double>> sums(lists.size() * heads);
    workers_.Run(sums.size(), [&](size_t worker, size_t item) {
      const PassList& list = lists[item / heads];
      sums[item].assign(list.documents.size(), 0.0);
      ScoreHead(list, item % heads, scratch_[worker], sums[item]);
    });
    scores.resize(lists.size());
    for (size_t l = 0; l < lists.size(); ++l) {
      const size_t parts =
          heads * (lists[l].scoring.sum_signals ? 1 : std::max<size_t>(lists[l].signals.size(), 1));
      scores[l].clear();
      for (size_t d = 0; d < lists[l].documents.size(); ++d) {
        double sum = 0;
        for (size_t head = 0; head < heads; ++head) sum += sums[l * heads + head][d];
        scores[l].push_back(static_cast<float>(sum / static_cast<double>(parts)));
      }
    }
  });
}

}  // namespace foraker::ranker
