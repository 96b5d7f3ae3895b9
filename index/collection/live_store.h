// All live collections of a data directory that this process writes to, and the threads that flush
// and merge them.
//
// A collection is opened at its first use: its log is replayed. Thread-safe. The destructor ends
// the threads without a flush (the log has everything); call FlushAll before it for a clean end.
// Errors: kNotFound, and those of LiveCollection and Catalog.

#ifndef FORAKER_INDEX_COLLECTION_LIVE_STORE_H_
#define FORAKER_INDEX_COLLECTION_LIVE_STORE_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/collection/live_collection.h"
#include "index/collection/snapshot_source.h"
#include "index/store/catalog.h"

namespace foraker::index {

class LiveStore : public SnapshotSource {
 public:
  // `catalog` is open for writing. `options_of` gives a collection's options from its record's
  // settings, which the index does not interpret.
  using OptionsOf = std::function<absl::StatusOr<LiveOptions>(const CollectionRecord& record)>;
  static absl::StatusOr<std::unique_ptr<LiveStore>> Open(std::shared_ptr<Catalog> catalog,
                                                         OptionsOf options_of);

  virtual absl::StatusOr<std::shared_ptr<LiveCollection>> Find(std::string_view name_or_alias) = 0;

  // Collections that are open, by name; for metrics.
  virtual std::vector<std::shared_ptr<LiveCollection>> Opened() const = 0;

  // Opens and replays every collection whose log is not empty.
  virtual absl::Status Recover() = 0;
  virtual absl::Status FlushAll() = 0;

  // Ends the collection's background work and writing, then drops it from the catalog.
  virtual absl::Status Drop(std::string_view collection) = 0;

  virtual const std::shared_ptr<Catalog>& catalog() const = 0;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_LIVE_STORE_H_
