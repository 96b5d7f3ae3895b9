// The reading half of the Index service over messages, without a transport: see search_api.h.
//
// Thread-safe. Errors: kInvalidArgument naming the field path, kUnavailable while nothing is
// loaded, else the searcher's.

#ifndef FORAKER_SERVICES_SERVER_INDEX_API_H_
#define FORAKER_SERVICES_SERVER_INDEX_API_H_

#include "absl/status/status.h"
#include "foraker/v1/index.pb.h"
#include "retrieval/api/limits.h"
#include "services/server/call.h"
#include "services/server/data_slot.h"

namespace foraker::server {

class IndexApi {
 public:
  // Borrows the slot.
  IndexApi(const DataSlot& slot, const retrieval::RequestLimits& limits)
      : slot_(slot), limits_(limits) {}

  absl::Status GetDocuments(const v1::GetDocumentsRequest& request, Call& call,
                            v1::GetDocumentsResponse& response);
  absl::Status ListDocuments(const v1::ListDocumentsRequest& request, Call& call,
                             v1::ListDocumentsResponse& response);
  absl::Status ListCollections(const v1::ListCollectionsRequest& request, Call& call,
                               v1::ListCollectionsResponse& response);
  absl::Status GetCollection(const v1::GetCollectionRequest& request, Call& call,
                             v1::Collection& response);
  absl::Status Pin(const v1::PinRequest& request, Call& call, v1::SnapshotLease& response);
  absl::Status Release(const v1::ReleaseRequest& request, Call& call,
                       v1::ReleaseResponse& response);

 private:
  const DataSlot& slot_;
  const retrieval::RequestLimits limits_;
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_INDEX_API_H_
