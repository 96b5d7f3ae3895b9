// The writes of a request on their way into an index::WriteBatch: fields of the collection's types,
// text made into passages and vectors, terms named. What is refused here stays in the batch as
// refused, so that the batch has one result a write.
//
// One thread, one request.

#ifndef FORAKER_RETRIEVAL_PREPARED_WRITES_H_
#define FORAKER_RETRIEVAL_PREPARED_WRITES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "index/collection/snapshot.h"
#include "index/collection/write.h"
#include "retrieval/api/writer.h"
#include "retrieval/encoder_pool.h"
#include "retrieval/ingest/field_schema.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

class PreparedWrites {
 public:
  // Types are those that the settings declare and `newest` has.
  static absl::StatusOr<PreparedWrites> Of(const std::vector<DocumentWrite>& writes,
                                           const CollectionSettings& settings,
                                           const index::Snapshot& newest);

  // Of titles and texts that Encode will read.
  size_t text_bytes() const { return text_bytes_; }

  // Not for imported vectors, which are ready. An error is no document's fault.
  absl::Status Encode(EncoderPool& encoders, absl::Time deadline);

  std::vector<index::Write> TakeWrites() { return std::move(writes_); }
  // Of each write: tokens that the encoder had no room for.
  const std::vector<uint64_t>& dropped_tokens() const { return dropped_tokens_; }

 private:
  PreparedWrites(FieldSchema schema, bool imported)
      : schema_(std::move(schema)), imported_(imported) {}

  void Add(const DocumentWrite& write);
  absl::StatusOr<index::PutDocument> Prepare(const PutRequest& put);
  absl::StatusOr<index::UpdateFields> Prepare(const UpdateFieldsRequest& update);

  FieldSchema schema_;
  bool imported_;
  std::vector<index::Write> writes_;
  std::vector<uint64_t> dropped_tokens_;
  size_t text_bytes_ = 0;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_PREPARED_WRITES_H_
