// The methods that change collections as wholes over messages, without a transport: see
// search_api.h.
//
// Thread-safe. Errors: kInvalidArgument naming the field path, kUnavailable while nothing is
// loaded, kFailedPrecondition where the directory is only read, else the administrator's.

#ifndef FORAKER_SERVICES_SERVER_ADMIN_API_H_
#define FORAKER_SERVICES_SERVER_ADMIN_API_H_

#include <atomic>
#include <string>

#include "absl/status/status.h"
#include "foraker/v1/index.pb.h"
#include "retrieval/api/administrator.h"
#include "retrieval/api/limits.h"
#include "services/server/call.h"
#include "services/server/data_slot.h"

namespace foraker::server {

class AdminApi {
 public:
  // Borrows the slot.
  AdminApi(const DataSlot& slot, const retrieval::RequestLimits& limits)
      : slot_(slot), limits_(limits) {}

  absl::Status CreateCollection(const v1::CreateCollectionRequest& request, Call& call,
                                v1::Collection& response);
  absl::Status DropCollection(const v1::DropCollectionRequest& request, Call& call,
                              v1::DropCollectionResponse& response);
  absl::Status UpdateCollection(const v1::UpdateCollectionRequest& request, Call& call,
                                v1::Collection& response);
  absl::Status PublishIdf(const v1::PublishIdfRequest& request, Call& call,
                          v1::Collection& response);
  absl::Status SetAlias(const v1::SetAliasRequest& request, Call& call,
                        v1::SetAliasResponse& response);
  absl::Status CreateSnapshot(const v1::CreateSnapshotRequest& request, Call& call,
                              v1::CreateSnapshotResponse& response);
  absl::Status DropSnapshot(const v1::DropSnapshotRequest& request, Call& call,
                            v1::DropSnapshotResponse& response);
  absl::Status RestoreSnapshot(const v1::RestoreSnapshotRequest& request, Call& call,
                               v1::Collection& response);
  absl::Status ImportSnapshot(const v1::ImportSnapshotRequest& request, Call& call,
                              v1::Collection& response);
  absl::Status FlushCollection(const v1::FlushCollectionRequest& request, Call& call,
                               v1::Collection& response);
  absl::Status CompactCollection(const v1::CompactCollectionRequest& request, Call& call,
                                 v1::Collection& response);
  absl::Status AttachShards(const v1::AttachShardsRequest& request, Call& call,
                            v1::Collection& response);
  // Until it is done or `cancel` is set.
  absl::Status RebuildCollection(const v1::RebuildCollectionRequest& request, Call& call,
                                 const retrieval::OnProgress& on_progress,
                                 const std::atomic<bool>& cancel);

 private:
  // The collection as the change left it.
  absl::Status Describe(const std::string& collection, v1::Collection& response) const;

  const DataSlot& slot_;
  const retrieval::RequestLimits limits_;
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_ADMIN_API_H_
