// The catalog's key-value store: RocksDB in DIR/catalog, and the lock that lets one process write.
//
// Records are a handful of small values, so all of them are read at once; the logs of collections
// lie apart from them (log_keys.h). A writer keeps the database open. A reader opens it read-only
// in ReadAll, takes no lock, and opens it again when it was written to meanwhile: records and logs
// that it returns are one state that the writer committed, until the next ReadAll.
//
// What fails did not happen: after an error a writer opens the database again before the next
// write, and first takes back what may have reached the disk. Only a crash before that may leave
// it there. So nothing acknowledged ever lies behind a hole.
//
// Records: one thread at a time. Logs: thread-safe, also beside records. Errors:
// kFailedPrecondition when another process writes (the message says which), kDataLoss for a corrupt
// database, kResourceExhausted when the disk is full, kUnavailable for any other failed write,
// kInternal for other I/O.

#ifndef FORAKER_INDEX_STORE_CATALOG_DATABASE_H_
#define FORAKER_INDEX_STORE_CATALOG_DATABASE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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

  // --- logs (index/store/catalog.h) ---
  virtual absl::StatusOr<std::vector<LogEntry>> ReadLog(std::string_view collection, uint64_t after,
                                                        size_t max_bytes) const = 0;
  virtual absl::StatusOr<std::vector<RememberedRequest>> ReadRequests(
      std::string_view collection) const = 0;
  // Collections that have entries or requests.
  virtual absl::StatusOr<std::vector<std::string>> LoggedCollections() const = 0;
  virtual absl::Status AppendLog(std::string_view collection, const std::vector<LogEntry>& entries,
                                 const std::vector<RememberedRequest>& requests,
                                 const std::vector<std::string>& forgotten_requests, bool sync) = 0;
  // Not synced: what a crash of the machine brings back is cut again with the next publish, or by
  // the next writer.
  virtual absl::Status CutLog(std::string_view collection, uint64_t up_to) = 0;
  virtual absl::Status EraseLog(std::string_view collection) = 0;  // and the requests
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_STORE_CATALOG_DATABASE_H_
