// Where a command works: on a data directory in this process, or on a running server.

#ifndef FORAKER_SERVICES_CLI_TARGET_H_
#define FORAKER_SERVICES_CLI_TARGET_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "index/store/catalog.h"
#include "retrieval/api/searcher.h"
#include "services/client/channel.h"

namespace CLI {
class App;
}

namespace foraker::cli {

struct Target {
  std::string data = "data";     // a directory
  client::ServerOptions server;  // without an address: `data` is used

  bool is_remote() const { return !server.address.empty(); }
};

// --data, for commands that write or look into files.
void AddDataOption(CLI::App& command, Target& target);
// --server and what connecting takes: --key, --tls-ca, --tls-cert, --tls-key.
void AddServerOptions(CLI::App& command, client::ServerOptions& server);
// --data and those, for commands that work on either.
void AddTargetOptions(CLI::App& command, Target& target);

absl::StatusOr<std::shared_ptr<index::Catalog>> OpenCatalog(const Target& target,
                                                            index::OpenMode mode);
absl::StatusOr<std::unique_ptr<retrieval::Searcher>> OpenSearcher(const Target& target);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_TARGET_H_
