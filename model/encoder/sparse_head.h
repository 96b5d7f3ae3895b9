// The masked-LM head and what makes its logits a sparse vector:
//
//   t = LN(act(transform(h)));  logit = t E^T + b;  w_j = log1p(relu(max over tokens of logit_j))
//
// The vocabulary is cut into pieces whose weights fit a core's cache. A piece's logits exist for
// one tile of rows at a time, and are reduced at once to the running maximum and arg max of the
// text that the rows belong to. In int8 the maximum is that of the rows' numbers, whose scales
// differ.
//
// Immutable and shared by threads; SparseHeadScratch serves one.

#ifndef FORAKER_MODEL_ENCODER_SPARSE_HEAD_H_
#define FORAKER_MODEL_ENCODER_SPARSE_HEAD_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/cpu/aligned_array.h"
#include "model/cpu/kernels.h"
#include "model/cpu/linear.h"
#include "model/encoder/encoder_config.h"
#include "model/encoder/network.h"
#include "model/encoder/sparse_encoder.h"
#include "model/encoder/text_pack.h"
#include "model/encoder/transformer.h"

namespace foraker::model {

struct SparseHeadScratch {
  SparseHeadScratch(Precision precision, const Kernels& kernels) : states(precision, kernels) {}

  Activations states;
  AlignedArray<float> best;       // [piece] over a text's tokens
  AlignedArray<float> edge;       // [piece] over its [CLS] and [SEP]
  AlignedArray<uint32_t> source;  // [piece]
};

class SparseHead {
 public:
  // `is_term[j] == 0`: output j is never a term. `words` is the decoder of a network whose own is
  // empty.
  SparseHead(const EncoderConfig& config, Network& network, std::span<const float> words,
             std::vector<uint8_t> is_term, Precision precision, const Kernels& kernels);

  // Adds to terms[text.index] of every text in the pack, tokens ascending.
  void Run(const Activations& states, const TextPack& pack, LinearScratch& linear,
           SparseHeadScratch& scratch, std::span<std::vector<LearnedTerm>> terms) const;

 private:
  void Transform(const Activations& states, LinearScratch& linear,
                 SparseHeadScratch& scratch) const;
  void RunPiece(size_t piece, const TextPack& pack, LinearScratch& linear,
                SparseHeadScratch& scratch, std::span<std::vector<LearnedTerm>> terms) const;
  // Adds the terms that the maxima of a piece make.
  void Emit(size_t piece, const SparseHeadScratch& scratch, std::vector<LearnedTerm>& terms) const;

  EncoderConfig config_;
  const Kernels& kernels_;
  ActivationKernel activation_;
  Linear transform_;
  NormWeights norm_;
  size_t piece_size_;
  std::vector<Linear> pieces_;
  std::vector<uint8_t> is_term_;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ENCODER_SPARSE_HEAD_H_
