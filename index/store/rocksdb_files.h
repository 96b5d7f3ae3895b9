// RocksDB as the catalog uses it: options, the two column families, errors, reading ranges. For the
// sources of the catalog's database alone; no other header includes RocksDB.
//
// The log of writes is kept short on purpose: RocksDB's own write-ahead log is what a reader beside
// the writer replays when it opens the database, so tables are written out every few MiB.

#ifndef FORAKER_INDEX_STORE_ROCKSDB_FILES_H_
#define FORAKER_INDEX_STORE_ROCKSDB_FILES_H_

#include <rocksdb/db.h>
#include <rocksdb/listener.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/store/acknowledged_mark.h"
#include "index/store/catalog.h"
#include "index/store/recovery_check.h"

namespace foraker::index {

inline rocksdb::Slice ToSlice(std::string_view s) { return {s.data(), s.size()}; }

absl::Status FromRocksDb(const rocksdb::Status& status, const std::string& path);

// An open database. The functions that read are thread-safe.
class RocksDbFiles {
 public:
  // kDataLoss when the files hold less than `mark` says; without one they are not checked.
  static absl::StatusOr<std::unique_ptr<RocksDbFiles>> OpenForReading(
      const std::string& path, const std::optional<Acknowledged>& mark);
  // Makes what is not there, a family too. Not checked: open for reading first.
  static absl::StatusOr<std::unique_ptr<RocksDbFiles>> OpenForWriting(
      const std::string& path, std::shared_ptr<rocksdb::EventListener> listener);
  ~RocksDbFiles();
  RocksDbFiles(const RocksDbFiles&) = delete;
  RocksDbFiles& operator=(const RocksDbFiles&) = delete;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* log() const { return log_; }  // null: written before there were logs

  uint64_t CurrentWal() const;  // number of RocksDB's own log; 0: not known

  absl::StatusOr<std::map<std::string, std::string>> ReadRecords() const;
  absl::StatusOr<std::vector<LogEntry>> ReadLog(std::string_view collection, uint64_t after,
                                                size_t max_bytes) const;
  absl::StatusOr<std::vector<RememberedRequest>> ReadRequests(std::string_view collection) const;
  absl::StatusOr<std::vector<std::string>> LoggedCollections() const;

 private:
  explicit RocksDbFiles(std::string path) : path_(std::move(path)) {}
  absl::Status OpenFamilies(const rocksdb::DBOptions& options, OpenMode mode);

  const std::string path_;
  std::optional<RecoveryCheck> check_;  // what db_ was opened with
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;  // RocksDB's; given back before db_ goes
  rocksdb::ColumnFamilyHandle* log_ = nullptr;          // one of them
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_STORE_ROCKSDB_FILES_H_
