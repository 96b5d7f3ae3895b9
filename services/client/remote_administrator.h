// The Administrator of a running server, over gRPC: what `foraker collections --server HOST:PORT`
// uses.
//
// Thread-safe; one channel, shared by all calls, which last as long as their work does. Directories
// are the server's. Errors are those of the server, code and sentence; kUnavailable says that
// nobody answers at the address.

#ifndef FORAKER_SERVICES_CLIENT_REMOTE_ADMINISTRATOR_H_
#define FORAKER_SERVICES_CLIENT_REMOTE_ADMINISTRATOR_H_

#include <memory>

#include "absl/status/statusor.h"
#include "retrieval/api/administrator.h"
#include "services/client/channel.h"

namespace foraker::client {

// Connects before it returns, so that a wrong address is an error here.
absl::StatusOr<std::unique_ptr<retrieval::Administrator>> ConnectAdministrator(
    const ServerOptions& options);

}  // namespace foraker::client

#endif  // FORAKER_SERVICES_CLIENT_REMOTE_ADMINISTRATOR_H_
