#include "model/encoder/sparse_head.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace foraker::model {
namespace {

// A piece's weights stay in a core's second-level cache while the rows of a pack pass, with a tile
// of logits beside them.
size_t OutputsOfPiece(size_t hidden, Precision precision) {
  constexpr size_t kBytes = size_t{360} << 10;
  constexpr size_t kStep = 48;  // a whole number of vectors and, in rows of logits, no power of two
  const size_t row = hidden * (precision == Precision::kInt8 ? sizeof(int8_t) : sizeof(float));
  return std::max<size_t>(kBytes / row / kStep, 1) * kStep;
}

constexpr float kNothing = -std::numeric_limits<float>::infinity();

// Rows [first, first + count) of a tile to the maxima.
void Reduce(const Kernels& kernels, const Linear& piece, const LinearRun& run,
            const Activations& states, size_t tile, size_t row, size_t count, uint32_t source,
            float* best, uint32_t* sources) {
  const size_t offset = (row - tile) * piece.out();
  if (piece.precision() == Precision::kF32) {
    kernels.row_maxima(run.tile() + offset, piece.out(), count, piece.out(), source, best, sources);
  } else {
    kernels.scaled_row_maxima(run.sums() + offset, piece.out(), states.scales() + row, count,
                              piece.columns().sum, piece.out(), source, best, sources);
  }
}

void Prune(float ratio, std::vector<LearnedTerm>& terms) {
  if (ratio <= 0) return;
  float largest = 0;
  for (const LearnedTerm& term : terms) largest = std::max(largest, term.weight);
  const float threshold = ratio * largest;
  std::erase_if(terms, [&](const LearnedTerm& term) { return !(term.weight > threshold); });
}

}  // namespace

SparseHead::SparseHead(const EncoderConfig& config, Network& network, std::span<const float> words,
                       std::vector<uint8_t> is_term, Precision precision, const Kernels& kernels)
    : config_(config),
      kernels_(kernels),
      activation_(KernelOf(config.activation, Precision::kF32, kernels)),
      transform_(network.transform.in, network.transform.out, network.transform.weight,
                 network.transform.bias, precision),
      norm_(std::move(network.transform_norm)),
      piece_size_(OutputsOfPiece(config.hidden, precision)),
      is_term_(std::move(is_term)) {
  const std::span<const float> decoder =
      network.decoder.empty() ? words : std::span<const float>(network.decoder);
  const std::span<const float> bias = network.decoder_bias;
  for (size_t first = 0; first < config.vocabulary; first += piece_size_) {
    const size_t size = std::min<size_t>(piece_size_, config.vocabulary - first);
    pieces_.emplace_back(config.hidden, size,
                         decoder.subspan(first * config.hidden, size * config.hidden),
                         bias.subspan(first, size), precision);
  }
}

void SparseHead::Run(const Activations& states, const TextPack& pack, LinearScratch& linear,
                     SparseHeadScratch& scratch, std::span<std::vector<LearnedTerm>> terms) const {
  scratch.best.Reserve(piece_size_);
  scratch.edge.Reserve(piece_size_);
  scratch.source.Reserve(piece_size_);
  Transform(states, linear, scratch);
  for (size_t piece = 0; piece < pieces_.size(); ++piece) {
    RunPiece(piece, pack, linear, scratch, terms);
  }
  for (const PackedText& text : pack.texts) Prune(config_.prune_ratio, terms[text.index]);
}

void SparseHead::Transform(const Activations& states, LinearScratch& linear,
                           SparseHeadScratch& scratch) const {
  scratch.states.Resize(states.rows(), config_.hidden);
  ForEachRow(transform_, states, kernels_, linear, [&](size_t row, float* y) {
    activation_(config_.hidden, y);
    kernels_.layer_norm(norm_.gamma.data(), norm_.beta.data(), config_.layer_norm_epsilon,
                        config_.hidden, y);
    scratch.states.Store(row, y);
  });
}

void SparseHead::RunPiece(size_t piece, const TextPack& pack, LinearScratch& linear,
                          SparseHeadScratch& scratch,
                          std::span<std::vector<LearnedTerm>> terms) const {
  const Linear& outputs = pieces_[piece];
  LinearRun run(outputs, scratch.states, kernels_, linear);
  const size_t tile_rows = RowTile();
  size_t tile = 0;
  for (const PackedText& text : pack.texts) {
    std::fill_n(scratch.best.data(), outputs.out(), kNothing);
    std::fill_n(scratch.edge.data(), outputs.out(), kNothing);
    for (size_t row = text.begin; row < text.end;) {
      tile = row / tile_rows * tile_rows;
      if (row % tile_rows == 0) run.Multiply(tile);
      const bool is_edge = row == text.begin || row + 1 == text.end;
      const size_t end = is_edge ? row + 1 : std::min(tile + tile_rows, text.end - 1);
      const auto source = is_edge ? 0 : static_cast<uint32_t>(row - text.begin - 1);
      Reduce(kernels_, outputs, run, scratch.states, tile, row, end - row, source,
             is_edge ? scratch.edge.data() : scratch.best.data(),
             is_edge ? nullptr : scratch.source.data());
      row = end;
    }
    Emit(piece, scratch, terms[text.index]);
  }
}

void SparseHead::Emit(size_t piece, const SparseHeadScratch& scratch,
                      std::vector<LearnedTerm>& terms) const {
  const Linear& outputs = pieces_[piece];
  const bool int8 = outputs.precision() == Precision::kInt8;
  for (size_t j = 0; j < outputs.out(); ++j) {
    float logit = std::max(scratch.best.data()[j], scratch.edge.data()[j]);
    if (int8) logit = logit * outputs.columns().scale[j] + outputs.bias()[j];
    const size_t token = piece * piece_size_ + j;
    if (!(logit > 0) || is_term_[token] == 0) continue;
    float weight = std::log1p(logit);
    if (config_.double_log) weight = std::log1p(weight);
    if (weight > 0)
      terms.push_back({static_cast<uint32_t>(token), weight, scratch.source.data()[j]});
  }
}

}  // namespace foraker::model
