// `foraker serve`: opens a data directory and serves it over gRPC and HTTP until SIGTERM or SIGINT.
//
// The process becomes the directory's writer, and makes it when it is not there: it replays the log
// before it is ready, and flushes it when it ends. With server.read_only it follows another writer
// instead, about a second behind. Blocks. Call it from the main thread, before any other thread
// is started: it takes over the two signals. A second signal ends the process at once.
//
// A model that ranks (rank.model) is loaded while searches are answered; the server is ready, and
// announces itself, when it is there. One that cannot be loaded ends the server.
//
// Errors: kInvalidArgument for a setting (names file and line, variable or flag), kNotFound when
// there is no data directory to read, kFailedPrecondition when another process writes it,
// kUnavailable when an address cannot be bound.

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
