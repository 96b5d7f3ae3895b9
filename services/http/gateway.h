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
//   POST /v1/collections/NAME:rank               Rank.Rank              body: RankRequest
//   POST /v1/rank                                Rank.Rank              documents: texts alone
//   GET  /v1/rank/model                          Rank.GetRankModel
//   POST /v1/collections/NAME:ask                Agent.Ask              JSON lines (ask.h)
//   POST /v1/collections/NAME:pin                Index.Pin
//   POST /v1/snapshots:release                   Index.Release
//
//   PUT    /v1/collections/NAME/documents/ID     Index.WriteDocuments   body: Document
//   DELETE /v1/collections/NAME/documents/ID     Index.WriteDocuments
//   POST   /v1/collections/NAME/documents:write  Index.WriteDocuments   body: WriteDocumentsRequest
//   POST   /v1/collections/NAME/documents:delete Index.DeleteDocuments
//
//   POST   /v1/collections                       Index.CreateCollection
//   DELETE /v1/collections/NAME                  Index.DropCollection
//   POST   /v1/collections/NAME:VERB             Index.UpdateCollection, PublishIdf,
//                                                FlushCollection, CompactCollection, AttachShards,
//                                                ImportSnapshot; VERB: update, publishIdf, flush,
//                                                compact, attach, importSnapshot
//   POST   /v1/aliases/NAME:set                  Index.SetAlias
//   POST   /v1/collections/NAME/snapshots/NAME:VERB
//                                                Index.CreateSnapshot, DropSnapshot,
//                                                RestoreSnapshot; VERB: create, drop, restore
//
// StreamDocuments and RebuildCollection are gRPC's alone. Calls that wait for models, Ask too,
// may hold half of the listener's threads; more of them are RESOURCE_EXHAUSTED. PUT and DELETE of
// one document answer with a WriteResult, or with the error that stands in it. Names in a path are
// written into the request. Unknown JSON members are errors. An error is {"code": 3, "status":
// "INVALID_ARGUMENT", "message": "..."} under the HTTP status that services/convert/status.h gives
// its code; Retry-After (seconds) comes with 429.

#ifndef FORAKER_SERVICES_HTTP_GATEWAY_H_
#define FORAKER_SERVICES_HTTP_GATEWAY_H_

#include <memory>
#include <vector>

#include "services/http/http_server.h"
#include "services/http/rank_places.h"
#include "services/server/apis.h"

namespace foraker::http {

// The routes borrow what their arguments refer to.
std::vector<HttpServer::Route> GatewayRoutes(const server::Apis& apis,
                                             const server::Runners& runners,
                                             const std::shared_ptr<RankPlaces>& places);

}  // namespace foraker::http

#endif  // FORAKER_SERVICES_HTTP_GATEWAY_H_
