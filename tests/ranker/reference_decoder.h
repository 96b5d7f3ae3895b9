// The decoder written down plainly, in double: every row against every row with the mask of
// BlockRank, no tile, no thread. The oracle of every device's tests.

#ifndef FORAKER_TESTS_RANKER_REFERENCE_DECODER_H_
#define FORAKER_TESTS_RANKER_REFERENCE_DECODER_H_

#include <cstdint>
#include <vector>

#include "ranker/decoder/decoder_config.h"
#include "ranker/decoder/pass.h"
#include "ranker/decoder/weight_source.h"

namespace foraker::ranker {

class ReferenceDecoder {
 public:
  using Rows = std::vector<std::vector<double>>;

  // Takes `layers` whole layers and the scoring layer behind them.
  ReferenceDecoder(const DecoderConfig& config, uint32_t layers, WeightSource& weights);

  // [rows][hidden] behind all layers.
  Rows Hidden(const Pass& pass) const;
  // [list][document].
  std::vector<std::vector<double>> Scores(const Pass& pass) const;

 private:
  // Of one head of every row, normed and turned.
  Rows Heads(const Pass& pass, const Rows& normed, const std::vector<float>& weight,
             const std::vector<float>& gamma, size_t head) const;
  void RunLayer(const Pass& pass, const LayerWeights& weights, Rows& hidden) const;

  DecoderConfig config_;
  std::vector<float> embeddings_;
  std::vector<LayerWeights> layers_;
  LayerWeights scoring_;
};

}  // namespace foraker::ranker

#endif  // FORAKER_TESTS_RANKER_REFERENCE_DECODER_H_
