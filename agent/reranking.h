// Puts a search's passages into the order of a language model that reads them all (BlockRank).
//
// Errors: the session's; kInternal for a reply that is no order of the passages it was given. The
// passages then stand as they did.

#ifndef FORAKER_AGENT_RERANKING_H_
#define FORAKER_AGENT_RERANKING_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "agent/session.h"
#include "agent/trajectory.h"

namespace foraker::agent {

// Passages without any text follow those that were ranked.
absl::Status Rerank(const std::string& query, Session& session, std::vector<Passage>& passages);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_RERANKING_H_
