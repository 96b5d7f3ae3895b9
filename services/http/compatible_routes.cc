#include "services/http/compatible_routes.h"

#include "services/http/colbert_search.h"
#include "services/http/default_collection.h"
#include "services/http/rerank.h"
#include "services/http/search_r1_retrieve.h"

namespace foraker::http {

std::vector<HttpServer::Route> CompatibleRoutes(const server::Apis& apis,
                                                const server::Runners& runners,
                                                const std::shared_ptr<RankPlaces>& places,
                                                const std::string& default_collection) {
  std::vector<HttpServer::Route> routes = RerankRoutes(apis, runners, places);
  const DefaultCollection collection(apis.index, default_collection);
  routes.push_back(ColbertSearchRoute(apis, runners, collection));
  routes.push_back(SearchR1RetrieveRoute(apis, runners, collection));
  return routes;
}

}  // namespace foraker::http
