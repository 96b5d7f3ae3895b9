// What writing commands work through: a data directory that this process becomes the writer of, or
// a running server.

#ifndef FORAKER_SERVICES_CLI_WRITE_TARGET_H_
#define FORAKER_SERVICES_CLI_WRITE_TARGET_H_

#include <memory>

#include "absl/status/statusor.h"
#include "retrieval/api/administrator.h"
#include "retrieval/api/searcher.h"
#include "retrieval/api/writer.h"
#include "services/cli/target.h"

namespace foraker::cli {

struct WriteAccess {
  std::shared_ptr<retrieval::Searcher> searcher;
  std::shared_ptr<retrieval::Writer> writer;
  std::shared_ptr<retrieval::Administrator> administrator;
};

absl::StatusOr<WriteAccess> OpenForWriting(const Target& target);

// The catalog of the data directory, opened for writing, with nothing left in its logs: for work
// that makes whole generations.
absl::StatusOr<std::shared_ptr<index::Catalog>> OpenCatalogForWriting(const Target& target);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_WRITE_TARGET_H_
