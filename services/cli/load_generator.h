// Calls on a running server at a given rate, or so many at once, and what came of them.
//
//   open loop (rate > 0)    a call is sent when it is due, whatever came back before: the load of
//                           many clients who know nothing of each other. Times count from when the
//                           call was due, so a server (or this client) that falls behind shows.
//   closed loop (rate = 0)  `concurrency` calls are under way at any time: a new one for each that
//                           ends.
//
// One thread drives all calls. Requests are bytes made before the clock starts, and replies are
// not parsed: what the client costs where it shares the machine with the server is some 20 us a
// call. Errors: those of connecting; kCancelled when the user stops it. What calls end with is no
// error but part of the report.

#ifndef FORAKER_SERVICES_CLI_LOAD_GENERATOR_H_
#define FORAKER_SERVICES_CLI_LOAD_GENERATOR_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/cli/latency.h"
#include "services/client/channel.h"

namespace foraker::cli {

struct LoadOptions {
  client::ServerOptions server;
  double rate = 0;           // calls a second; 0: closed loop
  uint32_t concurrency = 8;  // closed loop
  // Open loop: calls under way at once; one that is due beyond it is not sent, and counted.
  uint32_t most_under_way = 10'000;
  uint32_t connections = 1;
  absl::Duration warm_up = absl::Seconds(1);  // calls of this time are not counted
  absl::Duration duration = absl::Seconds(10);
  absl::Duration deadline = absl::Seconds(10);  // of a call
};

struct LoadReport {
  double seconds = 0;  // of the counted time
  uint64_t sent = 0;
  uint64_t unsent = 0;                    // due, but too many were under way
  std::map<std::string, uint64_t> codes;  // "OK", "RESOURCE_EXHAUSTED", ...
  Latency ok, failed;                     // milliseconds from due (open) or sent (closed) to reply

  uint64_t ok_count() const {
    const auto found = codes.find("OK");
    return found == codes.end() ? 0 : found->second;
  }
  double throughput() const { return seconds > 0 ? static_cast<double>(ok_count()) / seconds : 0; }
};

// `method` is a path, "/foraker.v1.Search/Search"; the requests, serialised, come in turn.
absl::StatusOr<LoadReport> GenerateLoad(const LoadOptions& options, const std::string& method,
                                        const std::vector<std::string>& requests);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_LOAD_GENERATOR_H_
