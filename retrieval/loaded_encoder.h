// A neural encoder in memory: the tokenizer with its query table, and the model. Both are shared;
// both are null for an encoder that is built in.

#ifndef FORAKER_RETRIEVAL_LOADED_ENCODER_H_
#define FORAKER_RETRIEVAL_LOADED_ENCODER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "model/encoder/query_table.h"
#include "model/encoder/sparse_encoder.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

struct LoadedEncoder {
  std::shared_ptr<const model::QueryTable> table;
  std::shared_ptr<const model::SparseEncoder> model;
};

// kAuto is int8 where the processor supports it, else f32.
model::Precision PrecisionOf(EncoderPrecision precision);

// Reads both from where the settings say. kNotFound, kInvalidArgument name what was wrong.
absl::StatusOr<LoadedEncoder> LoadEncoder(const DocumentSide& settings);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_LOADED_ENCODER_H_
