// The Writer of a running server, over gRPC: what `foraker update --server HOST:PORT` uses.
//
// Thread-safe; one channel, shared by all calls. A call that finds the server away or full is tried
// again for a while: a write carries a request id, made here if the caller gave none, so that what
// the server has written already is not written twice. Errors are those of the server, code and
// sentence; kUnavailable says that nobody answers at the address.

#ifndef FORAKER_SERVICES_CLIENT_REMOTE_WRITER_H_
#define FORAKER_SERVICES_CLIENT_REMOTE_WRITER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "retrieval/api/writer.h"
#include "services/client/channel.h"

namespace foraker::client {

// For how long a call is tried again.
inline constexpr absl::Duration kPatience = absl::Seconds(30);

// Connects before it returns, so that a wrong address is an error here.
absl::StatusOr<std::unique_ptr<retrieval::Writer>> ConnectWriter(
    const ServerOptions& options, absl::Duration patience = kPatience);

}  // namespace foraker::client

#endif  // FORAKER_SERVICES_CLIENT_REMOTE_WRITER_H_
