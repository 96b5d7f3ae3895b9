#include "ranker/decoder/cpu/cpu_pass.h"

#include <algorithm>
#include <numeric>

#include "ranker/decoder/cpu/guarded.h"

namespace foraker::ranker {
namespace {

// Of a group at most: enough that a panel's weights are read from far away seldom, few enough that
// what a group's rows make of each other stays near.
constexpr size_t kGroupTiles = 8;

size_t TilesOf(size_t rows) { return (rows + model::kPanelRows - 1) / model::kPanelRows; }
size_t WholeTiles(size_t rows) { return TilesOf(rows) * model::kPanelRows; }

// An odd number of cache lines: at a power of two apart, the rows of a head would meet in a few of
// the caches' sets.
size_t StrideOf(size_t width) {
  constexpr size_t kLine = 16;
  return ((width + kLine - 1) / kLine | 1) * kLine;
}

}  // namespace

CpuPass::CpuPass(const CpuWeights& weights)
    : weights_(weights),
      config_(weights.config),
      kernels_(model::BestKernels()),
      attention_stride_(StrideOf(config_.query_width() + 2 * size_t{config_.key_width()})),
      workers_(weights.threads),
      rotary_(config_) {
  const bool int8 = weights.format == model::WeightFormat::kInt8;
  for (size_t i = 0; i < workers_.size(); ++i) {
    scratch_.emplace_back(int8 ? model::Precision::kInt8 : model::Precision::kF32, kernels_,
                          config_);
  }
}

void CpuPass::ForEachGroup(size_t rows, const GroupWork& work) {
  // As many groups for each thread, of the same size but for a tile.
  const size_t tiles = TilesOf(rows);
  const size_t threads = workers_.size();
  const size_t of_thread = (tiles + threads * kGroupTiles - 1) / (threads * kGroupTiles);
  const size_t groups = std::min(tiles, threads * of_thread);
  workers_.Run(groups, [&](size_t worker, size_t group) {
    const size_t begin = group * tiles / groups * model::kPanelRows;
    const size_t end = (group + 1) * tiles / groups * model::kPanelRows;
    work(scratch_[worker], begin, std::min(end, rows));
  });
}

absl::Status CpuPass::Begin(const Pass& pass) {
  return Guarded([&] {
    pass_ = &pass;
    all_rows_.resize(pass.rows());
    std::iota(all_rows_.begin(), all_rows_.end(), 0u);
    hidden_.Reserve(pass.rows() * size_t{config_.hidden});
    attention_.Reserve(pass.rows() * attention_stride_);
    rotary_.Prepare(pass.positions);
    ListPieces();
    ForEachGroup(pass.rows(), [&](Scratch&, size_t begin, size_t end) {
      for (size_t row = begin; row < end; ++row) {
        weights_.embeddings.Read(pass.ids[row], HiddenRow(row));
      }
    });
  });
}

void CpuPass::Normalise(std::span<const uint32_t> rows, const std::vector<float>& gamma,
                        Scratch& scratch) {
  scratch.in.Resize(WholeTiles(rows.size()), config_.hidden);
  scratch.row.Reserve(config_.hidden);
  const bool quantised = weights_.format == model::WeightFormat::kInt8;
  for (size_t i = 0; i < rows.size(); ++i) {
    float* const normed = quantised ? scratch.row.data() : scratch.in.FloatRow(i);
    kernels_.rms_norm(HiddenRow(rows[i]), gamma.data(), config_.norm_epsilon, config_.hidden,
                      normed);
    if (quantised) scratch.in.Store(i, normed);
  }
}

void CpuPass::FinishHead(size_t row, const std::vector<float>& gamma, float* values) const {
  const size_t width = config_.head_width;
  if (!gamma.empty()) {
    kernels_.rms_norm(values, gamma.data(), config_.norm_epsilon, width, values);
  }
  kernels_.rotate(rotary_.cosines(row), rotary_.sines(row), width / 2, values);
}

absl::Status CpuPass::ProjectAttention(uint32_t layer) {
  const CpuLayer& weights = weights_.layers[layer];
  const size_t width = config_.head_width;
  const size_t turned = config_.heads + size_t{config_.kv_heads};  // heads of queries and keys
  return Guarded([&] {
    ForEachGroup(pass_->rows(), [&](Scratch& scratch, size_t begin, size_t end) {
      const auto rows = std::span(all_rows_).subspan(begin, end - begin);
      Normalise(rows, weights.attention_norm, scratch);
      const auto take = [&](size_t first, size_t count, const model::PanelRun& run) {
        const size_t column = run.first_column();
        run.CopyTo(count, AttentionRow(begin + first) + column, attention_stride_);
        // Heads that are complete with this panel, while they are near.
        const size_t last = std::min((column + run.columns()) / width, turned);
        for (size_t row = begin + first; row < begin + first + count; ++row) {
          for (size_t head = column / width; head < last; ++head) {
            const bool is_query = head < config_.heads;
            FinishHead(row, is_query ? weights.query_norm : weights.key_norm,
                       AttentionRow(row) + head * width);
          }
        }
      };
      ForEachTile(weights.attention_in, scratch.in, rows.size(), kernels_, scratch.products, take);
    });
  });
}

absl::Status CpuPass::FinishAttention(uint32_t layer) {
  const CpuLayer& weights = weights_.layers[layer];
  return Guarded([&] {
    ForEachGroup(pass_->rows(), [&](Scratch& scratch, size_t begin, size_t end) {
      const size_t rows = end - begin;
      scratch.in.Resize(WholeTiles(rows), config_.query_width());
      for (size_t i = 0; i < rows; ++i) scratch.in.Store(i, AttentionRow(begin + i));
      ForEachTile(weights.attention_out, scratch.in, rows, kernels_, scratch.products,
                  [&](size_t first, size_t count, const model::PanelRun& run) {
                    run.AddTo(count, HiddenRow(begin + first) + run.first_column(), config_.hidden);
                  });
    });
  });
}

absl::Status CpuPass::FeedForward(uint32_t layer) {
  const CpuLayer& weights = weights_.layers[layer];
  const size_t width = config_.intermediate;
  return Guarded([&] {
    ForEachGroup(pass_->rows(), [&](Scratch& scratch, size_t begin, size_t end) {
      const auto rows = std::span(all_rows_).subspan(begin, end - begin);
      Normalise(rows, weights.mlp_norm, scratch);
      // In int8 whole rows are quantised: they wait until the last panel is through.
      const bool quantised = weights_.format == model::WeightFormat::kInt8;
      if (quantised) scratch.gated.Reserve(rows.size() * width);
      scratch.inner.Resize(WholeTiles(rows.size()), width);
      float* const gated = quantised ? scratch.gated.data() : scratch.inner.FloatRow(0);
      ForEachTile(weights.gate_up, scratch.in, rows.size(), kernels_, scratch.products,
                  [&](size_t first, size_t count, const model::PanelRun& run) {
                    run.GateTo(count, gated + first * width + run.first_column() / 2, width);
                  });
      for (size_t i = 0; quantised && i < rows.size(); ++i) {
        scratch.inner.Store(i, gated + i * width);
      }
      ForEachTile(weights.down, scratch.inner, rows.size(), kernels_, scratch.products,
                  [&](size_t first, size_t count, const model::PanelRun& run) {
                    run.AddTo(count, HiddenRow(begin + first) + run.first_column(), config_.hidden);
                  });
    });
  });
}

absl::StatusOr<std::vector<float>> CpuPass::Hidden() {
  return std::vector<float>(hidden_.data(),
                            hidden_.data() + pass_->rows() * size_t{config_.hidden});
}

}  // namespace foraker::ranker
