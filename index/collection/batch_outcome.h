// A BatchResult as bytes, for the batches that are remembered by their request ids. Small: an
// accepted write of a large batch takes two or three bytes.
//
//   u8       1, the version
//   LEB128   writes
//   LEB128   sequence, as two numbers: its high and its low 32 bits
//   a write: u8      status code, + 128 when the document existed
//            LEB128  OK: 0 after a delete, else 1 + sequence - version; else the version, in two
//            LEB128  not OK alone: bytes of the message, which follow
//
// Decoding is safe on arbitrary bytes: kDataLoss.

#ifndef FORAKER_INDEX_COLLECTION_BATCH_OUTCOME_H_
#define FORAKER_INDEX_COLLECTION_BATCH_OUTCOME_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "index/collection/write.h"

namespace foraker::index {

std::string EncodeOutcome(const BatchResult& result);
absl::StatusOr<BatchResult> DecodeOutcome(std::string_view bytes);  // `repeated` is set

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_BATCH_OUTCOME_H_
