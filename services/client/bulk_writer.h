// Many batches into a collection of a running server, over one stream: what `foraker index
// --server` uses.
//
//   Write ─► batches without a reply (a few) ─► StreamDocuments ─► replies, in order ─► on_reply
//
// A batch is kept until its reply has come. When the stream breaks because the server goes away or
// has too much to do, another one is opened and what has no reply is sent again under the same
// request ids, so that nothing is lost and nothing is written twice. Batches take effect in the
// order of the calls.
//
// One thread. Errors: those of the server, once trying again is in vain; what on_reply returns.

#ifndef FORAKER_SERVICES_CLIENT_BULK_WRITER_H_
#define FORAKER_SERVICES_CLIENT_BULK_WRITER_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "retrieval/api/writer.h"
#include "services/client/channel.h"

namespace foraker::client {

class BulkWriter {
 public:
  // An error ends the work.
  using OnReply = std::function<absl::Status(const retrieval::WriteReply&)>;

  // Connects. Writers with different `connection` numbers never share a connection.
  static absl::StatusOr<std::unique_ptr<BulkWriter>> Connect(const ServerOptions& options,
                                                             int connection, OnReply on_reply);
  // Batches without a reply may be written or not.
  virtual ~BulkWriter() = default;

  // Waits while too many batches have no reply; on_reply is called from here.
  virtual absl::Status Write(const retrieval::WriteRequest& batch) = 0;
  // Returns when every batch has its reply. The last call.
  virtual absl::Status Finish() = 0;
};

}  // namespace foraker::client

#endif  // FORAKER_SERVICES_CLIENT_BULK_WRITER_H_
