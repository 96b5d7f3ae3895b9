// The methods that write documents over messages, without a transport: see search_api.h.
//
// Thread-safe. Errors: kInvalidArgument naming the field path, kUnavailable while nothing is
// loaded, kFailedPrecondition where the directory is only read, else the writer's; with
// kResourceExhausted the call says when to try again.

#ifndef FORAKER_SERVICES_SERVER_WRITE_API_H_
#define FORAKER_SERVICES_SERVER_WRITE_API_H_

#include "absl/status/status.h"
#include "foraker/v1/index.pb.h"
#include "retrieval/api/limits.h"
#include "services/server/call.h"
#include "services/server/data_slot.h"
#include "services/server/metrics.h"

namespace foraker::server {

class WriteApi {
 public:
  // Borrows slot and metrics.
  WriteApi(const DataSlot& slot, Metrics& metrics, const retrieval::RequestLimits& limits)
      : slot_(slot), metrics_(metrics), limits_(limits) {}

  // One request, or one batch of a stream.
  absl::Status WriteDocuments(const v1::WriteDocumentsRequest& request, Call& call,
                              v1::WriteDocumentsResponse& response);
  absl::Status DeleteDocuments(const v1::DeleteDocumentsRequest& request, Call& call,
                               v1::DeleteDocumentsResponse& response);

 private:
  const DataSlot& slot_;
  Metrics& metrics_;
  const retrieval::RequestLimits limits_;
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_WRITE_API_H_
