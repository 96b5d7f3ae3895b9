// Keys and values of a collection's log in RocksDB, all in the column family "log", apart from the
// catalog's records, so that reading those costs the same however long the log is:
//
//   NAME 00 'l' SEQUENCE     the payload of an entry; SEQUENCE is 8 bytes, big-endian
//   NAME 00 'r' REQUEST      a remembered request: u64 hash, i64 microseconds since the epoch (both
//                            little-endian), outcome
//
// Names of collections hold no byte 00, so a collection's keys are one range. Thread-safe.

#ifndef FORAKER_INDEX_STORE_LOG_KEYS_H_
#define FORAKER_INDEX_STORE_LOG_KEYS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "index/store/catalog.h"

namespace foraker::index {

// Keys from `begin` up to, not including, `end`.
struct KeyRange {
  std::string begin, end;
};

std::string LogKey(std::string_view collection, uint64_t sequence);
std::string RequestKey(std::string_view collection, std::string_view request);

KeyRange LogAbove(std::string_view collection, uint64_t sequence);
KeyRange LogUpTo(std::string_view collection, uint64_t sequence);
KeyRange Requests(std::string_view collection);
KeyRange EverythingOf(std::string_view collection);

// kDataLoss for what no key of the kind looks like.
absl::StatusOr<std::string> CollectionOfKey(std::string_view key);
absl::StatusOr<uint64_t> SequenceOfKey(std::string_view collection, std::string_view key);

std::string EncodeRequest(const RememberedRequest& request);
absl::StatusOr<RememberedRequest> DecodeRequest(std::string_view collection, std::string_view key,
                                                std::string_view value);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_STORE_LOG_KEYS_H_
