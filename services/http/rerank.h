// POST /v1/rerank and /v2/rerank, as Jina and Cohere answer them.
//
//   {"model": "...", "query": "...", "documents": ["...", {"text": "..."}], "top_n": 2,
//    "return_documents": true, "max_tokens_per_doc": 512}
//   {"id": "...", "model": "...", "results": [{"index": 1, "relevance_score": 0.9,
//    "document": {"text": "..."}}, ...], "meta": {...}, "usage": {...}}
//
// A server has one model: any name of one is taken, since clients insist on sending one, and the
// reply holds the name of the one that ranked. relevance_score is a share of the list's attention
// (rank.proto): it compares inside one reply alone. Further members of a document come back with
// it, unread; rank_fields may be ["text"], which it always is. return_documents is true by default
// under /v1 (Jina), false under /v2 (Cohere). id is the request id. An error is {"id", "message"
// (Cohere), "detail" (Jina)} under the HTTP status of its code.

#ifndef FORAKER_SERVICES_HTTP_RERANK_H_
#define FORAKER_SERVICES_HTTP_RERANK_H_

#include <memory>
#include <vector>

#include "services/http/http_server.h"
#include "services/http/rank_places.h"
#include "services/server/apis.h"

namespace foraker::http {

// Borrows what `apis` and `runners` refer to.
std::vector<HttpServer::Route> RerankRoutes(const server::Apis& apis,
                                            const server::Runners& runners,
                                            const std::shared_ptr<RankPlaces>& places);

}  // namespace foraker::http

#endif  // FORAKER_SERVICES_HTTP_RERANK_H_
