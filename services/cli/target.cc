#include "services/cli/target.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "base/status.h"
#include "retrieval/local_searcher.h"
#include "services/client/remote_searcher.h"

namespace foraker::cli {

void AddDataOption(CLI::App& command, Target& target) {
  command.add_option("--data", target.data, "Data directory")
      ->envname("FORAKER_DATA")
      ->type_name("DIR")
      ->capture_default_str();
}

void AddTargetOptions(CLI::App& command, Target& target) {
  AddDataOption(command, target);
  command.add_option("--server", target.server, "Ask this server instead of a data directory")
      ->envname("FORAKER_SERVER")
      ->type_name("HOST:PORT");
}

absl::StatusOr<std::shared_ptr<index::Catalog>> OpenCatalog(const Target& target,
                                                            index::OpenMode mode) {
  ASSIGN_OR_RETURN(std::unique_ptr<index::Catalog> catalog,
                   index::Catalog::Open(target.data, mode));
  return std::shared_ptr<index::Catalog>(std::move(catalog));
}

absl::StatusOr<std::unique_ptr<retrieval::Searcher>> OpenSearcher(const Target& target) {
  if (!target.server.empty()) {
    client::RemoteSearcherOptions options;
    options.address = target.server;
    return client::ConnectSearcher(options);
  }
  ASSIGN_OR_RETURN(std::shared_ptr<index::Catalog> catalog,
                   OpenCatalog(target, index::OpenMode::kRead));
  ASSIGN_OR_RETURN(std::unique_ptr<retrieval::LocalSearcher> searcher,
                   retrieval::LocalSearcher::Open(std::move(catalog)));
  return std::unique_ptr<retrieval::Searcher>(std::move(searcher));
}

}  // namespace foraker::cli
