// The document side of a learned-sparse encoder: token ids to weights over the vocabulary.
//
//   ids ─► embeddings ─► layers ─► MLM transform ─► fused (x vocabulary, max over tokens) ─► log1p
//
//   w_j = log1p(relu(max_t logit_tj)), the double log where the model's config says so; special
//   tokens are 0 (docs/architecture.md, section 4.1).
//
// Texts of one call are packed without padding and share the matrix products; no tokens x
// vocabulary matrix is ever stored. A text's result does not depend on its neighbours in the call.
//
// A SparseEncoder is immutable and safe for concurrent use; it owns its weights in the layout of
// its precision. A Session holds scratch memory (bounded, whatever the call's size) and serves one
// thread, on which all of its work runs: for more threads make more sessions.
// Errors at Open: kNotFound; kInvalidArgument for missing, unused or misshapen tensors, naming
// them; kFailedPrecondition when kInt8 is asked for and the processor lacks VNNI.

#ifndef FORAKER_MODEL_ENCODER_SPARSE_ENCODER_H_
#define FORAKER_MODEL_ENCODER_SPARSE_ENCODER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/cpu/precision.h"
#include "model/encoder/encoder_config.h"

namespace foraker::model {

struct LearnedTerm {
  uint32_t token;   // id in the vocabulary
  float weight;     // > 0
  uint32_t source;  // index into the text's ids of the token that decided (the arg max over them)
};

class SparseEncoder {
 public:
  class Session {
   public:
    virtual ~Session() = default;
    // `texts` are ids without [CLS] and [SEP], which are added here; at most max_tokens() - 2 each
    // (kInvalidArgument). Fills one vector a text, tokens ascending. An empty text has no terms.
    virtual absl::Status Encode(std::span<const std::span<const uint32_t>> texts,
                                std::vector<std::vector<LearnedTerm>>& terms) = 0;
  };

  static absl::StatusOr<std::shared_ptr<const SparseEncoder>> Open(const std::string& directory,
                                                                   Precision precision);
  virtual ~SparseEncoder() = default;
  virtual std::unique_ptr<Session> NewSession() const = 0;

  virtual const EncoderConfig& config() const = 0;
  virtual uint32_t max_tokens() const = 0;  // of a text, [CLS] and [SEP] included
  virtual Precision precision() const = 0;
  // Hex of XXH3-64 over weights and config: the same for every precision.
  virtual std::string Fingerprint() const = 0;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ENCODER_SPARSE_ENCODER_H_
