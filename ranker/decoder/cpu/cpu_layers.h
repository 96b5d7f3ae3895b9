// A decoder's layers as the CPU multiplies with them.
//
// Immutable once made; shared by threads. oneDNN's exceptions pass through.

#ifndef FORAKER_RANKER_DECODER_CPU_CPU_LAYERS_H_
#define FORAKER_RANKER_DECODER_CPU_CPU_LAYERS_H_

#include <cstddef>
#include <vector>

#include "model/cpu/panel_linear.h"
#include "ranker/decoder/decoder_config.h"
#include "ranker/decoder/weight_source.h"

namespace foraker::ranker {

struct CpuLayer {
  // Takes the weights apart: none is left when it is done.
  CpuLayer(const DecoderConfig& config, LayerWeights weights, model::WeightFormat format);
  size_t bytes() const;

  std::vector<float> attention_norm;        // [hidden]
  std::vector<float> query_norm, key_norm;  // [head_width], or empty
  std::vector<float> mlp_norm;              // [hidden]
  model::PanelLinear attention_in;          // to [queries | keys | values]
  model::PanelLinear attention_out;
  model::PanelLinear gate_up;  // in each panel the gate's columns, then the same ones of up
  model::PanelLinear down;
};

// All that a scoring layer computes.
struct CpuScoringLayer {
  CpuScoringLayer(const DecoderConfig& config, LayerWeights weights, model::WeightFormat format);
  size_t bytes() const;

  std::vector<float> attention_norm;
  std::vector<float> query_norm, key_norm;
  model::PanelLinear query;
  model::PanelLinear key;
};

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_DECODER_CPU_CPU_LAYERS_H_
