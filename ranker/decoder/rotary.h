// Cosines and sines of rotary positions, for the positions that a pass has and no others (a model's
// whole range would be megabytes, and the last block stands far behind the first).
//
// A head's values pair up half-split: x[i] and x[i + d/2] turn by the angle position x f_i,
//
//   y[i]       = x[i] cos - x[i + d/2] sin
//   y[i + d/2] = x[i + d/2] cos + x[i] sin        f_i = theta^(-2i/d), scaled as the config says
//
// Frequencies and angles are rounded to float32 where the reference (Hugging Face transformers)
// rounds them: at position 16,384 the last bit of a frequency is a thousandth of a radian.
//
// Serves one thread: Prepare changes it. No errors.

#ifndef FORAKER_RANKER_DECODER_ROTARY_H_
#define FORAKER_RANKER_DECODER_ROTARY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ranker/decoder/decoder_config.h"

namespace foraker::ranker {

// f_i of the config, [head_width / 2].
std::vector<float> RotaryFrequencies(const DecoderConfig& config);

class RotaryTable {
 public:
  explicit RotaryTable(const DecoderConfig& config) : frequencies_(RotaryFrequencies(config)) {}

  // Makes the entries of these rows; those made before are gone. Equal positions share one.
  void Prepare(std::span<const uint32_t> positions);

  size_t half() const { return frequencies_.size(); }  // head_width / 2
  const float* cosines(size_t row) const { return cosines_.data() + entries_[row] * half(); }
  const float* sines(size_t row) const { return sines_.data() + entries_[row] * half(); }

 private:
  std::vector<float> frequencies_;
  std::vector<size_t> entries_;  // [rows], into the tables
  std::vector<float> cosines_;   // [entries, head_width / 2]
  std::vector<float> sines_;
};

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_DECODER_ROTARY_H_
