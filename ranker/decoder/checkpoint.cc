// Weights of a Hugging Face directory.

#include <set>
#include <span>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "model/weights/weights.h"
#include "ranker/decoder/decoder_tensors.h"
#include "ranker/decoder/weight_source.h"

namespace foraker::ranker {
namespace {

// Buffers that old checkpoints carry; they follow from the config.
constexpr std::string_view kRotaryBuffer = ".rotary_emb.inv_freq";

class Checkpoint : public WeightSource {
 public:
  Checkpoint(std::string directory, const DecoderConfig& config,
             std::unique_ptr<model::Weights> weights)
      : directory_(std::move(directory)), config_(config), weights_(std::move(weights)) {}

  absl::StatusOr<std::vector<float>> Embeddings() override {
    return Take(std::string(kEmbeddingsName), {config_.vocabulary, config_.hidden});
  }

  absl::StatusOr<LayerWeights> Layer(uint32_t layer) override { return TakeLayer(layer, false); }

  absl::StatusOr<LayerWeights> ScoringLayer(uint32_t layer) override {
    return TakeLayer(layer, true);
  }

  absl::Status Finish() override {
    const std::vector<uint64_t> head = {config_.vocabulary, config_.hidden};
    RETURN_IF_ERROR(PassOver(std::string(kEmbeddingsName), head));
    for (uint32_t layer = 0; layer < config_.layers; ++layer) {
      for (const LayerTensor& tensor : LayerTensors(config_)) {
        RETURN_IF_ERROR(PassOver(LayerTensorName(layer, tensor.name), tensor.shape));
      }
    }
    RETURN_IF_ERROR(PassOver(std::string(kLastNormName), {config_.hidden}));
    if (!config_.tied_embeddings || weights_->Find(kHeadName) != nullptr) {
      RETURN_IF_ERROR(PassOver(std::string(kHeadName), head));
    }
    for (const std::string& name : weights_->Names()) {
      if (absl::EndsWith(name, base::ToAbsl(kRotaryBuffer))) weights_->Ignore(name);
    }
    return weights_->CheckAllTaken();
  }

 private:
  absl::StatusOr<LayerWeights> TakeLayer(uint32_t layer, bool scoring) {
    LayerWeights out;
    for (const LayerTensor& tensor : LayerTensors(config_)) {
      if (scoring && !tensor.is_scoring) continue;
      ASSIGN_OR_RETURN(out.*tensor.values, Take(LayerTensorName(layer, tensor.name), tensor.shape));
    }
    return out;
  }

  absl::StatusOr<std::vector<float>> Take(const std::string& name,
                                          const std::vector<uint64_t>& shape) {
    RETURN_IF_ERROR(CheckType(name));
    ASSIGN_OR_RETURN(std::vector<float> values, weights_->Take(name, shape));
    taken_.insert(name);
    return values;
  }

  // Integers would need scales that no published decoder stores in one known way.
  absl::Status CheckType(const std::string& name) const {
    const model::TensorView* tensor = weights_->Find(name);
    if (tensor == nullptr || tensor->type == model::DataType::kF32 ||
        tensor->type == model::DataType::kF16 || tensor->type == model::DataType::kBF16) {
      return absl::OkStatus();
    }
    return Unexpected(name, "type F32, F16 or BF16", model::DataTypeName(tensor->type));
  }

  // Of a tensor that nobody reads: it must be there, in its shape.
  absl::Status PassOver(const std::string& name, const std::vector<uint64_t>& shape) {
    if (taken_.contains(name)) return absl::OkStatus();
    const model::TensorView* tensor = weights_->Find(name);
    if (tensor == nullptr) return Unexpected(name, Shaped(shape), "no such tensor");
    RETURN_IF_ERROR(CheckType(name));
    if (tensor->shape != shape) return Unexpected(name, Shaped(shape), tensor->ShapeText());
    weights_->Ignore(name);
    return absl::OkStatus();
  }

  static std::string Shaped(const std::vector<uint64_t>& shape) {
    return absl::StrFormat("shape %s", model::ShapeText(shape));
  }

  absl::Status Unexpected(std::string_view name, std::string_view expected,
                          std::string_view got) const {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: tensor %s: expected %s, got %s", directory_, name, expected, got));
  }

  std::string directory_;
  DecoderConfig config_;
  std::unique_ptr<model::Weights> weights_;
  std::set<std::string> taken_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<WeightSource>> OpenCheckpoint(const std::string& directory,
                                                             const DecoderConfig& config) {
  ASSIGN_OR_RETURN(std::unique_ptr<model::Weights> weights, model::Weights::Open(directory));
  return std::make_unique<Checkpoint>(directory, config, std::move(weights));
}

}  // namespace foraker::ranker
