// `foraker serve`: opens a data directory for reading and serves it over gRPC and HTTP until
// SIGTERM or SIGINT.
//
// A writer may publish into the directory meanwhile (`foraker index --data DIR`); new generations
// are picked up about once a second. Blocks. Call it from the main thread, before any other thread
// is started: it takes over the two signals. A second signal ends the process at once.
//
// Errors: kInvalidArgument for a setting (names file and line, variable or flag), kNotFound when
// there is no data directory, kUnavailable when an address cannot be bound.

#ifndef FORAKER_SERVICES_SERVER_SERVE_H_
#define FORAKER_SERVICES_SERVER_SERVE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace foraker::server {

struct ServeOptions {
  std::string config_file;  // TOML; empty: none
  // Settings by dotted name ("server.listen", "data", ...: services/config/settings.h), as flags
  // gave them. They win over the environment, which wins over the file.
  std::vector<std::pair<std::string, std::string>> flags;
};

// Announces on stdout, in one line, where it listens: "foraker serves DIR: gRPC on HOST:PORT, HTTP
// on HOST:PORT". Logs are JSON lines on stderr.
absl::Status Serve(const ServeOptions& options);

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_SERVE_H_
