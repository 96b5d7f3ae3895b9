// Whether RocksDB's files hold all that was acknowledged (acknowledged_mark.h): looks at the
// manifest before the database is opened for reading, and at what of its log is replayed meanwhile.
// It alters nothing, so a refusal leaves everything for whoever repairs it.
//
// Use: make one, CheckManifest, open with it as Options::wal_filter, CheckReplay. It must outlive
// the database. For one thread. Errors: kDataLoss names the file that holds less.

#ifndef FORAKER_INDEX_STORE_RECOVERY_CHECK_H_
#define FORAKER_INDEX_STORE_RECOVERY_CHECK_H_

#include <rocksdb/db.h>
#include <rocksdb/wal_filter.h>

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "index/store/acknowledged_mark.h"

namespace foraker::index {

class RecoveryCheck final : public rocksdb::WalFilter {
 public:
  // `catalog` is the database's directory.
  RecoveryCheck(std::string catalog, const Acknowledged& mark)
      : catalog_(std::move(catalog)), mark_(mark) {}

  absl::Status CheckManifest() const;
  absl::Status CheckReplay(rocksdb::DB& opened) const;

  const char* Name() const override { return "foraker.RecoveryCheck"; }
  void ColumnFamilyLogNumberMap(const std::map<uint32_t, uint64_t>& log_numbers,
                                const std::map<std::string, uint32_t>& ids) override;
  WalProcessingOption LogRecordFound(unsigned long long log_number, const std::string& log_file,
                                     const rocksdb::WriteBatch& batch,
                                     rocksdb::WriteBatch* new_batch, bool* changed) override;

 private:
  const std::string catalog_;
  const Acknowledged mark_;
  uint64_t first_log_ = 0;  // that a column family needs
  bool replayed_ = false;   // anything
  uint64_t sequence_ = 0;   // of the last entry replayed
};

// The sequence number that RocksDB gave the batch's first entry when it wrote it.
uint64_t FirstSequence(const rocksdb::WriteBatch& batch);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_STORE_RECOVERY_CHECK_H_
