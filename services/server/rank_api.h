// The Rank service's methods over messages, without a transport. gRPC (rank_service) and HTTP
// (services/http) both call it.
//
// A call waits for its pass, so it must not run on the threads of searches. Thread-safe. Errors:
// kInvalidArgument naming the field path, kNotFound for a document, kFailedPrecondition without a
// model, kUnavailable while it is loaded, kResourceExhausted with the call's retry_after set, else
// the reranker's.

#ifndef FORAKER_SERVICES_SERVER_RANK_API_H_
#define FORAKER_SERVICES_SERVER_RANK_API_H_

#include "absl/status/status.h"
#include "foraker/v1/rank.pb.h"
#include "services/server/call.h"
#include "services/server/data_slot.h"
#include "services/server/metrics.h"
#include "services/server/rank_slot.h"

namespace foraker::server {

class RankApi {
 public:
  // Borrows all of them.
  RankApi(const DataSlot& data, const RankSlot& ranker, Metrics& metrics)
      : data_(data), ranker_(ranker), metrics_(metrics) {}

  absl::Status Rank(const v1::RankRequest& request, Call& call, v1::RankResponse& response);
  absl::Status GetRankModel(const v1::GetRankModelRequest& request, Call& call,
                            v1::RankModel& response);

 private:
  const DataSlot& data_;
  const RankSlot& ranker_;
  Metrics& metrics_;
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_RANK_API_H_
