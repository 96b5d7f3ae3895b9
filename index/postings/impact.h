// Quantised weights. An impact is a weight in steps of its term's scale, rounded up, so that sums
// of impacts are upper bounds of scores and pruning by them loses nothing.

#ifndef FORAKER_INDEX_POSTINGS_IMPACT_H_
#define FORAKER_INDEX_POSTINGS_IMPACT_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace foraker::index {

using Impact = uint8_t;  // 1..255; 0 means absent in a row of block maxima
inline constexpr uint32_t kMaxImpact = 255;

// The scale of a term whose largest weight is `max_weight` > 0: 255 x scale >= max_weight holds
// exactly (the product of a float and a byte is exact in double).
inline float ImpactScale(float max_weight) {
  float scale = max_weight / static_cast<float>(kMaxImpact);
  while (static_cast<double>(scale) * kMaxImpact < static_cast<double>(max_weight)) {
    scale = std::nextafter(scale, std::numeric_limits<float>::infinity());
  }
  return scale;
}

// The smallest impact with impact x scale >= weight, for 0 < weight <= the term's largest.
inline Impact QuantizeUp(float weight, float scale) {
  const double exact = weight;
  auto impact = std::max(1u, static_cast<uint32_t>(exact / scale));
  while (static_cast<double>(impact) * scale < exact) ++impact;
  return static_cast<Impact>(std::min(impact, kMaxImpact));
}

}  // namespace foraker::index

#endif  // FORAKER_INDEX_POSTINGS_IMPACT_H_
