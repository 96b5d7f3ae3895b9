// What a data directory holds beside the catalog's records (index/store/catalog.h): the file that
// says in which layout, and what processes left that did not come to their end.
//
// Errors: kFailedPrecondition for a layout that this build does not read, those of base/file.h.

#ifndef FORAKER_INDEX_STORE_DATA_DIRECTORY_H_
#define FORAKER_INDEX_STORE_DATA_DIRECTORY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/store/catalog_database.h"
#include "index/store/catalog_state.h"

namespace foraker::index {

// Whether `data_dir` is a data directory, of this layout.
absl::StatusOr<bool> HasFormat(const std::string& data_dir);
absl::Status WriteFormat(const std::string& data_dir);

// Removes files, folders, snapshots and logs that `state` does not name. For a writer that has just
// opened the directory.
absl::Status RemoveLeftovers(const std::string& data_dir, const CatalogState& state,
                             CatalogDatabase& database);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_STORE_DATA_DIRECTORY_H_
