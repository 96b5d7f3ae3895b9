// Where searches get the newest snapshot of a collection: from its writer in this process
// (live_store.h), or, in a process that only reads, from the catalog and the log beside it.
//
// Thread-safe.

#ifndef FORAKER_INDEX_COLLECTION_SNAPSHOT_SOURCE_H_
#define FORAKER_INDEX_COLLECTION_SNAPSHOT_SOURCE_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/collection/snapshot.h"
#include "index/store/catalog.h"

namespace foraker::index {

class SnapshotSource {
 public:
  // A source that only reads: the newest generation and, on top of it, what its log holds, as of
  // the last Refresh (or the first use). Writes of another process so are seen within a refresh.
  static std::unique_ptr<SnapshotSource> OverCatalog(std::shared_ptr<Catalog> catalog);

  virtual ~SnapshotSource() = default;

  // The same pointer as long as nothing changed. kNotFound when there is no such collection.
  virtual absl::StatusOr<std::shared_ptr<const Snapshot>> Newest(
      std::string_view name_or_alias) = 0;

  // Follows other processes. No effect on a source that writes itself.
  virtual absl::Status Refresh() = 0;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_SNAPSHOT_SOURCE_H_
