// Does a model give vectors that a sparse encoder would give? Asked when a collection is created,
// on the first passages of the input, or, where there is none yet, on a built-in text, because a
// model with the wrong head, or one that was never trained, loads like any other and fills an index
// with noise.
//
// Refused (kInvalidArgument, saying what was found and what was expected): a weight that is not
// finite; no term at all; on average more than a third of the vocabulary; or one position of each
// passage that decides nearly all of its terms. Functions are thread-safe.

#ifndef FORAKER_RETRIEVAL_INGEST_PLAUSIBILITY_H_
#define FORAKER_RETRIEVAL_INGEST_PLAUSIBILITY_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "model/encoder/sparse_encoder.h"
#include "retrieval/ingest/line_reader.h"
#include "retrieval/loaded_encoder.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

inline constexpr size_t kVerifiedPassages = 32;

// What the model gave for a passage of so many tokens.
struct EncodedPassage {
  size_t tokens;
  std::vector<model::LearnedTerm> terms;
};

absl::Status CheckPlausible(std::span<const EncodedPassage> passages, uint32_t vocabulary);

// Encodes up to kVerifiedPassages passages at the front of the input, which stays as it was.
// Nothing to check where the encoder is not neural or there are no passages.
absl::Status VerifyEncoder(LineReader& reader, const DocumentSide& settings,
                           const LoadedEncoder& encoder);

// The same on a few English sentences, each a passage.
absl::Status VerifyEncoderOnProbe(const DocumentSide& settings, const LoadedEncoder& encoder);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_INGEST_PLAUSIBILITY_H_
