#include <utility>

#include "base/status.h"
#include "model/cpu/precision.h"
#include "ranker/decoder/cpu/cpu_pass.h"
#include "ranker/decoder/cpu/guarded.h"

namespace foraker::ranker {
namespace {

model::WeightFormat FormatOf(Precision precision) {
  switch (precision) {
    case Precision::kBf16:
      return model::WeightFormat::kBf16;
    case Precision::kInt8:
      return model::WeightFormat::kInt8;
    case Precision::kF32:
      break;
  }
  return model::WeightFormat::kF32;
}

class CpuModel : public DeviceModel {
 public:
  explicit CpuModel(CpuWeights weights) : weights_(std::move(weights)) {}

  std::unique_ptr<DevicePass> NewPass() const override {
    return std::make_unique<CpuPass>(weights_);
  }

  size_t weight_bytes() const override {
    size_t bytes = weights_.embeddings.bytes();
    for (const CpuLayer& layer : weights_.layers) bytes += layer.bytes();
    if (weights_.scoring.has_value()) bytes += weights_.scoring->bytes();
    return bytes;
  }

 private:
  CpuWeights weights_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<DeviceModel>> LoadCpuModel(const DecoderConfig& config,
                                                          const WantedLayers& wanted,
                                                          WeightSource& weights,
                                                          const DeviceOptions& options) {
  const model::WeightFormat format = FormatOf(options.precision);
  if (format == model::WeightFormat::kInt8 && !model::Supports(model::Precision::kInt8)) {
    return absl::FailedPreconditionError("int8 needs a processor with VNNI; use f32 or bf16");
  }
  const model::OneThread one_thread;
  ASSIGN_OR_RETURN(std::vector<float> embeddings, weights.Embeddings());
  CpuWeights taken = {
      .config = config,
      .format = format,
      .threads = std::max(options.threads, 1u),
      .embeddings =
          Embeddings(std::move(embeddings), config.hidden, format == model::WeightFormat::kBf16),
      .layers = {},
      .scoring = std::nullopt,
  };
  for (uint32_t layer = 0; layer < wanted.layers; ++layer) {
    ASSIGN_OR_RETURN(LayerWeights plain, weights.Layer(layer));
    RETURN_IF_ERROR(Guarded([&] { taken.layers.emplace_back(config, std::move(plain), format); }));
  }
  if (wanted.scoring.has_value()) {
    ASSIGN_OR_RETURN(LayerWeights plain, weights.ScoringLayer(*wanted.scoring));
    RETURN_IF_ERROR(Guarded([&] { taken.scoring.emplace(config, std::move(plain), format); }));
  }
  RETURN_IF_ERROR(weights.Finish());
  return std::make_unique<CpuModel>(std::move(taken));
}

}  // namespace foraker::ranker
