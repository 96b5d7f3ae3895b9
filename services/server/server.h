// The server as a whole, over any implementation of what it serves: pools, metrics, APIs, gRPC and
// HTTP listeners.
//
// Start binds both addresses; calls get kUnavailable until Open gives it the data. Stop drains.
// One thread drives it.

#ifndef FORAKER_SERVICES_SERVER_SERVER_H_
#define FORAKER_SERVICES_SERVER_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "retrieval/api/limits.h"
#include "services/config/settings.h"
#include "services/server/data_slot.h"
#include "services/server/log.h"
#include "services/server/metrics.h"
#include "services/server/rank_slot.h"

namespace foraker::server {

class Server {
 public:
  // Borrows `log`. kUnavailable when an address cannot be bound; kInvalidArgument or kNotFound for
  // keys, certificates and the audit log's file.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const config::Settings& settings,
                                                       const retrieval::RequestLimits& limits,
                                                       const Log& log);
  virtual ~Server() = default;

  // Addresses in use, with the ports that were taken for port 0; http is empty without HTTP.
  virtual std::string grpc_address() const = 0;
  virtual std::string http_address() const = 0;

  // From now on calls are served, but those that need the model that ranks. `gauges` fills in what
  // only the data knows. Ready at once where the settings name no model.
  virtual void Open(ServedData data, std::function<void(ServerGauges&)> gauges) = 0;
  // After Open: from now on ranking is served, and the server is ready.
  virtual void OpenRanker(ServedRanker ranker) = 0;

  // Reads keys and certificates again if their files changed; what is wrong with them is logged,
  // and what was before stays. To be called about once a second.
  virtual void Reload() = 0;
  // Starts the audit log's file anew: it was renamed.
  virtual void ReopenLogs() = 0;

  // Not ready, then refuses new calls and lets those under way end (settings: drain).
  virtual void Stop() = 0;
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_SERVER_H_
