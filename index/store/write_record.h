// A LoggedWrite as bytes: the value that RocksDB holds for a sequence number. Text, fields,
// vectors, positions, counted terms and the names of hashed terms, so that recovery needs no model.
// Numbers are LEB128 of up to 64 bits, in their shortest form; a string is its length and bytes;
// u16, u32, u64 are little-endian.
//
//   number   1, the version of this layout
//   number   sequence, the version of a put document too
//   u8       1: put, 2: delete; after a delete only the id and the checksum follow
//   string   id
//   string   title
//   string   text
//   u8       counted namespace, 0: none
//   number   of fields, then for each
//     string   name
//     u8       FieldType, 0: no values
//     number   of values: string, u64 (integer, real, timestamp) or u8 (boolean)
//   number   of passages, then for each
//     number   text_begin
//     number   text_end
//     keys     of the vector: their number, the first one, then each one's distance from the one
//              before, less 1
//     u16[]    weights, one a key
//     u8       1: positions follow
//     u16[]    positions, one a key
//     keys     counted
//   number   of names, then for each
//     u64      key
//     string   name
//   u32      CRC32C of everything before
//
// Decoding is safe on arbitrary bytes: kDataLoss says what is wrong, kFailedPrecondition names a
// version that this build does not read. What the segment writer checks (ranges of weights, of text
// and of positions) is left to it. Thread-safe.

#ifndef FORAKER_INDEX_STORE_WRITE_RECORD_H_
#define FORAKER_INDEX_STORE_WRITE_RECORD_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "index/collection/collection_head.h"

namespace foraker::index {

// Keys of a vector ascend strictly, the values of a field are of one type.
std::string EncodeWrite(const LoggedWrite& write);
absl::StatusOr<LoggedWrite> DecodeWrite(std::string_view bytes);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_STORE_WRITE_RECORD_H_
