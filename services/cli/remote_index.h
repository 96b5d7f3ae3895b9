// `foraker index --server`: the lines of the inputs, as documents, into a collection of a running
// server.
//
//   files ─► lines ─► parse ─► by hash of id ─► streams (threads) ─► StreamDocuments
//
// The documents of one id go through one stream, in the order of the input, so that a later line
// wins over an earlier one, as it does in a batch build. Each batch is acknowledged by the server;
// a server that restarts meanwhile is waited for.
//
// Errors: kInvalidArgument for settings and (strict) for a line: "FILE:LINE: what was expected";
// kCancelled after Ctrl-C, what was acknowledged then stays; else those of the server and of the
// inputs.

#ifndef FORAKER_SERVICES_CLI_REMOTE_INDEX_H_
#define FORAKER_SERVICES_CLI_REMOTE_INDEX_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "retrieval/api/writer.h"
#include "retrieval/ingest/batch_build.h"
#include "services/client/channel.h"

namespace foraker::cli {

struct RemoteIndexResult {
  bool created = false;  // the collection
  uint64_t documents = 0;
  uint64_t replaced = 0;  // older copies of an id, in the input or the collection
  uint64_t rejected = 0;  // lines
  uint64_t dropped_terms = 0, dropped_tokens = 0;
  uint64_t sequence = 0;  // of the last write
  double seconds = 0;
};

// Of `build`, what a server has no say in is taken: collection, inputs, kind, settings, fields,
// strict, drop_small_weights; `threads` streams (0: one a core).
absl::StatusOr<RemoteIndexResult> RunRemoteIndex(const client::ServerOptions& server,
                                                 const retrieval::BatchBuildOptions& build,
                                                 retrieval::WriteWait wait);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_REMOTE_INDEX_H_
