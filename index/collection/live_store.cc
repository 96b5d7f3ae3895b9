#include "index/collection/live_store.h"

#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "base/status.h"
#include "index/collection/background.h"
#include "index/collection/opened_collection.h"

namespace foraker::index {
namespace {

using base::ToAbsl;

class LiveStoreImpl final : public LiveStore {
 public:
  LiveStoreImpl(std::shared_ptr<Catalog> catalog, OptionsOf options_of)
      : catalog_(std::move(catalog)),
        options_of_(std::move(options_of)),
        background_(std::make_unique<Background>(signal_, [this] { return Open(); })) {}

  ~LiveStoreImpl() override {
    for (const std::shared_ptr<OpenedCollection>& collection : Open()) {
      collection->Stop(absl::FailedPreconditionError("the store of live collections was closed"));
    }
    background_.reset();
  }

  const std::shared_ptr<Catalog>& catalog() const override { return catalog_; }
  absl::Status Refresh() override { return absl::OkStatus(); }

  absl::StatusOr<std::shared_ptr<const Snapshot>> Newest(std::string_view name_or_alias) override {
    ASSIGN_OR_RETURN(const std::shared_ptr<OpenedCollection> collection, FindOpened(name_or_alias));
    return collection->Newest();
  }

  absl::StatusOr<std::shared_ptr<LiveCollection>> Find(std::string_view name_or_alias) override {
    return FindOpened(name_or_alias);
  }

  std::vector<std::shared_ptr<LiveCollection>> Opened() const override {
    const std::vector<std::shared_ptr<OpenedCollection>> open = Open();
    return {open.begin(), open.end()};
  }

  absl::Status Recover() override;
  absl::Status FlushAll() override;
  absl::Status Drop(std::string_view collection) override;

 private:
  std::vector<std::shared_ptr<OpenedCollection>> Open() const {
    const base::MutexLock lock(&mutex_);
    std::vector<std::shared_ptr<OpenedCollection>> open;
    for (const auto& [name, collection] : open_) open.push_back(collection);
    return open;
  }
  std::shared_ptr<OpenedCollection> Known(std::string_view collection) const {
    const base::MutexLock lock(&mutex_);
    const auto found = open_.find(collection);
    return found == open_.end() ? nullptr : found->second;
  }
  absl::StatusOr<std::shared_ptr<OpenedCollection>> FindOpened(std::string_view name_or_alias);
  absl::Status Recover(const CollectionRecord& record);

  const std::shared_ptr<Catalog> catalog_;
  const OptionsOf options_of_;
  const std::shared_ptr<WorkSignal> signal_ = std::make_shared<WorkSignal>();
  base::Mutex opening_;  // held while a collection is opened or dropped
  mutable base::Mutex mutex_;
  std::map<std::string, std::shared_ptr<OpenedCollection>, std::less<>> open_
      ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Background> background_;
};

absl::StatusOr<std::shared_ptr<OpenedCollection>> LiveStoreImpl::FindOpened(
    std::string_view name_or_alias) {
  ASSIGN_OR_RETURN(const std::string name, catalog_->Resolve(name_or_alias));
  if (auto known = Known(name); known != nullptr) return known;
  const base::MutexLock opening(&opening_);
  if (auto known = Known(name); known != nullptr) return known;
  ASSIGN_OR_RETURN(std::shared_ptr<OpenedCollection> opened,
                   OpenedCollection::Open(catalog_, signal_, options_of_, name));
  const base::MutexLock lock(&mutex_);
  open_[name] = opened;
  return opened;
}

absl::Status LiveStoreImpl::Recover() {
  ASSIGN_OR_RETURN(const std::vector<CollectionInfo> collections, catalog_->List());
  absl::Status first_error;  // of a collection; the others are recovered all the same
  for (const CollectionInfo& info : collections) {
    first_error.Update(base::Annotate(Recover(info.record),
                                      absl::StrCat("collection \"", info.record.name, "\"")));
  }
  return first_error;
}

absl::Status LiveStoreImpl::Recover(const CollectionRecord& record) {
  ASSIGN_OR_RETURN(const std::vector<LogEntry> entries,
                   catalog_->ReadLog(record.name, record.sequence, /*max_bytes=*/1));
  if (entries.empty()) return absl::OkStatus();
  return FindOpened(record.name).status();
}

absl::Status LiveStoreImpl::FlushAll() {
  absl::Status first_error;
  for (const std::shared_ptr<OpenedCollection>& collection : Open()) {
    first_error.Update(base::Annotate(collection->Flush(),
                                      absl::StrCat("collection \"", collection->name(), "\"")));
  }
  return first_error;
}

absl::Status LiveStoreImpl::Drop(std::string_view collection) {
  const base::MutexLock opening(&opening_);
  const std::shared_ptr<OpenedCollection> known = Known(collection);
  if (known == nullptr) return catalog_->Drop(collection);
  const absl::Status dropped =
      known->Close(absl::FailedPreconditionError(
                       absl::StrCat("collection \"", ToAbsl(collection), "\" was dropped")),
                   [&] { return catalog_->Drop(collection); });
  const base::MutexLock lock(&mutex_);
  open_.erase(open_.find(collection));
  return dropped;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LiveStore>> LiveStore::Open(std::shared_ptr<Catalog> catalog,
                                                           OptionsOf options_of) {
  return std::make_unique<LiveStoreImpl>(std::move(catalog), std::move(options_of));
}

}  // namespace foraker::index
