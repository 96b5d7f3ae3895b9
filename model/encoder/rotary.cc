#include "model/encoder/rotary.h"

#include <cmath>

namespace foraker::model {

Rotary::Rotary(const EncoderConfig& config) : heads_(config.heads) {
  if (config.architecture != Architecture::kNew) return;
  const size_t width = config.hidden / config.heads;
  const double scaling = config.rope_ntk_factor;
  const double base = config.rope_theta * (scaling == 0 ? 1 : scaling);
  const double divisor = scaling == 0 ? 1 : std::pow(scaling, 2.0 / static_cast<double>(width));
  for (size_t i = 0; i < width / 2; ++i) {
    const double exponent = 2.0 * static_cast<double>(i) / static_cast<double>(width);
    frequencies_.push_back(static_cast<float>(1.0 / std::pow(base, exponent) / divisor));
  }
  for (size_t position = 0; position < config.max_tokens; ++position) {
    for (const float frequency : frequencies_) {
      const float angle = static_cast<float>(position) * frequency;
      cosines_.push_back(std::cos(angle));
      sines_.push_back(std::sin(angle));
    }
  }
}

void Rotary::Turn(size_t position, float* row) const {
  const size_t half = frequencies_.size();
  const float* cosines = cosines_.data() + position * half;
  const float* sines = sines_.data() + position * half;
  for (size_t head = 0; head < heads_; ++head, row += 2 * half) {
    for (size_t i = 0; i < half; ++i) {
      const float x = row[i];
      const float y = row[i + half];
      row[i] = x * cosines[i] - y * sines[i];
      row[i + half] = y * cosines[i] + x * sines[i];
    }
  }
}

}  // namespace foraker::model
