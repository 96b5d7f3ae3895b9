// The Agent of a running server, over gRPC: what `foraker ask --server HOST:PORT` uses.
//
// Thread-safe; one channel, shared by all calls. Steps come as they happen, on the thread that
// called Ask. The budget's deadline is the call's; a run without one may take its time, what it
// waits for its turn, and the way back. A call that finds the server away or full is tried again
// for a while, as long as nothing of its run has come. AskRequest::cancelled is asked about twenty
// times a second; the server knows the caller by its key. Errors are those of the server, code and
// sentence; kUnavailable says that nobody answers at the address, kInternal that a reply makes no
// sense.

#ifndef FORAKER_SERVICES_CLIENT_REMOTE_AGENT_H_
#define FORAKER_SERVICES_CLIENT_REMOTE_AGENT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/agent.h"
#include "services/client/channel.h"

namespace foraker::client {

// For how long a question is sent again.
inline constexpr absl::Duration kAskPatience = absl::Seconds(30);

// Connects before it returns, so that a wrong address is an error here.
absl::StatusOr<std::unique_ptr<agent::Agent>> ConnectAgent(const ServerOptions& options,
                                                           absl::Duration patience = kAskPatience);

}  // namespace foraker::client

#endif  // FORAKER_SERVICES_CLIENT_REMOTE_AGENT_H_
