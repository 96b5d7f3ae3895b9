// Paths that clients of other systems already call, over the same methods as the JSON gateway: so
// that this server can stand where theirs did. Keys, limits, quotas, metrics and the log are those
// of the methods (Search, BatchSearch, Rank).
//
//   GET  /api/search               ColBERT's search server: FrugalRAG, DSPy (colbert_search.h)
//   POST /retrieve                 Search-R1's retrieval server (search_r1_retrieve.h)
//   POST /v1/rerank, /v2/rerank    Jina and Cohere (rerank.h)

#ifndef FORAKER_SERVICES_HTTP_COMPATIBLE_ROUTES_H_
#define FORAKER_SERVICES_HTTP_COMPATIBLE_ROUTES_H_

#include <memory>
#include <string>
#include <vector>

#include "services/http/http_server.h"
#include "services/http/rank_places.h"
#include "services/server/apis.h"

namespace foraker::http {

// `default_collection`: the setting (default_collection.h). The routes borrow what `apis` and
// `runners` refer to.
std::vector<HttpServer::Route> CompatibleRoutes(const server::Apis& apis,
                                                const server::Runners& runners,
                                                const std::shared_ptr<RankPlaces>& places,
                                                const std::string& default_collection);

}  // namespace foraker::http

#endif  // FORAKER_SERVICES_HTTP_COMPATIBLE_ROUTES_H_
