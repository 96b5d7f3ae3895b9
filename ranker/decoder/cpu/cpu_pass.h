// The steps of a pass on the CPU.
//
// Rows are taken in groups that a thread carries through a whole step, so that what lies between
// two products stays in its caches; heads of a few queries are the pieces of attention. Queries,
// keys and values of all rows lie side by side, and attention puts its output where its queries
// were.

#ifndef FORAKER_RANKER_DECODER_CPU_CPU_PASS_H_
#define FORAKER_RANKER_DECODER_CPU_CPU_PASS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "model/cpu/aligned_array.h"
#include "model/cpu/kernels.h"
#include "model/cpu/linear.h"
#include "model/cpu/panel_linear.h"
#include "ranker/decoder/cpu/cpu_layers.h"
#include "ranker/decoder/cpu/embeddings.h"
#include "ranker/decoder/cpu/workers.h"
#include "ranker/decoder/device.h"
#include "ranker/decoder/rotary.h"

namespace foraker::ranker {

// What a CPU's model holds.
struct CpuWeights {
  DecoderConfig config;
  model::WeightFormat format = model::WeightFormat::kF32;
  uint32_t threads = 1;
  Embeddings embeddings;
  std::vector<CpuLayer> layers;
  std::optional<CpuScoringLayer> scoring;
};

class CpuPass : public DevicePass {
 public:
  // `weights` must outlive the pass.
  explicit CpuPass(const CpuWeights& weights);

  absl::Status Begin(const Pass& pass) override;
  absl::Status ProjectAttention(uint32_t layer) override;
  absl::Status AttendInstructions(uint32_t layer) override;
  absl::Status AttendDocuments(uint32_t layer) override;
  absl::Status AttendQueries(uint32_t layer) override;
  absl::Status FinishAttention(uint32_t layer) override;
  absl::Status FeedForward(uint32_t layer) override;
  absl::Status ProjectSignals(uint32_t layer) override;
  absl::Status Score(uint32_t layer, std::vector<std::vector<float>>& scores) override;
  absl::StatusOr<std::vector<float>> Hidden() override;

 private:
  // Of one thread.
  struct Scratch {
    Scratch(model::Precision precision, const model::Kernels& kernels, const DecoderConfig& config)
        : in(precision, kernels),
          inner(precision, kernels),
          attention(config.head_width, config.heads / config.kv_heads) {}

    model::Activations in;
    model::Activations inner;
    model::AlignedArray<float> row;
    model::AlignedArray<float> gated;  // [rows of a group, intermediate]
    model::PanelScratch products;
    model::MaskedAttentionScratch attention;
    std::vector<model::KeyRows> before;
    std::vector<float> logits;
  };

  // A few queries of a block.
  struct Piece {
    const PassList* list;
    RowRange block;
    uint32_t begin;  // of the block's rows
    uint32_t rows;
    // What they see whole, besides their own block.
    bool sees_instruction;
    bool sees_documents;
  };

  // work(scratch, begin, end) for groups of rows of [0, rows).
  using GroupWork = std::function<void(Scratch& scratch, size_t begin, size_t end)>;
  void ForEachGroup(size_t rows, const GroupWork& work);

  void ListPieces();
  void AddPieces(std::vector<Piece>& pieces, const Piece& block);
  void Attend(const std::vector<Piece>& pieces);
  // The heads that share a head of keys.
  void AttendHeads(const Piece& piece, size_t key_head, Scratch& scratch);

  // hidden's rows, normed, as products take them: rows[i] at i.
  void Normalise(std::span<const uint32_t> rows, const std::vector<float>& gamma, Scratch& scratch);
  // Norms and turns one head of a row.
  void FinishHead(size_t row, const std::vector<float>& gamma, float* values) const;
  // rows x linear into the attention rows from `column` on, heads finished.
  void ProjectRows(std::span<const uint32_t> rows, const model::PanelLinear& linear,
                   const std::vector<float>& gamma, size_t column);
  // The attention that each document gets from a head of a list, of all signals: sums[document].
  void ScoreHead(const PassList& list, size_t head, Scratch& scratch, std::vector<double>& sums);

  float* HiddenRow(size_t row) { return hidden_.data() + row * config_.hidden; }
  float* AttentionRow(size_t row) { return attention_.data() + row * attention_stride_; }

  const CpuWeights& weights_;
  const DecoderConfig& config_;
  const model::Kernels& kernels_;
  const size_t attention_stride_;  // floats from row to row
  Workers workers_;
  std::vector<Scratch> scratch_;
  RotaryTable rotary_;

  const Pass* pass_ = nullptr;
  std::vector<uint32_t> all_rows_;
  std::vector<Piece> instructions_, documents_, queries_;
  model::AlignedArray<float> hidden_;     // [rows, hidden]
  model::AlignedArray<float> attention_;  // [rows, queries | keys | values]
};

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_DECODER_CPU_CPU_PASS_H_
