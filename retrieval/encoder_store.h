// The encoders of a data directory: which model a collection was made with, and what its queries
// need of it.
//
//   DIR/encoders/FINGERPRINT/   tokenizer and idf table, copied when a collection is created
//
// So a server answers look-up queries without the model; only building (and queries encoded on
// request) read the model's own directory, whose fingerprint must be the collection's. A
// fingerprint is MODEL-TABLE: that of weights and config, then that of tokenizer and idf table. A
// copied table is about 1 MB and shared by all collections of its fingerprint, so it stays when the
// last of them is dropped: a named snapshot or a restored backup may still want it.
//
// Thread-safe; loaded tables and models are shared and kept. Adopt and CopyTable are for the
// process that writes. Errors: kNotFound and kInvalidArgument name the file; kFailedPrecondition
// when a directory holds another model than the collection's.

#ifndef FORAKER_RETRIEVAL_ENCODER_STORE_H_
#define FORAKER_RETRIEVAL_ENCODER_STORE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/encoder/query_table.h"
#include "model/encoder/sparse_encoder.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

class EncoderStore {
 public:
  explicit EncoderStore(std::string data_dir);
  ~EncoderStore();
  EncoderStore(const EncoderStore&) = delete;
  EncoderStore& operator=(const EncoderStore&) = delete;

  // Fills in what belongs to the model directory that settings.encoder names: encoder_fingerprint,
  // absolute paths, kAuto (int8 where the processor supports it, else f32). Nothing to do where the
  // encoder is not neural; likewise below.
  absl::Status Identify(DocumentSide& settings);

  // Identifies the encoder of a new collection and saves its query table.
  absl::Status Adopt(DocumentSide& settings);

  // Tokenizer and idf table of a collection, from DIR/encoders.
  absl::StatusOr<std::shared_ptr<const model::QueryTable>> Table(const DocumentSide& settings);

  // The model itself, from its own directory.
  absl::StatusOr<std::shared_ptr<const model::SparseEncoder>> Model(const DocumentSide& settings);

  // Copies a collection's table from another data directory (attached shards).
  absl::Status CopyTable(const std::string& from_data_dir, const DocumentSide& settings);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_ENCODER_STORE_H_
