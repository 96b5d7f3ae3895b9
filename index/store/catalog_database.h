// The catalog's key-value store: RocksDB in DIR/catalog, and the lock that lets one process write.
//
// A handful of small records, so all of them are read at once. A writer keeps the database open; a
// reader opens it read-only for the moment of ReadAll, takes no lock, and reads again when it was
// written to meanwhile: what it returns is one state that the writer committed.
//
// One thread at a time. Errors: kFailedPrecondition when another process writes (the message says
// which), kDataLoss for a corrupt database, kInternal for I/O.

#ifndef FORAKER_INDEX_STORE_CATALOG_DATABASE_H_
#define FORAKER_INDEX_STORE_CATALOG_DATABASE_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/store/catalog.h"

namespace foraker::index {

class CatalogDatabase {
 public:
  // A key and its new value; no value: the key is removed.
  using Change = std::pair<std::string, std::optional<std::string>>;

  // `data_dir` is the data directory; a writer makes DIR/catalog in it when it is not there.
  static absl::StatusOr<std::unique_ptr<CatalogDatabase>> Open(const std::string& data_dir,
                                                               OpenMode mode);
  virtual ~CatalogDatabase() = default;

  virtual absl::StatusOr<std::map<std::string, std::string>> ReadAll() = 0;

  // Whether a writer committed something since the last ReadAll; at worst a false alarm.
  virtual bool Changed() const = 0;

  // Atomic, and on the disk when it returns.
  virtual absl::Status Write(const std::vector<Change>& changes) = 0;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_STORE_CATALOG_DATABASE_H_
