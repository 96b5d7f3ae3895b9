// The Search service's methods over messages, without a transport: check, convert, ask the
// searcher, convert back. gRPC (search_service) and HTTP (services/http) both call it.
//
// Thread-safe. Errors: kInvalidArgument naming the field path, kUnavailable while nothing is
// loaded, else the searcher's.

#ifndef FORAKER_SERVICES_SERVER_SEARCH_API_H_
#define FORAKER_SERVICES_SERVER_SEARCH_API_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "foraker/v1/search.pb.h"
#include "retrieval/api/limits.h"
#include "services/server/call.h"
#include "services/server/data_slot.h"
#include "services/server/rank_slot.h"
#include "services/server/worker_pool.h"

namespace foraker::server {

class SearchApi {
 public:
  // Borrows all of them.
  SearchApi(const DataSlot& slot, const RankSlot& ranker, WorkerPool& pool, Metrics& metrics,
            const retrieval::RequestLimits& limits)
      : slot_(slot), ranker_(ranker), pool_(pool), metrics_(metrics), limits_(limits) {}

  absl::Status Search(const v1::SearchRequest& request, Call& call, v1::SearchResponse& response);
  absl::Status BatchSearch(const v1::BatchSearchRequest& request, Call& call,
                           v1::BatchSearchResponse& response);
  absl::Status PredictPostings(const v1::PredictPostingsRequest& request, Call& call,
                               v1::PredictPostingsResponse& response);
  absl::Status Analyze(const v1::AnalyzeRequest& request, Call& call,
                       v1::AnalyzeResponse& response);
  absl::Status Links(const v1::LinksRequest& request, Call& call, v1::LinksResponse& response);

 private:
  // The searches of a batch, beside each other where none waits for the model that ranks.
  void RunBatch(const v1::BatchSearchRequest& request, absl::FunctionRef<void(size_t)> search);
  // One search whose request holds no unknown fields. Adds to `notes`.
  absl::Status SearchOne(retrieval::Searcher& searcher, const v1::SearchRequest& request,
                         const Call& call, CallNotes& notes, v1::SearchResponse& response);

  const DataSlot& slot_;
  const RankSlot& ranker_;
  WorkerPool& pool_;
  Metrics& metrics_;
  const retrieval::RequestLimits limits_;
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_SEARCH_API_H_
