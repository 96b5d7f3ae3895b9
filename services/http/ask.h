// Agent.Ask over HTTP: the events as JSON lines, each sent as it happens.
//
//   POST /v1/collections/NAME:ask     body: AskRequest
//   {"step": {...}}
//   {"step": {...}}
//   {"result": {...}}
//
// A call that fails before its first event is answered as every other (gateway.h); one that fails
// later ends with the line {"error": {"code", "status", "message"}}. A client that goes away
// cancels its run; one that reads slowly holds it up. The type is application/x-ndjson.
//
// Thread-safe.

#ifndef FORAKER_SERVICES_HTTP_ASK_H_
#define FORAKER_SERVICES_HTTP_ASK_H_

#include <memory>

#include "services/http/http_server.h"
#include "services/http/rank_places.h"
#include "services/server/agent_api.h"
#include "services/server/call.h"

namespace foraker::http {

// The route borrows `api` and `runner`.
HttpServer::Route AskRoute(server::AgentApi& api, server::CallRunner& runner,
                           const std::shared_ptr<RankPlaces>& places);

}  // namespace foraker::http

#endif  // FORAKER_SERVICES_HTTP_ASK_H_
