#include "ranker/decoder/rotary.h"

#include <cmath>
#include <numbers>

#include "absl/container/flat_hash_map.h"

namespace foraker::ranker {
namespace {

// Llama 3.1: wave lengths far beyond the original context are stretched by the factor, short ones
// stay, and those between are blended. In float32 throughout, as the reference computes it.
float ScaleLlama3(const RopeScaling& scaling, float frequency) {
  const auto factor = static_cast<float>(scaling.factor);
  const double original = scaling.original_positions;
  const float wave = static_cast<float>(2 * std::numbers::pi) / frequency;
  if (wave > static_cast<float>(original / scaling.low_frequency_factor)) return frequency / factor;
  if (wave < static_cast<float>(original / scaling.high_frequency_factor)) return frequency;
  const float smooth =
      (static_cast<float>(original) / wave - static_cast<float>(scaling.low_frequency_factor)) /
      static_cast<float>(scaling.high_frequency_factor - scaling.low_frequency_factor);
  return (1 - smooth) * frequency / factor + smooth * frequency;
}

}  // namespace

std::vector<float> RotaryFrequencies(const DecoderConfig& config) {
  std::vector<float> frequencies;
  for (uint32_t i = 0; i < config.head_width; i += 2) {
    const float exponent = static_cast<float>(i) / static_cast<float>(config.head_width);
    const auto power = static_cast<float>(std::pow(config.rope_theta, double{exponent}));
    const float frequency = 1 / power;
    switch (config.rope_scaling.kind) {
      case RopeScaling::Kind::kNone:
        frequencies.push_back(frequency);
        break;
      case RopeScaling::Kind::kLinear:
        frequencies.push_back(frequency / static_cast<float>(config.rope_scaling.factor));
        break;
      case RopeScaling::Kind::kLlama3:
        frequencies.push_back(ScaleLlama3(config.rope_scaling, frequency));
        break;
    }
  }
  return frequencies;
}

void RotaryTable::Prepare(std::span<const uint32_t> positions) {
  entries_.clear();
  cosines_.clear();
  sines_.clear();
  absl::flat_hash_map<uint32_t, size_t> made;
  for (const uint32_t position : positions) {
    const auto [entry, added] = made.try_emplace(position, made.size());
    entries_.push_back(entry->second);
    if (!added) continue;
    for (const float frequency : frequencies_) {
      const float angle = static_cast<float>(position) * frequency;
      cosines_.push_back(std::cos(angle));
      sines_.push_back(std::sin(angle));
    }
  }
}

}  // namespace foraker::ranker
