#include "index/store/writing_database.h"

#include <rocksdb/listener.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <type_traits>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "base/mutex.h"
#include "base/status.h"
#include "index/store/acknowledged_mark.h"
#include "index/store/log_keys.h"
#include "index/store/recovery_check.h"
#include "index/store/rocksdb_files.h"

namespace foraker::index {
namespace {

// What became of a write that failed is not known: its callers may try again.
absl::Status WriteFailed(const absl::Status& status) {
  if (absl::IsResourceExhausted(status) || absl::IsDataLoss(status)) return status;
  return absl::UnavailableError(status.message());
}

// Tells the mark how far the manifest is synced, when that changes.
class ManifestWatch : public rocksdb::EventListener {
 public:
  explicit ManifestWatch(std::string catalog) : catalog_(std::move(catalog)) {}

  // From now on; before, events pass unheard.
  void Tell(AcknowledgedMark* mark) { mark_ = mark; }

  void Look(rocksdb::DB& db) {
    AcknowledgedMark* const mark = mark_;
    std::vector<std::string> files;
    uint64_t bytes = 0;
    if (mark == nullptr || !db.GetLiveFiles(files, &bytes, false).ok()) return;
    for (const absl::string_view file : files) {
      uint64_t number = 0;
      if (absl::StartsWith(file, kManifest) &&
          absl::SimpleAtoi(file.substr(kManifest.size()), &number)) {
        mark->ManifestSynced(catalog_, number, bytes);
      }
    }
  }
  void OnFlushCompleted(rocksdb::DB* db, const rocksdb::FlushJobInfo&) override { Look(*db); }
  void OnCompactionCompleted(rocksdb::DB* db, const rocksdb::CompactionJobInfo&) override {
    Look(*db);
  }

 private:
  static constexpr absl::string_view kManifest = "/MANIFEST-";

  const std::string catalog_;
  std::atomic<AcknowledgedMark*> mark_ = nullptr;
};

class WritingDatabase : public CatalogDatabase {
 public:
  WritingDatabase(const std::string& data_dir, WriterLock lock)
      : data_dir_(data_dir),
        path_(absl::StrCat(data_dir, "/catalog")),
        lock_(std::move(lock)),
        watch_(std::make_shared<ManifestWatch>(path_)) {}

  absl::Status Open();

  absl::StatusOr<std::map<std::string, std::string>> ReadAll() override {
    return Reading([](const RocksDbFiles& files) { return files.ReadRecords(); });
  }
  bool Changed() const override { return false; }
  absl::Status Write(const std::vector<Change>& changes) override;

  absl::StatusOr<std::vector<LogEntry>> ReadLog(std::string_view collection, uint64_t after,
                                                size_t max_bytes) const override {
    return Reading(
        [&](const RocksDbFiles& files) { return files.ReadLog(collection, after, max_bytes); });
  }
  absl::StatusOr<std::vector<RememberedRequest>> ReadRequests(
      std::string_view collection) const override {
    return Reading([&](const RocksDbFiles& files) { return files.ReadRequests(collection); });
  }
  absl::StatusOr<std::vector<std::string>> LoggedCollections() const override {
    return Reading([](const RocksDbFiles& files) { return files.LoggedCollections(); });
  }
  absl::Status AppendLog(std::string_view collection, const std::vector<LogEntry>& entries,
                         const std::vector<RememberedRequest>& requests,
                         const std::vector<std::string>& forgotten_requests, bool sync) override;
  absl::Status CutLog(std::string_view collection, uint64_t up_to) override {
    return EraseRange(LogUpTo(collection, up_to));
  }
  absl::Status EraseLog(std::string_view collection) override {
    return EraseRange(EverythingOf(collection));
  }

 private:
  // Puts together a batch and what takes it back.
  using Compose = absl::FunctionRef<absl::Status(
      const RocksDbFiles& files, rocksdb::WriteBatch& batch, rocksdb::WriteBatch& undo)>;
  absl::Status Commit(bool sync, Compose compose);
  absl::Status EraseRange(const KeyRange& range);

  // Opens the database again after a failed write, and takes that back. No effect while it is
  // sound.
  absl::Status Recover();

  template <typename Read>
  std::invoke_result_t<Read, const RocksDbFiles&> Reading(Read read) const {
    const std::shared_lock lock(use_);
    if (files_ != nullptr) return read(*files_);
    return absl::UnavailableError(absl::StrCat(path_, " could not be opened again"));
  }

  const std::string data_dir_, path_;
  const WriterLock lock_;  // released after the database is closed
  const std::shared_ptr<ManifestWatch> watch_;
  std::unique_ptr<AcknowledgedMark> mark_;  // since the database was first opened

  // Held shared to use the database, alone to open it again. RocksDB itself takes concurrent
  // writes, and syncs those that arrive together once.
  mutable std::shared_mutex use_;
  std::unique_ptr<RocksDbFiles> files_;  // null: opening it again has failed

  std::atomic<bool> sound_ = true;
  base::Mutex failed_mutex_;
  // Of failed writes. They concern different keys: a key has one writer, which fails once.
  std::vector<rocksdb::WriteBatch> undo_ ABSL_GUARDED_BY(failed_mutex_);
};

absl::Status WritingDatabase::Open() {
  files_ = nullptr;  // it is locked while it is open
  ASSIGN_OR_RETURN(const std::optional<Acknowledged> acknowledged, ReadAcknowledged(data_dir_));
  if (acknowledged.has_value()) {
    RETURN_IF_ERROR(RocksDbFiles::OpenForReading(path_, acknowledged).status());
  }
  ASSIGN_OR_RETURN(files_, RocksDbFiles::OpenForWriting(path_, watch_));
  if (mark_ == nullptr) {
    ASSIGN_OR_RETURN(mark_, AcknowledgedMark::Create(data_dir_));
    watch_->Tell(mark_.get());
  }
  mark_->Opened();
  watch_->Look(files_->db());
  return absl::OkStatus();
}

absl::Status WritingDatabase::Recover() {
  if (sound_) return absl::OkStatus();
  const std::unique_lock lock(use_);
  if (sound_) return absl::OkStatus();
  if (const absl::Status opened = Open(); !opened.ok()) return WriteFailed(opened);
  const base::MutexLock failed(&failed_mutex_);
  rocksdb::WriteOptions options;
  options.sync = true;
  for (rocksdb::WriteBatch& undo : undo_) {
    const absl::Status status = FromRocksDb(files_->db().Write(options, &undo), path_);
    if (!status.ok()) return WriteFailed(status);
  }
  undo_.clear();
  sound_ = true;
  return absl::OkStatus();
}

absl::Status WritingDatabase::Commit(bool sync, Compose compose) {
  RETURN_IF_ERROR(Recover());
  const std::shared_lock lock(use_);
  if (!sound_) return absl::UnavailableError(absl::StrCat(path_, ": another write has failed"));
  rocksdb::WriteBatch batch, undo;
  RETURN_IF_ERROR(compose(*files_, batch, undo));
  rocksdb::WriteOptions options;
  options.sync = sync;
  const uint64_t wal = files_->CurrentWal();
  const absl::Status status = FromRocksDb(files_->db().Write(options, &batch), path_);
  if (status.ok()) {
    if (sync) mark_->Committed(wal, FirstSequence(batch) + batch.Count() - 1);
    return status;
  }
  const base::MutexLock failed(&failed_mutex_);
  undo_.push_back(std::move(undo));
  sound_ = false;
  return WriteFailed(status);
}

absl::Status WritingDatabase::Write(const std::vector<Change>& changes) {
  const absl::Status status = Commit(
      true, [&](const RocksDbFiles& files, rocksdb::WriteBatch& batch, rocksdb::WriteBatch& undo) {
        for (const auto& [key, value] : changes) {
          std::string before;
          const rocksdb::Status found = files.db().Get(rocksdb::ReadOptions(), key, &before);
          if (!found.ok() && !found.IsNotFound()) return FromRocksDb(found, path_);
          RETURN_IF_ERROR(
              FromRocksDb(found.ok() ? undo.Put(key, before) : undo.Delete(key), path_));
          RETURN_IF_ERROR(FromRocksDb(value ? batch.Put(key, *value) : batch.Delete(key), path_));
        }
        return absl::OkStatus();
      });
  // A record names files: better that it is certain now what the catalog names.
  if (!status.ok()) Recover().IgnoreError();
  return status;
}

absl::Status WritingDatabase::AppendLog(std::string_view collection,
                                        const std::vector<LogEntry>& entries,
                                        const std::vector<RememberedRequest>& requests,
                                        const std::vector<std::string>& forgotten_requests,
                                        bool sync) {
  return Commit(
      sync, [&](const RocksDbFiles& files, rocksdb::WriteBatch& batch, rocksdb::WriteBatch& undo) {
        for (const LogEntry& entry : entries) {
          const std::string key = LogKey(collection, entry.sequence);
          RETURN_IF_ERROR(FromRocksDb(batch.Put(files.log(), key, entry.payload), path_));
          RETURN_IF_ERROR(FromRocksDb(undo.Delete(files.log(), key), path_));
        }
        for (const std::string& forgotten : forgotten_requests) {
          const std::string key = RequestKey(collection, forgotten);
          RETURN_IF_ERROR(FromRocksDb(batch.Delete(files.log(), key), path_));
        }
        for (const RememberedRequest& request : requests) {
          const std::string key = RequestKey(collection, request.id);
          RETURN_IF_ERROR(FromRocksDb(batch.Put(files.log(), key, EncodeRequest(request)), path_));
          RETURN_IF_ERROR(FromRocksDb(undo.Delete(files.log(), key), path_));
        }
        return absl::OkStatus();
      });
}

absl::Status WritingDatabase::EraseRange(const KeyRange& range) {
  return Commit(
      false, [&](const RocksDbFiles& files, rocksdb::WriteBatch& batch, rocksdb::WriteBatch&) {
        return FromRocksDb(batch.DeleteRange(files.log(), ToSlice(range.begin), ToSlice(range.end)),
                           path_);
      });
}

}  // namespace

absl::StatusOr<std::unique_ptr<CatalogDatabase>> OpenWritingDatabase(const std::string& data_dir,
                                                                     WriterLock lock) {
  auto database = std::make_unique<WritingDatabase>(data_dir, std::move(lock));
  RETURN_IF_ERROR(database->Open());
  return database;
}

}  // namespace foraker::index
