// Embeddings and layers of an encoder: token ids to hidden states.
//
//   h = LN(word + position + type)
//   layer:  h = LN(h + out(attention(h)));  h = LN(h + down(act(up(h))))     (post-norm)
//           kNew: RoPE on queries and keys; down(act(gate(h)) x up(h))
//
// Immutable and shared by threads; TransformerScratch serves one, and holds as much as the largest
// pack needs. The rows of a text depend on that text alone.

#ifndef FORAKER_MODEL_ENCODER_TRANSFORMER_H_
#define FORAKER_MODEL_ENCODER_TRANSFORMER_H_

#include <cstddef>
#include <vector>

#include "model/cpu/aligned_array.h"
#include "model/cpu/kernels.h"
#include "model/cpu/linear.h"
#include "model/encoder/encoder_config.h"
#include "model/encoder/network.h"
#include "model/encoder/rotary.h"
#include "model/encoder/text_pack.h"

namespace foraker::model {

// x[n] to its activation.
using ActivationKernel = void (*)(size_t n, float* x);
ActivationKernel KernelOf(Activation activation, Precision precision, const Kernels& kernels);

struct TransformerScratch {
  TransformerScratch(Precision precision, const Kernels& kernels)
      : states(precision, kernels), context(precision, kernels), inner(precision, kernels) {}

  AlignedArray<float> hidden;          // [rows, hidden]
  AlignedArray<float> attention_rows;  // [rows, 3 x hidden]
  AlignedArray<float> mixed;           // [longest text, hidden]
  AlignedArray<float> attention;       // of Kernels::attend
  Activations states;                  // the hidden states as products take them
  Activations context;
  Activations inner;
  LinearScratch linear;
};

class Transformer {
 public:
  // Moves out of `network` what it keeps; the head's part stays.
  Transformer(const EncoderConfig& config, Network& network, Precision precision,
              const Kernels& kernels);

  // Leaves the hidden states [pack.rows(), hidden] in scratch.states.
  void Run(const TextPack& pack, TransformerScratch& scratch) const;

 private:
  struct Layer {
    Layer(LayerWeights& weights, Precision precision);

    Linear attention_in;
    Linear attention_out;
    NormWeights attention_norm;
    Linear up;
    Linear down;
    NormWeights output_norm;
  };

  void Embed(const TextPack& pack, TransformerScratch& scratch) const;
  void RunLayer(const Layer& layer, const TextPack& pack, TransformerScratch& scratch) const;
  void Attend(const PackedText& text, TransformerScratch& scratch) const;
  // hidden = LN(hidden + linear(in)), and states from it.
  void AddAndNormalise(const Linear& linear, const Activations& in, const NormWeights& norm,
                       TransformerScratch& scratch) const;
  void Normalise(const NormWeights& norm, float* row) const;

  EncoderConfig config_;
  Precision precision_;
  const Kernels& kernels_;
  ActivationKernel activation_;
  std::vector<float> words_;
  std::vector<float> positions_;
  std::vector<float> type_;
  NormWeights embedding_norm_;
  std::vector<Layer> layers_;
  Rotary rotary_;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ENCODER_TRANSFORMER_H_
