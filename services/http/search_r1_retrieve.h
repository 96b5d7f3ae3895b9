// POST /retrieve, as the retrieval server of Search-R1 answers it.
//
//   {"queries": ["...", ...], "topk": 3, "return_scores": true}
//   {"result": [[{"document": {"id": ID, "contents": "\"Title\"\npassage"}, "score": 12.5}, ...],
//               ...]}
//
// Without return_scores (the default) the lists hold the documents themselves. contents is what a
// line of that project's corpora holds: the title in quotes (which may be empty), then the passage;
// the client takes the first line for the title. At most 10,000 queries, none at all too (a step of
// a training run in which nobody searches), of 100,000 documents together, all as of one snapshot.
// "collection" is an extension. A wrong member is HTTP 422 with {"detail": [{"type", "loc",
// "msg"}]}, another error {"detail": "..."}, both as FastAPI has them.

#ifndef FORAKER_SERVICES_HTTP_SEARCH_R1_RETRIEVE_H_
#define FORAKER_SERVICES_HTTP_SEARCH_R1_RETRIEVE_H_

#include "services/http/default_collection.h"
#include "services/http/http_server.h"
#include "services/server/apis.h"

namespace foraker::http {

// Borrows what `apis` and `runners` refer to.
HttpServer::Route SearchR1RetrieveRoute(const server::Apis& apis, const server::Runners& runners,
                                        const DefaultCollection& collection);

}  // namespace foraker::http

#endif  // FORAKER_SERVICES_HTTP_SEARCH_R1_RETRIEVE_H_
