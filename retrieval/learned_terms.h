// Learned terms of passages: runs the model on many inputs at once and puts what it gives into the
// vectors.
//
// A passage's term is a token of the vocabulary with the model's weight as binary16, at the
// position of the token that decided it. Weights below 2^-14 are left out. With learned_share s
// below 1 only the largest weights of a passage stay: as many as it takes to reach s of their sum,
// the lower token first among equals.
//
// Memory is bounded: the model runs whenever a few thousand tokens have come together. Results do
// not depend on what runs together. One thread. Errors: those of the model; kInternal for a weight
// that is not finite.

#ifndef FORAKER_RETRIEVAL_LEARNED_TERMS_H_
#define FORAKER_RETRIEVAL_LEARNED_TERMS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "index/sparse_vector.h"
#include "model/encoder/sparse_encoder.h"
#include "retrieval/encoder_input.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

class LearnedTerms {
 public:
  LearnedTerms(const DocumentSide& settings, const model::SparseEncoder& model);

  // Has the learned terms put before those of `vector`, whose keys lie above, at the latest by
  // Finish; the vector stays where it is until then.
  absl::Status Add(EncoderInput input, index::SparseVector& vector);
  absl::Status Finish();

 private:
  // Keeps what the settings keep, tokens ascending.
  void Select(std::vector<model::LearnedTerm>& terms) const;
  void Prepend(std::span<const model::LearnedTerm> terms, const EncoderInput& input,
               index::SparseVector& vector);

  const float learned_share_;
  const bool with_positions_;
  const std::unique_ptr<model::SparseEncoder::Session> session_;
  std::vector<EncoderInput> inputs_;
  std::vector<index::SparseVector*> vectors_;  // [inputs]
  size_t tokens_ = 0;                          // of the inputs
  std::vector<std::vector<model::LearnedTerm>> terms_;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_LEARNED_TERMS_H_
