// The gRPC listener: the services, grpc.health.v1, and server reflection.
//
// Health is NOT_SERVING until SetServing, for "" and for the services by name; Rank stays so on a
// server that does not rank. Start binds;
// Shutdown ends. One thread drives it; calls come on gRPC's own threads.

#ifndef FORAKER_SERVICES_SERVER_GRPC_SERVER_H_
#define FORAKER_SERVICES_SERVER_GRPC_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/auth/tls.h"
#include "services/config/address.h"
#include "services/server/apis.h"

namespace foraker::server {

class GrpcServer {
 public:
  struct Options {
    config::Address listen;
    uint32_t max_message_mib = 16;  // of a request
    auth::TlsFiles tls;             // read again when they change; must have been found good
  };

  // Borrows what the rest refers to. kUnavailable when the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(const Options& options, const Apis& apis,
                                                           const Runners& runners);
  virtual ~GrpcServer() = default;

  virtual uint16_t port() const = 0;
  virtual void SetServing(bool serving, bool ranks) = 0;

  // Refuses new calls, lets those under way end for at most `drain`, then cancels them. Returns
  // when no handler runs any more.
  virtual void Shutdown(absl::Duration drain) = 0;
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_GRPC_SERVER_H_
