#include "services/server/apis.h"

#include <algorithm>

namespace foraker::server {

CallRunner& Runners::ForSearch(const v1::BatchSearchRequest& request) const {
  const auto reranks = [](const v1::SearchRequest& search) { return search.has_rerank(); };
  const auto& searches = request.requests();
  return std::any_of(searches.begin(), searches.end(), reranks) ? rank : read;
}

}  // namespace foraker::server
