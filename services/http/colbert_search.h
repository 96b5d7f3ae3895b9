// GET /api/search?query=TEXT&k=N, as the search servers of ColBERT answer it: clients are those of
// FrugalRAG and DSPy.
//
//   {"query": TEXT, "topk": [{"text": "Title | passage", "pid": ID, "rank": 1, "score": 12.5,
//                             "prob": 0.7}, ...]}
//
// k is 1-10,000, by default 10. pid is the document's id, text its best passage after its title;
// prob is the softmax of the returned scores, as there. ?collection= is an extension. An error is
// {"error": true, "message": "..."} under the HTTP status of its code.

#ifndef FORAKER_SERVICES_HTTP_COLBERT_SEARCH_H_
#define FORAKER_SERVICES_HTTP_COLBERT_SEARCH_H_

#include "services/http/default_collection.h"
#include "services/http/http_server.h"
#include "services/server/apis.h"

namespace foraker::http {

// Borrows what `apis` and `runners` refer to.
HttpServer::Route ColbertSearchRoute(const server::Apis& apis, const server::Runners& runners,
                                     const DefaultCollection& collection);

}  // namespace foraker::http

#endif  // FORAKER_SERVICES_HTTP_COLBERT_SEARCH_H_
