#include "index/store/catalog.h"

#include <algorithm>
#include <map>
#include <type_traits>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "base/directory.h"
#include "base/file.h"
#include "base/mutex.h"
#include "base/status.h"
#include "index/store/catalog_database.h"
#include "index/store/catalog_state.h"
#include "index/store/data_directory.h"
#include "index/store/data_files.h"
#include "index/store/named_snapshots.h"
#include "index/store/snapshot_loader.h"

namespace foraker::index {
namespace {

using base::ToAbsl;

// The same generation of the same files: keep handing out the snapshot that is known already.
bool SameContents(const Snapshot& a, const Snapshot& b) {
  return a.generation == b.generation && a.sequence == b.sequence && a.settings == b.settings &&
         a.statistics == b.statistics &&
         std::equal(
             a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end(),
             [](const LiveSegment& x, const LiveSegment& y) { return x.segment == y.segment; });
}

class CatalogImpl : public Catalog {
 public:
  CatalogImpl(std::string dir, OpenMode mode, std::unique_ptr<CatalogDatabase> database)
      : dir_(std::move(dir)), mode_(mode), database_(std::move(database)) {}

  absl::Status Load() {
    const base::MutexLock lock(&mutex_);
    return Reload();
  }
  absl::Status RemoveLeftovers() {
    const base::MutexLock lock(&mutex_);
    return index::RemoveLeftovers(dir_, state_, *database_);
  }

  const std::string& dir() const override { return dir_; }
  std::string CollectionDir(std::string_view name) const override {
    return absl::StrCat(dir_, "/collections/", ToAbsl(name));
  }

  absl::Status Refresh() override;
  absl::StatusOr<std::vector<CollectionInfo>> List() const override;
  absl::StatusOr<CollectionInfo> Get(std::string_view name_or_alias) const override;
  absl::StatusOr<std::string> Resolve(std::string_view name_or_alias) const override;
  absl::StatusOr<std::shared_ptr<const Snapshot>> Current(std::string_view name_or_alias) override;
  absl::StatusOr<std::shared_ptr<const Snapshot>> Named(std::string_view collection,
                                                        std::string_view snapshot) override;
  absl::StatusOr<std::vector<FileCheck>> Verify(std::string_view name_or_alias) override;

  // The log has locks of its own: a sync keeps nobody waiting who reads the catalog.
  absl::StatusOr<std::vector<LogEntry>> ReadLog(std::string_view collection, uint64_t after,
                                                size_t max_bytes) const override {
    return database_->ReadLog(collection, after, max_bytes);
  }
  absl::StatusOr<std::vector<RememberedRequest>> ReadRequests(
      std::string_view collection) const override {
    return database_->ReadRequests(collection);
  }
  absl::Status AppendLog(std::string_view collection, const std::vector<LogEntry>& entries,
                         const std::vector<RememberedRequest>& requests,
                         const std::vector<std::string>& forgotten_requests, bool sync) override {
    RETURN_IF_ERROR(CheckWriter());
    return database_->AppendLog(collection, entries, requests, forgotten_requests, sync);
  }

  absl::Status Publish(const CollectionRecord& record) override;
  absl::Status Drop(std::string_view collection) override;
  absl::Status SetAlias(std::string_view alias, std::string_view collection) override;
  absl::Status RemoveAlias(std::string_view alias) override;
  absl::Status CreateSnapshot(std::string_view collection, std::string_view snapshot) override;
  absl::Status DropSnapshot(std::string_view collection, std::string_view snapshot) override;
  absl::Status RestoreSnapshot(std::string_view collection, std::string_view snapshot,
                               std::string_view as) override;
  absl::Status ImportSnapshot(const std::string& snapshot_dir, std::string_view as) override;

 private:
  // A generation whose files are open, as of a state of the catalog.
  struct Opened {
    SnapshotLoader loader;
    std::shared_ptr<const Snapshot> snapshot;
    uint64_t state_number = 0;
  };

  absl::Status CheckWriter() const;
  absl::Status Reload() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Calls `work`. A reader may find that the writer has just removed what it was told about; then
  // it looks at the catalog again. `work` fails for good when the catalog has not changed.
  template <typename Work>
  std::invoke_result_t<Work> Following(Work work) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::StatusOr<std::shared_ptr<const Snapshot>> OpenFiles(const std::string& directory,
                                                            const CollectionRecord& record,
                                                            Opened& opened)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<CollectionInfo> Describe(const CollectionRecord& record) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Status Commit(const std::vector<CatalogDatabase::Change>& changes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckPublish(const CollectionRecord& record) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status PublishLocked(const CollectionRecord& record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckNew(const std::string& collection) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Publishes `record` with the files that it names in `from`, linked under numbers of their own.
  absl::Status PublishCopy(const std::string& from, CollectionRecord record)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RemoveReplacedFiles(const CollectionRecord& record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string dir_;
  const OpenMode mode_;

  mutable base::Mutex mutex_;
  mutable base::Mutex names_mutex_;
  mutable std::map<std::string, std::string, std::less<>> names_ ABSL_GUARDED_BY(names_mutex_);
  const std::unique_ptr<CatalogDatabase> database_;  // its records are guarded by mutex_
  mutable CatalogState state_ ABSL_GUARDED_BY(mutex_);
  mutable uint64_t state_number_ ABSL_GUARDED_BY(mutex_) = 0;  // rises when state_ is replaced
  mutable std::map<std::string, Opened, std::less<>> current_ ABSL_GUARDED_BY(mutex_);
  mutable std::map<std::pair<std::string, std::string>, Opened> named_ ABSL_GUARDED_BY(mutex_);
  // By collection: files that the next publish removes unless it names them. Those that the last
  // one replaced, and those of publishes that failed: a crash may bring such a record back.
  std::map<std::string, std::vector<std::string>, std::less<>> removable_ ABSL_GUARDED_BY(mutex_);
};

absl::Status CatalogImpl::Reload() const {
  ASSIGN_OR_RETURN(const auto entries, database_->ReadAll());
  ASSIGN_OR_RETURN(state_, CatalogState::FromEntries(entries));
  ++state_number_;
  {
    const base::MutexLock lock(&names_mutex_);
    names_ = state_.aliases;
    for (const auto& [name, record] : state_.collections) names_[name] = name;
  }
  std::erase_if(current_, [this](const auto& entry) {
    mutex_.AssertHeld();
    return !state_.collections.contains(entry.first);
  });
  std::erase_if(named_, [this](const auto& entry) {
    mutex_.AssertHeld();
    return !state_.snapshots.contains(entry.first);
  });
  return absl::OkStatus();
}

absl::Status CatalogImpl::CheckWriter() const {
  if (mode_ == OpenMode::kWrite) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(dir_, " is open for reading only"));
}

absl::Status CatalogImpl::Refresh() {
  const base::MutexLock lock(&mutex_);
  if (!database_->Changed()) return absl::OkStatus();
  return Reload();
}

template <typename Work>
std::invoke_result_t<Work> CatalogImpl::Following(Work work) const {
  constexpr int kAttempts = 100;
  for (int attempt = 1;; ++attempt) {
    auto result = work();
    if (result.ok() || attempt == kAttempts || !database_->Changed()) return result;
    RETURN_IF_ERROR(Reload());
  }
}

absl::StatusOr<CollectionInfo> CatalogImpl::Describe(const CollectionRecord& record) const {
  CollectionInfo info;
  info.record = record;
  info.aliases = state_.AliasesOf(record.name);
  info.snapshots = state_.SnapshotsOf(record.name);
  ASSIGN_OR_RETURN(info.bytes, TotalBytes(CollectionDir(record.name), record));
  return info;
}

absl::StatusOr<std::vector<CollectionInfo>> CatalogImpl::List() const {
  const base::MutexLock lock(&mutex_);
  return Following([this]() -> absl::StatusOr<std::vector<CollectionInfo>> {
    mutex_.AssertHeld();
    std::vector<CollectionInfo> infos;
    for (const auto& [name, record] : state_.collections) {
      ASSIGN_OR_RETURN(infos.emplace_back(), Describe(record));
    }
    return infos;
  });
}

absl::StatusOr<CollectionInfo> CatalogImpl::Get(std::string_view name_or_alias) const {
  const base::MutexLock lock(&mutex_);
  return Following([&]() -> absl::StatusOr<CollectionInfo> {
    mutex_.AssertHeld();
    ASSIGN_OR_RETURN(const CollectionRecord* record, state_.Find(name_or_alias));
    return Describe(*record);
  });
}

absl::StatusOr<std::string> CatalogImpl::Resolve(std::string_view name_or_alias) const {
  {
    const base::MutexLock lock(&names_mutex_);
    const auto found = names_.find(name_or_alias);
    if (found != names_.end()) return found->second;
  }
  const base::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const CollectionRecord* record, state_.Find(name_or_alias));
  return record->name;
}

absl::StatusOr<std::shared_ptr<const Snapshot>> CatalogImpl::OpenFiles(
    const std::string& directory, const CollectionRecord& record, Opened& opened) {
  if (opened.snapshot != nullptr && opened.state_number == state_number_) return opened.snapshot;
  ASSIGN_OR_RETURN(std::shared_ptr<const Snapshot> loaded, opened.loader.Load(directory, record));
  if (opened.snapshot == nullptr || !SameContents(*opened.snapshot, *loaded)) {
    opened.snapshot = std::move(loaded);
  }
  opened.state_number = state_number_;
  return opened.snapshot;
}

absl::StatusOr<std::shared_ptr<const Snapshot>> CatalogImpl::Current(
    std::string_view name_or_alias) {
  const base::MutexLock lock(&mutex_);
  return Following([&]() -> absl::StatusOr<std::shared_ptr<const Snapshot>> {
    mutex_.AssertHeld();
    ASSIGN_OR_RETURN(const CollectionRecord* record, state_.Find(name_or_alias));
    return OpenFiles(CollectionDir(record->name), *record, current_[record->name]);
  });
}

absl::StatusOr<std::shared_ptr<const Snapshot>> CatalogImpl::Named(std::string_view collection,
                                                                   std::string_view snapshot) {
  const base::MutexLock lock(&mutex_);
  return Following([&]() -> absl::StatusOr<std::shared_ptr<const Snapshot>> {
    mutex_.AssertHeld();
    ASSIGN_OR_RETURN(const CollectionRecord* record, state_.FindSnapshot(collection, snapshot));
    return OpenFiles(SnapshotDir(dir_, collection, snapshot), *record,
                     named_[{std::string(collection), std::string(snapshot)}]);
  });
}

absl::StatusOr<std::vector<FileCheck>> CatalogImpl::Verify(std::string_view name_or_alias) {
  while (true) {
    CollectionRecord record;
    {
      const base::MutexLock lock(&mutex_);
      ASSIGN_OR_RETURN(const CollectionRecord* found, state_.Find(name_or_alias));
      record = *found;
    }
    std::vector<FileCheck> checks = CheckFiles(dir_, record);
    const bool missing = std::any_of(checks.begin(), checks.end(), [](const FileCheck& check) {
      return absl::IsNotFound(check.status);
    });
    const base::MutexLock lock(&mutex_);
    // The writer may have replaced the generation meanwhile.
    if (!missing || !database_->Changed()) return checks;
    RETURN_IF_ERROR(Reload());
  }
}

absl::Status CatalogImpl::Commit(const std::vector<CatalogDatabase::Change>& changes) {
  RETURN_IF_ERROR(database_->Write(changes));
  return Reload();
}

absl::Status CatalogImpl::CheckPublish(const CollectionRecord& record) const {
  RETURN_IF_ERROR(ValidateName("collection", record.name));
  if (state_.aliases.contains(record.name)) {
    return absl::AlreadyExistsError(absl::StrCat("\"", record.name, "\" is an alias"));
  }
  const auto current = state_.collections.find(record.name);
  const uint64_t generation = current == state_.collections.end() ? 0 : current->second.generation;
  if (record.generation != generation + 1) {
    return absl::AbortedError(absl::StrCat("collection \"", record.name, "\" is at generation ",
                                           generation, ", so generation ", record.generation,
                                           " cannot follow it"));
  }
  for (const std::string& file : FilesOf(record)) {
    const uint64_t number = DataFileNumber(file);
    if (number == 0 || number >= record.next_file) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", file, "\" is no file number below ", record.next_file));
    }
    if (!base::FileExists(absl::StrCat(CollectionDir(record.name), "/", file))) {
      return absl::FailedPreconditionError(
          absl::StrCat("collection \"", record.name, "\" has no file ", file, " to publish"));
    }
  }
  return absl::OkStatus();
}

absl::Status CatalogImpl::PublishLocked(const CollectionRecord& record) {
  RETURN_IF_ERROR(CheckPublish(record));
  const std::string directory = CollectionDir(record.name);
  RETURN_IF_ERROR(base::SyncDirectory(directory));
  RETURN_IF_ERROR(base::SyncDirectory(base::DirectoryOf(directory)));
  // A dropped collection of this name may have left a log.
  if (record.generation == 1) RETURN_IF_ERROR(database_->EraseLog(record.name));
  const auto current = state_.collections.find(record.name);
  std::vector<std::string>& removable = removable_[record.name];
  if (current != state_.collections.end()) {
    const std::vector<std::string> files = FilesOf(current->second);
    removable.insert(removable.end(), files.begin(), files.end());
  }
  const absl::Status committed = Commit({PutCollection(record)});
  if (!committed.ok()) {
    const std::vector<std::string> files = FilesOf(record);
    removable.insert(removable.end(), files.begin(), files.end());
    return committed;
  }
  // It is published, and log and files behind it are no longer read: what cannot be removed now is
  // left to the next publish or writer.
  database_->CutLog(record.name, record.sequence).IgnoreError();
  RemoveReplacedFiles(record);
  return absl::OkStatus();
}

void CatalogImpl::RemoveReplacedFiles(const CollectionRecord& record) {
  const std::vector<std::string> named = FilesOf(record);
  const auto removable = removable_.extract(record.name);
  for (const std::string& file : removable.mapped()) {
    if (std::find(named.begin(), named.end(), file) != named.end()) continue;
    base::RemoveFile(absl::StrCat(CollectionDir(record.name), "/", file)).IgnoreError();
  }
}

absl::Status CatalogImpl::Publish(const CollectionRecord& record) {
  RETURN_IF_ERROR(CheckWriter());
  const base::MutexLock lock(&mutex_);
  return PublishLocked(record);
}

absl::Status CatalogImpl::Drop(std::string_view collection) {
  RETURN_IF_ERROR(CheckWriter());
  const base::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const CollectionRecord* record, state_.Find(collection));
  if (record->name != collection) {
    return absl::InvalidArgumentError(absl::StrCat("\"", ToAbsl(collection), "\" is an alias of \"",
                                                   record->name,
                                                   "\"; name the collection to drop it"));
  }
  const std::string name = record->name;
  std::vector<CatalogDatabase::Change> changes = {RemoveCollection(name)};
  for (const std::string& alias : state_.AliasesOf(name)) changes.push_back(EraseAlias(alias));
  RETURN_IF_ERROR(Commit(changes));
  database_->EraseLog(name).IgnoreError();  // a new collection of the name erases it, too
  removable_.erase(name);
  return base::RemoveTree(CollectionDir(name));
}

absl::Status CatalogImpl::SetAlias(std::string_view alias, std::string_view collection) {
  RETURN_IF_ERROR(CheckWriter());
  const base::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(ValidateName("alias", alias));
  if (state_.collections.contains(alias)) {
    return absl::AlreadyExistsError(
        absl::StrCat("\"", ToAbsl(alias), "\" is a collection and cannot be an alias"));
  }
  ASSIGN_OR_RETURN(const CollectionRecord* record, state_.Find(collection));
  return Commit({PutAlias(alias, record->name)});
}

absl::Status CatalogImpl::RemoveAlias(std::string_view alias) {
  RETURN_IF_ERROR(CheckWriter());
  const base::MutexLock lock(&mutex_);
  if (!state_.aliases.contains(alias)) {
    return absl::NotFoundError(absl::StrCat("no alias \"", ToAbsl(alias), "\""));
  }
  return Commit({EraseAlias(alias)});
}

absl::Status CatalogImpl::CreateSnapshot(std::string_view collection, std::string_view snapshot) {
  RETURN_IF_ERROR(CheckWriter());
  const base::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(ValidateName("snapshot", snapshot));
  ASSIGN_OR_RETURN(const CollectionRecord* record, state_.Find(collection));
  if (state_.FindSnapshot(record->name, snapshot).ok()) {
    return absl::AlreadyExistsError(absl::StrCat(
        "collection \"", record->name, "\" has a snapshot \"", ToAbsl(snapshot), "\" already"));
  }
  RETURN_IF_ERROR(WriteSnapshotDir(CollectionDir(record->name), *record,
                                   SnapshotDir(dir_, record->name, snapshot)));
  return Commit({PutSnapshot(snapshot, *record)});
}

absl::Status CatalogImpl::DropSnapshot(std::string_view collection, std::string_view snapshot) {
  RETURN_IF_ERROR(CheckWriter());
  const base::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(state_.FindSnapshot(collection, snapshot).status());
  RETURN_IF_ERROR(Commit({EraseSnapshot(collection, snapshot)}));
  return base::RemoveTree(SnapshotDir(dir_, collection, snapshot));
}

absl::Status CatalogImpl::RestoreSnapshot(std::string_view collection, std::string_view snapshot,
                                          std::string_view as) {
  RETURN_IF_ERROR(CheckWriter());
  const base::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const CollectionRecord* saved, state_.FindSnapshot(collection, snapshot));
  CollectionRecord record = *saved;
  if (!as.empty()) record.name = as;
  RETURN_IF_ERROR(ValidateName("collection", record.name));
  if (record.name != collection) RETURN_IF_ERROR(CheckNew(record.name));
  return PublishCopy(SnapshotDir(dir_, collection, snapshot), std::move(record));
}

absl::Status CatalogImpl::ImportSnapshot(const std::string& snapshot_dir, std::string_view as) {
  RETURN_IF_ERROR(CheckWriter());
  ASSIGN_OR_RETURN(CollectionRecord record, ReadSnapshotDir(snapshot_dir));
  record.name = as;
  const base::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(ValidateName("collection", record.name));
  RETURN_IF_ERROR(CheckNew(record.name));
  return PublishCopy(snapshot_dir, std::move(record));
}

absl::Status CatalogImpl::CheckNew(const std::string& collection) const {
  if (!state_.collections.contains(collection)) return absl::OkStatus();
  return absl::AlreadyExistsError(absl::StrCat("collection \"", collection, "\" exists"));
}

absl::Status CatalogImpl::PublishCopy(const std::string& from, CollectionRecord record) {
  const auto current = state_.collections.find(record.name);
  const bool exists = current != state_.collections.end();
  record.generation = exists ? current->second.generation + 1 : 1;
  record.next_file = exists ? current->second.next_file : 1;
  if (exists) record.sequence = std::max(record.sequence, current->second.sequence);

  // The log goes with what is replaced.
  ASSIGN_OR_RETURN(const std::vector<LogEntry> log,
                   database_->ReadLog(record.name, record.sequence, SIZE_MAX));
  if (exists && !log.empty()) record.sequence = log.back().sequence;
  RETURN_IF_ERROR(LinkSnapshotFiles(from, CollectionDir(record.name), record));
  return PublishLocked(record);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Catalog>> Catalog::Open(std::string dir, OpenMode mode) {
  const bool writes = mode == OpenMode::kWrite;
  if (writes) RETURN_IF_ERROR(base::CreateDirectories(dir));
  ASSIGN_OR_RETURN(const bool known, HasFormat(dir));
  if (!known && !writes) {
    return absl::NotFoundError(absl::StrCat(dir, " is no data directory; foraker index makes one"));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<CatalogDatabase> database, CatalogDatabase::Open(dir, mode));
  auto catalog = std::make_unique<CatalogImpl>(std::move(dir), mode, std::move(database));
  RETURN_IF_ERROR(catalog->Load());
  if (!writes) return catalog;
  RETURN_IF_ERROR(catalog->RemoveLeftovers());
  if (!known) RETURN_IF_ERROR(WriteFormat(catalog->dir()));
  return catalog;
}

absl::Status ValidateName(std::string_view kind, std::string_view name) {
  const bool allowed =
      !name.empty() && name.size() <= 128 && name[0] != '.' &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string_view::npos;
  if (allowed) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(kind), " name \"", ToAbsl(name.substr(0, 128)),
                   "\": expected 1 to 128 of a-z 0-9 . _ -, not starting with a dot"));
}

}  // namespace foraker::index
