// One output channel's weights as int8: value = scale x byte. Safe for concurrent use.

#ifndef FORAKER_MODEL_CPU_QUANTISE_WEIGHT_H_
#define FORAKER_MODEL_CPU_QUANTISE_WEIGHT_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace foraker::model {

struct ByteRow {
  float scale;
  float sum;  // of the bytes
};

// bytes: [row.size()].
inline ByteRow QuantiseWeightRow(std::span<const float> row, int8_t* bytes) {
  constexpr float kLargestByte = 127;
  float largest = 0;
  for (const float w : row) largest = std::max(largest, std::abs(w));
  const float inverse = largest > 0 ? kLargestByte / largest : 0;
  int32_t sum = 0;
  for (size_t i = 0; i < row.size(); ++i) {
    bytes[i] = static_cast<int8_t>(std::nearbyint(row[i] * inverse));
    sum += bytes[i];
  }
  return {largest / kLargestByte, static_cast<float>(sum)};
}

}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_QUANTISE_WEIGHT_H_
