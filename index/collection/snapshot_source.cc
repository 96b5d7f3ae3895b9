#include "index/collection/snapshot_source.h"

#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "base/status.h"
#include "index/collection/collection_head.h"
#include "index/collection/log_replay.h"
#include "index/collection/memory_merge.h"

namespace foraker::index {
namespace {

constexpr uint32_t kMergeFactor = 8;

class CatalogSource final : public SnapshotSource {
 public:
  explicit CatalogSource(std::shared_ptr<Catalog> catalog) : catalog_(std::move(catalog)) {}

  absl::StatusOr<std::shared_ptr<const Snapshot>> Newest(std::string_view name_or_alias) override {
    ASSIGN_OR_RETURN(const std::string name, catalog_->Resolve(name_or_alias));
    if (auto known = Known(name); known != nullptr) return known;
    const base::MutexLock following(&following_);
    if (auto known = Known(name); known != nullptr) return known;
    return Follow(name);
  }

  absl::Status Refresh() override {
    const base::MutexLock following(&following_);
    RETURN_IF_ERROR(catalog_->Refresh());
    absl::Status first_error;
    for (const std::string& name : Names()) {
      const absl::Status status = Follow(name).status();
      if (absl::IsNotFound(status)) {
        heads_.erase(name);
        const base::MutexLock lock(&mutex_);
        newest_.erase(name);
      } else {
        first_error.Update(status);
      }
    }
    return first_error;
  }

 private:
  // A generation, and with what the log held behind it.
  struct Followed {
    std::shared_ptr<const Snapshot> generation;
    CollectionHead head;
  };

  std::shared_ptr<const Snapshot> Known(const std::string& name) const {
    const base::MutexLock lock(&mutex_);
    const auto found = newest_.find(name);
    return found == newest_.end() ? nullptr : found->second;
  }
  std::vector<std::string> Names() const {
    const base::MutexLock lock(&mutex_);
    std::vector<std::string> names;
    for (const auto& [name, snapshot] : newest_) names.push_back(name);
    return names;
  }

  // Brings the collection up to what the catalog knows.
  absl::StatusOr<std::shared_ptr<const Snapshot>> Follow(const std::string& name)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(following_);

  const std::shared_ptr<Catalog> catalog_;
  base::Mutex following_;  // held while files are opened and logs replayed; searches do not wait
  std::map<std::string, Followed> heads_ ABSL_GUARDED_BY(following_);
  mutable base::Mutex mutex_;
  std::map<std::string, std::shared_ptr<const Snapshot>> newest_ ABSL_GUARDED_BY(mutex_);
};

absl::StatusOr<std::shared_ptr<const Snapshot>> CatalogSource::Follow(const std::string& name) {
  while (true) {
    ASSIGN_OR_RETURN(const std::shared_ptr<const Snapshot> generation, catalog_->Current(name));
    const auto known = heads_.find(name);
    const bool same = known != heads_.end() && known->second.generation == generation;
    CollectionHead head = same ? known->second.head : CollectionHead(generation);
    RETURN_IF_ERROR(ReplayLog(*catalog_, head));
    // A file that was gone may have made the catalog look again: then the log belongs to another
    // generation.
    ASSIGN_OR_RETURN(const std::shared_ptr<const Snapshot> now, catalog_->Current(name));
    if (now != generation) continue;
    RETURN_IF_ERROR(
        MergeSmall(head, {}, kMergeFactor, std::numeric_limits<uint64_t>::max()).status());
    heads_.insert_or_assign(name, Followed{generation, head});
    const base::MutexLock lock(&mutex_);
    newest_[name] = head.snapshot();
    return head.snapshot();
  }
}

}  // namespace

std::unique_ptr<SnapshotSource> SnapshotSource::OverCatalog(std::shared_ptr<Catalog> catalog) {
  return std::make_unique<CatalogSource>(std::move(catalog));
}

}  // namespace foraker::index
