// DIR/ACKNOWLEDGED: how far the catalog's database was durable when a write was last acknowledged.
// RocksDB takes a record of its log or manifest whose length has rotted for one that a crash cut
// off, and drops it and what follows; against the mark, that is noticed (recovery_check.h).
//
// Two slots of 512 bytes (a sector, which disks write whole), written in turn; the valid one of the
// higher turn counts. Little-endian:
//
//   u32 version (1)
//   u64 turn
//   u64 wal               RocksDB's log that was current before the batch was written; that log, or
//                         a later one, holds the batch. 0: nothing is in a log alone
//   u64 sequence          RocksDB's, of the batch's last entry
//   u64 manifest          number of MANIFEST-NUMBER
//   u64 manifest_bytes    of it that were synced
//   u32 manifest_crc      CRC32C of these bytes
//   u32 crc               CRC32C of the above; zeros follow
//
// The mark is written after RocksDB's sync has returned, so it is never ahead of what is durable,
// and not synced itself: a kill of the process does not touch it, a crash of the machine leaves an
// older mark, which knows of less but accuses nobody falsely. For the same reason a mark that
// cannot be written is no error. Files made before there were marks have none, and are not checked.

#ifndef FORAKER_INDEX_STORE_ACKNOWLEDGED_MARK_H_
#define FORAKER_INDEX_STORE_ACKNOWLEDGED_MARK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/file.h"
#include "base/mutex.h"

namespace foraker::index {

struct Acknowledged {
  uint64_t wal = 0;
  uint64_t sequence = 0;
  uint64_t manifest = 0;
  uint64_t manifest_bytes = 0;
  uint32_t manifest_crc = 0;
};

// DIR/ACKNOWLEDGED
std::string AcknowledgedPath(const std::string& data_dir);

// Nothing when there is no mark; kDataLoss when both slots are damaged.
absl::StatusOr<std::optional<Acknowledged>> ReadAcknowledged(const std::string& data_dir);

// DIR/catalog/MANIFEST-NUMBER, when DIR/catalog is `catalog`.
std::string ManifestPath(const std::string& catalog, uint64_t number);

// CRC32C of the file's bytes [from, to), continuing `previous`; kDataLoss when it ends before.
absl::StatusOr<uint32_t> ChecksumOfBytes(const std::string& path, uint64_t from, uint64_t to,
                                         uint32_t previous);

// What the one writer of a data directory keeps. Thread-safe.
class AcknowledgedMark {
 public:
  // Replaces the mark that is there by one that vouches for nothing, durably.
  static absl::StatusOr<std::unique_ptr<AcknowledgedMark>> Create(const std::string& data_dir);

  // A database has been opened for writing: no log holds anything that a table does not.
  void Opened();
  // A synced batch that ends with `sequence` was committed; `wal` was current before.
  void Committed(uint64_t wal, uint64_t sequence);
  // So much of the manifest is synced.
  void ManifestSynced(const std::string& catalog, uint64_t number, uint64_t bytes);

 private:
  explicit AcknowledgedMark(base::FileDescriptor file) : file_(std::move(file)) {}
  void Write() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const base::FileDescriptor file_;
  base::Mutex mutex_;
  Acknowledged mark_ ABSL_GUARDED_BY(mutex_);
  uint64_t turn_ ABSL_GUARDED_BY(mutex_) = 1;  // of the last slot written
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_STORE_ACKNOWLEDGED_MARK_H_
