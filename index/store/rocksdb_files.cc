#include "index/store/rocksdb_files.h"

#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/transaction_log.h>

#include <algorithm>
#include <cstdarg>
#include <utility>

#include "base/status.h"
#include "index/store/log_keys.h"

namespace foraker::index {
namespace {

constexpr char kLogFamily[] = "log";

std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// RocksDB would otherwise write a LOG file, which a reader may not even be allowed to.
class SilentLogger : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::DBOptions DatabaseOptions() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.info_log = std::make_shared<SilentLogger>();
  options.max_background_jobs = 1;
  options.stats_dump_period_sec = 0;
  options.max_total_wal_size = 8 << 20;
  // Every table is opened with the database, so that a reader still has those that go.
  options.max_open_files = -1;
  // A record torn at the end of the log was never acknowledged; anything else missing is an error.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  return options;
}

rocksdb::ColumnFamilyOptions RecordOptions() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = 1 << 20;
  options.compression = rocksdb::kNoCompression;
  return options;
}

// Entries live from a write to the next flush of their collection and are erased by ranges.
rocksdb::ColumnFamilyOptions LogOptions() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = 4 << 20;
  options.max_write_buffer_number = 4;  // a burst goes on while tables are written
  options.level0_file_num_compaction_trigger = 8;
  options.level0_slowdown_writes_trigger = 32;
  options.level0_stop_writes_trigger = 64;
  options.compression = rocksdb::kNoCompression;
  return options;
}

}  // namespace

absl::Status FromRocksDb(const rocksdb::Status& status, const std::string& path) {
  if (status.ok()) return absl::OkStatus();
  const std::string message = absl::StrCat(path, ": ", status.ToString());
  if (status.IsCorruption()) return absl::DataLossError(message);
  if (status.IsNoSpace()) return absl::ResourceExhaustedError(message);
  return absl::InternalError(message);
}

absl::StatusOr<std::unique_ptr<RocksDbFiles>> RocksDbFiles::OpenForReading(
    const std::string& path, const std::optional<Acknowledged>& mark) {
  auto files = std::unique_ptr<RocksDbFiles>(new RocksDbFiles(path));
  rocksdb::DBOptions options = DatabaseOptions();
  if (mark.has_value()) {
    RETURN_IF_ERROR(files->check_.emplace(path, *mark).CheckManifest());
    options.wal_filter = &*files->check_;
  }
  RETURN_IF_ERROR(files->OpenFamilies(options, OpenMode::kRead));
  if (mark.has_value()) RETURN_IF_ERROR(files->check_->CheckReplay(files->db()));
  return files;
}

absl::StatusOr<std::unique_ptr<RocksDbFiles>> RocksDbFiles::OpenForWriting(
    const std::string& path, std::shared_ptr<rocksdb::EventListener> listener) {
  auto files = std::unique_ptr<RocksDbFiles>(new RocksDbFiles(path));
  rocksdb::DBOptions options = DatabaseOptions();
  options.listeners = {std::move(listener)};
  RETURN_IF_ERROR(files->OpenFamilies(options, OpenMode::kWrite));
  return files;
}

absl::Status RocksDbFiles::OpenFamilies(const rocksdb::DBOptions& options, OpenMode mode) {
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  descriptors.emplace_back(rocksdb::kDefaultColumnFamilyName, RecordOptions());
  bool has_log = mode == OpenMode::kWrite;
  if (!has_log) {
    std::vector<std::string> names;
    RETURN_IF_ERROR(FromRocksDb(rocksdb::DB::ListColumnFamilies(options, path_, &names), path_));
    has_log = std::find(names.begin(), names.end(), kLogFamily) != names.end();
  }
  if (has_log) descriptors.emplace_back(kLogFamily, LogOptions());

  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status =
      mode == OpenMode::kWrite
          ? rocksdb::DB::Open(options, path_, descriptors, &families_, &opened)
          : rocksdb::DB::OpenForReadOnly(options, path_, descriptors, &families_, &opened);
  db_.reset(opened);
  RETURN_IF_ERROR(FromRocksDb(status, path_));
  if (has_log) log_ = families_[1];
  return absl::OkStatus();
}

RocksDbFiles::~RocksDbFiles() {
  for (rocksdb::ColumnFamilyHandle* family : families_) {
    db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  }
}

uint64_t RocksDbFiles::CurrentWal() const {
  std::unique_ptr<rocksdb::LogFile> wal;
  return db_->GetCurrentWalFile(&wal).ok() ? wal->LogNumber() : 0;
}

absl::StatusOr<std::map<std::string, std::string>> RocksDbFiles::ReadRecords() const {
  std::map<std::string, std::string> records;
  const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(rocksdb::ReadOptions()));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    records.emplace(it->key().ToString(), it->value().ToString());
  }
  RETURN_IF_ERROR(FromRocksDb(it->status(), path_));
  return records;
}

absl::StatusOr<std::vector<LogEntry>> RocksDbFiles::ReadLog(std::string_view collection,
                                                            uint64_t after,
                                                            size_t max_bytes) const {
  std::vector<LogEntry> entries;
  if (log_ == nullptr) return entries;
  const KeyRange range = LogAbove(collection, after);
  const rocksdb::Slice end = ToSlice(range.end);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &end;
  const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, log_));
  size_t bytes = 0;
  for (it->Seek(ToSlice(range.begin)); it->Valid() && bytes <= max_bytes; it->Next()) {
    ASSIGN_OR_RETURN(const uint64_t sequence, SequenceOfKey(collection, ToView(it->key())));
    entries.push_back({sequence, it->value().ToString()});
    bytes += it->value().size();
  }
  RETURN_IF_ERROR(FromRocksDb(it->status(), path_));
  return entries;
}

absl::StatusOr<std::vector<RememberedRequest>> RocksDbFiles::ReadRequests(
    std::string_view collection) const {
  std::vector<RememberedRequest> requests;
  if (log_ == nullptr) return requests;
  const KeyRange range = Requests(collection);
  const rocksdb::Slice end = ToSlice(range.end);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &end;
  const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, log_));
  for (it->Seek(ToSlice(range.begin)); it->Valid(); it->Next()) {
    ASSIGN_OR_RETURN(requests.emplace_back(),
                     DecodeRequest(collection, ToView(it->key()), ToView(it->value())));
  }
  RETURN_IF_ERROR(FromRocksDb(it->status(), path_));
  return requests;
}

absl::StatusOr<std::vector<std::string>> RocksDbFiles::LoggedCollections() const {
  std::vector<std::string> names;
  if (log_ == nullptr) return names;
  const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(rocksdb::ReadOptions(), log_));
  it->SeekToFirst();
  while (it->Valid()) {
    ASSIGN_OR_RETURN(names.emplace_back(), CollectionOfKey(ToView(it->key())));
    it->Seek(ToSlice(EverythingOf(names.back()).end));
  }
  RETURN_IF_ERROR(FromRocksDb(it->status(), path_));
  return names;
}

}  // namespace foraker::index
