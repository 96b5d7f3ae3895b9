// Weights that a tensor's name and a seed define (weight_source.h has the formula).

#include <cmath>

#include "ranker/decoder/decoder_tensors.h"
#include "ranker/decoder/weight_source.h"

namespace foraker::ranker {
namespace {

// Fowler, Noll and Vo, version 1a.
uint64_t Fnv1a64(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

// Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014.
uint64_t SplitMix64(uint64_t state, uint64_t index) {
  uint64_t z = state + (index + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

class RandomWeights : public WeightSource {
 public:
  RandomWeights(const DecoderConfig& config, uint64_t seed) : config_(config), seed_(seed) {}

  absl::StatusOr<std::vector<float>> Embeddings() override {
    return Numbers(kEmbeddingsName, uint64_t{config_.vocabulary} * config_.hidden,
                   [](double u) { return u; });
  }

  absl::StatusOr<LayerWeights> Layer(uint32_t layer) override { return MakeLayer(layer, false); }

  absl::StatusOr<LayerWeights> ScoringLayer(uint32_t layer) override {
    return MakeLayer(layer, true);
  }

  absl::Status Finish() override { return absl::OkStatus(); }

 private:
  LayerWeights MakeLayer(uint32_t layer, bool scoring) const {
    LayerWeights out;
    for (const LayerTensor& tensor : LayerTensors(config_)) {
      if (scoring && !tensor.is_scoring) continue;
      const std::string name = LayerTensorName(layer, tensor.name);
      if (tensor.shape.size() == 1) {
        out.*tensor.values = Numbers(name, tensor.shape[0], [](double u) { return 1 + u / 10; });
      } else {
        const double scale = std::sqrt(3.0 / static_cast<double>(tensor.shape[1]));
        out.*tensor.values = Numbers(name, tensor.shape[0] * tensor.shape[1],
                                     [scale](double u) { return u * scale; });
      }
    }
    return out;
  }

  // Those of a tensor, each u through `shape`.
  template <typename Shape>
  std::vector<float> Numbers(std::string_view name, uint64_t count, const Shape& shape) const {
    const uint64_t state = Fnv1a64(name) ^ seed_;
    std::vector<float> numbers(count);
    for (uint64_t i = 0; i < count; ++i) {
      const double u = static_cast<double>(SplitMix64(state, i) >> 40) / (1 << 23) - 1;
      numbers[i] = static_cast<float>(shape(u));
    }
    return numbers;
  }

  DecoderConfig config_;
  uint64_t seed_;
};

}  // namespace

std::unique_ptr<WeightSource> MakeRandomWeights(const DecoderConfig& config, uint64_t seed) {
  return std::make_unique<RandomWeights>(config, seed);
}

}  // namespace foraker::ranker
