// The directories of named snapshots, DIR/snapshots/COLLECTION/SNAPSHOT: hard links of a
// generation's files and, as "record", its CollectionRecord. Self-contained, so that a copy of the
// directory is a backup. One writer at a time.

#ifndef FORAKER_INDEX_STORE_NAMED_SNAPSHOTS_H_
#define FORAKER_INDEX_STORE_NAMED_SNAPSHOTS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/store/catalog.h"
#include "index/store/catalog_state.h"

namespace foraker::index {

std::string SnapshotDir(const std::string& data_dir, std::string_view collection,
                        std::string_view snapshot);

// Links the files of `record` from `collection_dir`; durable when it returns.
absl::Status WriteSnapshotDir(const std::string& collection_dir, const CollectionRecord& record,
                              const std::string& snapshot_dir);

// Links the files of a snapshot's `record` into `collection_dir` under new numbers, which the
// record then names: by now its own may name other files.
absl::Status LinkSnapshotFiles(const std::string& snapshot_dir, const std::string& collection_dir,
                               CollectionRecord& record);

// The record of a snapshot's directory, wherever it lies; its files are there and can be opened.
absl::StatusOr<CollectionRecord> ReadSnapshotDir(const std::string& snapshot_dir);

// Removes directories of snapshots that the catalog does not name.
absl::Status RemoveUnnamedSnapshots(const std::string& data_dir, const CatalogState& state);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_STORE_NAMED_SNAPSHOTS_H_
