// The Searcher of a running server, over gRPC: what `foraker search --server HOST:PORT` uses.
//
// Thread-safe; one channel, shared by all calls. Errors are those of the server, code and sentence;
// kUnavailable says that nobody answers at the address. A search's deadline travels as the time
// limit of its scan, and the call itself may take a little longer, so that a scan which it stops
// still returns what it has. A rerank is bounded by the deadline of its options, not by that of the
// scan; its `cancelled` is not asked.

#ifndef FORAKER_SERVICES_CLIENT_REMOTE_SEARCHER_H_
#define FORAKER_SERVICES_CLIENT_REMOTE_SEARCHER_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "retrieval/api/searcher.h"
#include "services/client/channel.h"

namespace foraker::client {

// Of the calls of one piece of work.
struct CallBounds {
  absl::Time end = absl::InfiniteFuture();  // no call lasts longer: kDeadlineExceeded
  std::function<bool()> cancelled;          // asked about twenty times a second; may be null
};

// Connects before it returns, so that a wrong address is an error here.
absl::StatusOr<std::unique_ptr<retrieval::Searcher>> ConnectSearcher(const ServerOptions& options);

// For one piece of work over a channel that is open. Whoever releases a snapshot does not wait for
// the server, which forgets it by itself if it does not hear of it.
std::unique_ptr<retrieval::Searcher> MakeSearcher(const ServerOptions& options,
                                                  std::shared_ptr<grpc::Channel> channel,
                                                  CallBounds bounds);

}  // namespace foraker::client

#endif  // FORAKER_SERVICES_CLIENT_REMOTE_SEARCHER_H_
