#include "index/store/catalog_database.h"

#include <sys/stat.h>

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "base/directory.h"
#include "base/mutex.h"
#include "base/status.h"
#include "index/store/acknowledged_mark.h"
#include "index/store/rocksdb_files.h"
#include "index/store/writer_lock.h"
#include "index/store/writing_database.h"

namespace foraker::index {
namespace {

class ReadingDatabase : public CatalogDatabase {
 public:
  explicit ReadingDatabase(std::string data_dir)
      : data_dir_(std::move(data_dir)), path_(absl::StrCat(data_dir_, "/catalog")) {}

  absl::StatusOr<std::map<std::string, std::string>> ReadAll() override;
  bool Changed() const override { return Signature(kAllFiles) != seen_; }

  absl::StatusOr<std::vector<LogEntry>> ReadLog(std::string_view collection, uint64_t after,
                                                size_t max_bytes) const override {
    const std::shared_ptr<const RocksDbFiles> files = Opened();
    if (files == nullptr) return std::vector<LogEntry>();
    return files->ReadLog(collection, after, max_bytes);
  }
  absl::StatusOr<std::vector<RememberedRequest>> ReadRequests(
      std::string_view collection) const override {
    const std::shared_ptr<const RocksDbFiles> files = Opened();
    if (files == nullptr) return std::vector<RememberedRequest>();
    return files->ReadRequests(collection);
  }
  absl::StatusOr<std::vector<std::string>> LoggedCollections() const override {
    const std::shared_ptr<const RocksDbFiles> files = Opened();
    if (files == nullptr) return std::vector<std::string>();
    return files->LoggedCollections();
  }

  absl::Status Write(const std::vector<Change>&) override { return ReadOnly(); }
  absl::Status AppendLog(std::string_view, const std::vector<LogEntry>&,
                         const std::vector<RememberedRequest>&, const std::vector<std::string>&,
                         bool) override {
    return ReadOnly();
  }
  absl::Status CutLog(std::string_view, uint64_t) override { return ReadOnly(); }
  absl::Status EraseLog(std::string_view) override { return ReadOnly(); }

 private:
  // Appending to RocksDB's write-ahead log moves nothing; every other change of its files may.
  enum Kind { kAllFiles, kWhereRecordsAre };
  // Names, sizes and times of the files that hold records.
  std::string Signature(Kind kind) const;

  std::shared_ptr<const RocksDbFiles> Opened() const {
    const base::MutexLock lock(&mutex_);
    return opened_;
  }
  absl::Status ReadOnly() const {
    return absl::FailedPreconditionError(absl::StrCat(path_, " is open for reading only"));
  }

  // The mark first: what was acknowledged until then must be found.
  absl::StatusOr<std::unique_ptr<RocksDbFiles>> OpenFiles() const {
    ASSIGN_OR_RETURN(const std::optional<Acknowledged> mark, ReadAcknowledged(data_dir_));
    return RocksDbFiles::OpenForReading(path_, mark);
  }

  const std::string data_dir_, path_;
  std::string seen_;  // signature of all files before the last ReadAll read them
  mutable base::Mutex mutex_;
  std::shared_ptr<const RocksDbFiles> opened_ ABSL_GUARDED_BY(mutex_);  // by the last ReadAll
};

// A writer may move records from RocksDB's log to a table file, and remove the log, while we open
// the database: then we could miss them, or not find a file. Nothing was lost when nothing moved
// between the first look and the last.
absl::StatusOr<std::map<std::string, std::string>> ReadingDatabase::ReadAll() {
  constexpr int kAttempts = 200;
  for (int attempt = 1;; ++attempt) {
    const std::string all = Signature(kAllFiles);
    const std::string before = Signature(kWhereRecordsAre);
    absl::StatusOr<std::unique_ptr<RocksDbFiles>> files = OpenFiles();
    if (Signature(kWhereRecordsAre) == before) {
      if (files.ok()) {
        seen_ = all;
        const base::MutexLock lock(&mutex_);
        opened_ = *std::move(files);
        return opened_->ReadRecords();
      }
      if (attempt >= kAttempts / 10) return files.status();
    } else if (attempt == kAttempts) {
      return absl::UnavailableError(absl::StrCat(path_, " changes too fast to be read; try again"));
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
}

std::string ReadingDatabase::Signature(Kind kind) const {
  std::string signature;
  const absl::StatusOr<std::vector<std::string>> names = base::ListDirectory(path_);
  if (!names.ok()) return signature;
  for (const std::string& name : *names) {
    if (absl::StartsWith(name, "LOG") || absl::StartsWith(name, "OPTIONS")) continue;
    struct stat info {};
    if (stat(absl::StrCat(path_, "/", name).c_str(), &info) != 0) info = {};
    absl::StrAppend(&signature, name, ":", info.st_ino, "\n");
    if (kind == kWhereRecordsAre && absl::EndsWith(name, ".log")) continue;
    absl::StrAppend(&signature, info.st_size, ":", info.st_mtim.tv_sec, ".", info.st_mtim.tv_nsec,
                    "\n");
  }
  return signature;
}

}  // namespace

absl::StatusOr<std::unique_ptr<CatalogDatabase>> CatalogDatabase::Open(const std::string& data_dir,
                                                                       OpenMode mode) {
  if (mode == OpenMode::kRead) return std::make_unique<ReadingDatabase>(data_dir);
  ASSIGN_OR_RETURN(WriterLock lock, WriterLock::Acquire(data_dir));
  return OpenWritingDatabase(data_dir, std::move(lock));
}

}  // namespace foraker::index
