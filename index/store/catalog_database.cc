#include "index/store/catalog_database.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>
#include <sys/stat.h>

#include <cstdarg>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "base/directory.h"
#include "base/status.h"
#include "index/store/writer_lock.h"

namespace foraker::index {
namespace {

// RocksDB would otherwise write a LOG file, which a reader may not even be allowed to.
class SilentLogger : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::Options DatabaseOptions() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.info_log = std::make_shared<SilentLogger>();
  options.write_buffer_size = 1 << 20;
  options.compression = rocksdb::kNoCompression;
  options.max_background_jobs = 1;
  options.stats_dump_period_sec = 0;
  // A record torn at the end of the log was never acknowledged; anything else missing is an error.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  return options;
}

absl::Status FromRocksDb(const rocksdb::Status& status, const std::string& path) {
  if (status.ok()) return absl::OkStatus();
  const std::string message = absl::StrCat(path, ": ", status.ToString());
  if (status.IsCorruption()) return absl::DataLossError(message);
  if (status.IsNoSpace()) return absl::ResourceExhaustedError(message);
  return absl::InternalError(message);
}

absl::StatusOr<std::map<std::string, std::string>> ReadEntries(rocksdb::DB& db,
                                                               const std::string& path) {
  std::map<std::string, std::string> entries;
  const std::unique_ptr<rocksdb::Iterator> it(db.NewIterator(rocksdb::ReadOptions()));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    entries.emplace(it->key().ToString(), it->value().ToString());
  }
  RETURN_IF_ERROR(FromRocksDb(it->status(), path));
  return entries;
}

class WritingDatabase : public CatalogDatabase {
 public:
  WritingDatabase(std::string path, WriterLock lock, std::unique_ptr<rocksdb::DB> db)
      : path_(std::move(path)), lock_(std::move(lock)), db_(std::move(db)) {}

  absl::StatusOr<std::map<std::string, std::string>> ReadAll() override {
    return ReadEntries(*db_, path_);
  }
  bool Changed() const override { return false; }

  absl::Status Write(const std::vector<Change>& changes) override {
    rocksdb::WriteBatch batch;
    for (const auto& [key, value] : changes) {
      RETURN_IF_ERROR(FromRocksDb(value ? batch.Put(key, *value) : batch.Delete(key), path_));
    }
    rocksdb::WriteOptions options;
    options.sync = true;
    return FromRocksDb(db_->Write(options, &batch), path_);
  }

 private:
  std::string path_;
  WriterLock lock_;  // released after the database is closed
  std::unique_ptr<rocksdb::DB> db_;
};

class ReadingDatabase : public CatalogDatabase {
 public:
  explicit ReadingDatabase(std::string path) : path_(std::move(path)) {}

  // A writer may move records from the log to a table file, and remove the log, while we open the
  // database: then we could miss them, or not find a file. Nothing was lost when no file changed
  // between the first look and the last.
  absl::StatusOr<std::map<std::string, std::string>> ReadAll() override {
    constexpr int kAttempts = 200;
    for (int attempt = 1;; ++attempt) {
      const std::string before = Signature();
      absl::StatusOr<std::map<std::string, std::string>> entries = ReadOnce();
      if (Signature() == before) {
        seen_ = before;
        if (entries.ok() || attempt >= kAttempts / 10) return entries;
      } else if (attempt == kAttempts) {
        return absl::UnavailableError(
            absl::StrCat(path_, " changes too fast to be read; try again"));
      }
      absl::SleepFor(absl::Milliseconds(5));
    }
  }

  bool Changed() const override { return Signature() != seen_; }

  absl::Status Write(const std::vector<Change>&) override {
    return absl::FailedPreconditionError(absl::StrCat(path_, " is open for reading only"));
  }

 private:
  absl::StatusOr<std::map<std::string, std::string>> ReadOnce() const {
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(DatabaseOptions(), path_, &opened);
    const std::unique_ptr<rocksdb::DB> db(opened);
    RETURN_IF_ERROR(FromRocksDb(status, path_));
    return ReadEntries(*db, path_);
  }

  // Names, sizes and times of the files that hold records: every commit appends to one.
  std::string Signature() const {
    std::string signature;
    const absl::StatusOr<std::vector<std::string>> names = base::ListDirectory(path_);
    if (!names.ok()) return signature;
    for (const std::string& name : *names) {
      if (absl::StartsWith(name, "LOG") || absl::StartsWith(name, "OPTIONS")) continue;
      struct stat info {};
      if (stat(absl::StrCat(path_, "/", name).c_str(), &info) != 0) info = {};
      absl::StrAppend(&signature, name, ":", info.st_ino, ":", info.st_size, ":",
                      info.st_mtim.tv_sec, ".", info.st_mtim.tv_nsec, "\n");
    }
    return signature;
  }

  std::string path_;
  std::string seen_;  // signature of the files that the last ReadAll read
};

}  // namespace

absl::StatusOr<std::unique_ptr<CatalogDatabase>> CatalogDatabase::Open(const std::string& data_dir,
                                                                       OpenMode mode) {
  std::string path = absl::StrCat(data_dir, "/catalog");
  if (mode == OpenMode::kRead) return std::make_unique<ReadingDatabase>(std::move(path));

  ASSIGN_OR_RETURN(WriterLock lock, WriterLock::Acquire(data_dir));
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(DatabaseOptions(), path, &opened);
  std::unique_ptr<rocksdb::DB> db(opened);
  RETURN_IF_ERROR(FromRocksDb(status, path));
  return std::make_unique<WritingDatabase>(std::move(path), std::move(lock), std::move(db));
}

}  // namespace foraker::index
