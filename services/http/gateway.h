// The JSON gateway: the gRPC methods as HTTP paths, with protobuf's own JSON mapping.
//
//   GET  /v1/collections                         Index.ListCollections  ?pageSize= &pageToken=
//   GET  /v1/collections/NAME                    Index.GetCollection
//   GET  /v1/collections/NAME/documents          Index.ListDocuments    ?pageSize= &pageToken=
//   GET  /v1/collections/NAME/documents/ID       Index.GetDocuments (one)
//   POST /v1/collections/NAME:search             Search.Search          body: SearchRequest
//   POST /v1/collections/NAME:batchSearch        Search.BatchSearch
//   POST /v1/collections/NAME:predictPostings    Search.PredictPostings
//   POST /v1/collections/NAME:analyze            Search.Analyze
//   POST /v1/collections/NAME:links              Search.Links
//   POST /v1/collections/NAME:pin                Index.Pin
//   POST /v1/snapshots:release                   Index.Release
//
// The collection in a path is written into the request. Unknown JSON members are errors. An error
// is {"code": 3, "status": "INVALID_ARGUMENT", "message": "..."} under the HTTP status that
// services/convert/status.h gives its code; Retry-After (seconds) comes with 429.

#ifndef FORAKER_SERVICES_HTTP_GATEWAY_H_
#define FORAKER_SERVICES_HTTP_GATEWAY_H_

#include <vector>

#include "services/http/http_server.h"
#include "services/server/call.h"
#include "services/server/index_api.h"
#include "services/server/search_api.h"

namespace foraker::http {

// The routes borrow their arguments.
std::vector<HttpServer::Route> GatewayRoutes(server::SearchApi& search, server::IndexApi& index,
                                             server::CallRunner& runner);

}  // namespace foraker::http

#endif  // FORAKER_SERVICES_HTTP_GATEWAY_H_
