// CollectionRecord as bytes: the value RocksDB holds for a generation, and the record file of a
// named snapshot. Integers are little-endian.
//
//   u32      1, the version of this layout
//   string   name
//   u64      generation
//   u64      sequence
//   u64      next_file
//   string   settings
//   string   statistics_file
//   u64      idf_version
//   u32      number of segments, then for each
//     string   file
//     string   deleted_documents (portable roaring)
//     u64      live_documents
//     u64      live_passages
//   u32      CRC32C of everything before
//
// A string is its length (u32) and its bytes. Decoding is safe on arbitrary bytes: kDataLoss says
// what is wrong, kFailedPrecondition names a version that this build does not read.

#ifndef FORAKER_INDEX_STORE_RECORD_CODEC_H_
#define FORAKER_INDEX_STORE_RECORD_CODEC_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "index/store/catalog.h"

namespace foraker::index {

std::string EncodeRecord(const CollectionRecord& record);
absl::StatusOr<CollectionRecord> DecodeRecord(std::string_view bytes);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_STORE_RECORD_CODEC_H_
