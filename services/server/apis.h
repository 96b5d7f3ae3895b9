// All methods of the services, and what runs their calls: what the gRPC services and the JSON
// gateway are made over.

#ifndef FORAKER_SERVICES_SERVER_APIS_H_
#define FORAKER_SERVICES_SERVER_APIS_H_

#include "services/server/admin_api.h"
#include "services/server/agent_api.h"
#include "services/server/call.h"
#include "services/server/index_api.h"
#include "services/server/rank_api.h"
#include "services/server/search_api.h"
#include "services/server/write_api.h"

namespace foraker::server {

struct Apis {
  SearchApi& search;
  IndexApi& index;
  WriteApi& write;
  AdminApi& admin;
  RankApi& rank;
  AgentApi& agent;
};

// Each has threads of its own: batches that are encoded do not keep searches waiting, nor do merges
// keep writes, and what waits for the model that ranks, searches with a rerank too, keeps nothing
// else waiting; nor does what the agent runs, which waits for that model and others.
struct Runners {
  CallRunner& read;
  CallRunner& write;
  CallRunner& admin;
  CallRunner& rank;
  CallRunner& agent;

  CallRunner& ForSearch(const v1::SearchRequest& request) const {
    return request.has_rerank() ? rank : read;
  }
  CallRunner& ForSearch(const v1::BatchSearchRequest& request) const;
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_APIS_H_
