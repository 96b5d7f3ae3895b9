// Where a command works: on a data directory in this process, or on a running server.

#ifndef FORAKER_SERVICES_CLI_TARGET_H_
#define FORAKER_SERVICES_CLI_TARGET_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "index/store/catalog.h"
#include "retrieval/api/searcher.h"

namespace CLI {
class App;
}

namespace foraker::cli {

struct Target {
  std::string data = "data";  // a directory
  std::string server;         // "HOST:PORT"; empty: `data` is used
};

// --data, for commands that write or look into files.
void AddDataOption(CLI::App& command, Target& target);
// --data and --server, for commands that read.
void AddTargetOptions(CLI::App& command, Target& target);

absl::StatusOr<std::shared_ptr<index::Catalog>> OpenCatalog(const Target& target,
                                                            index::OpenMode mode);
absl::StatusOr<std::unique_ptr<retrieval::Searcher>> OpenSearcher(const Target& target);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_TARGET_H_
