// A backend over what really answers: a searcher, a reranker and a chat model, each in this process
// or a gRPC or HTTP client of one elsewhere.
//
// It holds the run's collection, snapshot and filter, cuts passages out of the documents that come
// back, and releases the snapshot that it pinned when it goes. One run, one thread.

#ifndef FORAKER_AGENT_LIVE_BACKEND_H_
#define FORAKER_AGENT_LIVE_BACKEND_H_

#include <memory>

#include "agent/agent.h"
#include "agent/backend.h"

namespace foraker::agent {

struct Services {
  std::shared_ptr<retrieval::Searcher> searcher;  // required
  std::shared_ptr<retrieval::Reranker> reranker;  // may be null
  std::shared_ptr<ChatModel> chat;                // may be null
};

std::unique_ptr<Backend> MakeLiveBackend(const Services& services, const AskRequest& request);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LIVE_BACKEND_H_
