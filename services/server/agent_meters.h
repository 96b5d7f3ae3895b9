// What a run of the agent asks of searcher and reranker, counted as if a client had asked.
//
// One run, one thread. Everything else is the other's.

#ifndef FORAKER_SERVICES_SERVER_AGENT_METERS_H_
#define FORAKER_SERVICES_SERVER_AGENT_METERS_H_

#include <memory>

#include "retrieval/api/reranker.h"
#include "retrieval/api/searcher.h"
#include "services/server/call.h"
#include "services/server/metrics.h"

namespace foraker::server {

// Adds searches and postings to `notes`, and to `metrics` unless it is null: the searches are
// another server's. Borrows both.
std::shared_ptr<retrieval::Searcher> MeterSearches(std::shared_ptr<retrieval::Searcher> searcher,
                                                   CallNotes& notes, Metrics* metrics);

// Adds lists to `metrics`.
std::shared_ptr<retrieval::Reranker> MeterRanking(std::shared_ptr<retrieval::Reranker> reranker,
                                                  Metrics& metrics);

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_AGENT_METERS_H_
