// The Reranker of a running server, over gRPC: what `foraker rank --server HOST:PORT` uses.
//
// Thread-safe; one channel, shared by all calls. A call that finds the server away or full is tried
// again for a while, not beyond its deadline. RankOptions::cancelled is asked about ten times a
// second; the server knows the caller by its key. Errors are those of the server, code and
// sentence; kUnavailable says that nobody answers at the address.

#ifndef FORAKER_SERVICES_CLIENT_REMOTE_RERANKER_H_
#define FORAKER_SERVICES_CLIENT_REMOTE_RERANKER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "retrieval/api/reranker.h"
#include "services/client/channel.h"

namespace foraker::client {

// For how long a list is sent again.
inline constexpr absl::Duration kRankPatience = absl::Seconds(30);

// Connects before it returns, so that a wrong address is an error here.
absl::StatusOr<std::unique_ptr<retrieval::Reranker>> ConnectReranker(
    const ServerOptions& options, absl::Duration patience = kRankPatience);
// Over a channel that is open.
std::unique_ptr<retrieval::Reranker> MakeReranker(const ServerOptions& options,
                                                  std::shared_ptr<grpc::Channel> channel,
                                                  absl::Duration patience);

}  // namespace foraker::client

#endif  // FORAKER_SERVICES_CLIENT_REMOTE_RERANKER_H_
