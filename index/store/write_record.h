// A LoggedWrite as bytes: the value that RocksDB holds for a sequence number. Text, fields,
// vectors, positions, counted terms and the names of hashed terms, so that recovery needs no model.
// A version and a CRC32C frame it. Decoding is safe on arbitrary bytes: kDataLoss says what is
// wrong, kFailedPrecondition names a version that this build does not read.

#ifndef FORAKER_INDEX_STORE_WRITE_RECORD_H_
#define FORAKER_INDEX_STORE_WRITE_RECORD_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "index/collection/collection_head.h"

namespace foraker::index {

std::string EncodeWrite(const LoggedWrite& write);
absl::StatusOr<LoggedWrite> DecodeWrite(std::string_view bytes);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_STORE_WRITE_RECORD_H_
