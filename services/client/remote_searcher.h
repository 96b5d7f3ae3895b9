// The Searcher of a running server, over gRPC: what `foraker search --server HOST:PORT` uses.
//
// Thread-safe; one channel, shared by all calls. Errors are those of the server, code and sentence;
// kUnavailable says that nobody answers at the address. A search's deadline travels as the time
// limit of its scan, and the call itself may take a little longer, so that a scan which it stops
// still returns what it has. A rerank is bounded by the deadline of its options, not by that of the
// scan; its `cancelled` is not asked.

#ifndef FORAKER_SERVICES_CLIENT_REMOTE_SEARCHER_H_
#define FORAKER_SERVICES_CLIENT_REMOTE_SEARCHER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "retrieval/api/searcher.h"
#include "services/client/channel.h"

namespace foraker::client {

// Connects before it returns, so that a wrong address is an error here.
absl::StatusOr<std::unique_ptr<retrieval::Searcher>> ConnectSearcher(const ServerOptions& options);

}  // namespace foraker::client

#endif  // FORAKER_SERVICES_CLIENT_REMOTE_SEARCHER_H_
