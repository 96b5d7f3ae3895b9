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

void AddServerOptions(CLI::App& command, client::ServerOptions& server) {
  const auto add = [&command](const char* name, std::string& value, const char* description) {
    return command.add_option(name, value, description);
  };
  add("--server", server.address, "Ask this server instead of a data directory")
      ->envname("FORAKER_SERVER")
      ->type_name("HOST:PORT");
  // The environment keeps a key out of the list of processes.
  add("--key", server.api_key, "API key")->envname("FORAKER_API_KEY")->type_name("TOKEN");
  add("--tls-ca", server.tls_ca, "Use TLS; these certificates may have signed the server's")
      ->envname("FORAKER_TLS_CA")
      ->type_name("FILE");
  add("--tls-cert", server.tls_cert, "Own certificate, for mutual TLS")
      ->envname("FORAKER_TLS_CERT")
      ->type_name("FILE");
  add("--tls-key", server.tls_key, "Its private key")
      ->envname("FORAKER_TLS_KEY")
      ->type_name("FILE");
}

void AddTargetOptions(CLI::App& command, Target& target) {
  AddDataOption(command, target);
  AddServerOptions(command, target.server);
}

absl::StatusOr<std::shared_ptr<index::Catalog>> OpenCatalog(const Target& target,
                                                            index::OpenMode mode) {
  ASSIGN_OR_RETURN(std::unique_ptr<index::Catalog> catalog,
                   index::Catalog::Open(target.data, mode));
  return std::shared_ptr<index::Catalog>(std::move(catalog));
}

absl::StatusOr<std::unique_ptr<retrieval::Searcher>> OpenSearcher(const Target& target) {
  if (target.is_remote()) return client::ConnectSearcher(target.server);
  ASSIGN_OR_RETURN(std::shared_ptr<index::Catalog> catalog,
                   OpenCatalog(target, index::OpenMode::kRead));
  ASSIGN_OR_RETURN(std::unique_ptr<retrieval::LocalSearcher> searcher,
                   retrieval::LocalSearcher::Open(std::move(catalog)));
  return std::unique_ptr<retrieval::Searcher>(std::move(searcher));
}

}  // namespace foraker::cli
