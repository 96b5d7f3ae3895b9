// A data directory that this process writes to: its live collections, and what searches, writes and
// administers them. `foraker serve` and the writing commands on --data open one.
//
// Errors: those of Catalog::Open and LiveStore; kFailedPrecondition says which process writes
// already, and what to do instead.

#ifndef FORAKER_SERVICES_SERVER_LIVE_DATA_H_
#define FORAKER_SERVICES_SERVER_LIVE_DATA_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/collection/live_store.h"
#include "retrieval/api/administrator.h"
#include "retrieval/api/limits.h"
#include "retrieval/api/writer.h"
#include "retrieval/local_searcher.h"

namespace foraker::server {

struct LiveData {
  std::shared_ptr<index::LiveStore> store;
  std::shared_ptr<retrieval::LocalSearcher> searcher;
  std::shared_ptr<retrieval::Writer> writer;
  std::shared_ptr<retrieval::Administrator> administrator;
};

struct LiveDataOptions {
  std::string import_root;  // empty: shards and backups may lie anywhere
  retrieval::RequestLimits limits;
};

// Makes the directory when it is not there, and replays the logs.
absl::StatusOr<LiveData> OpenLiveData(const std::string& dir, const LiveDataOptions& options);

// An error of a directory that another process writes, with what to do instead; others unchanged.
absl::Status ExplainWriterLock(const absl::Status& status);

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_LIVE_DATA_H_
