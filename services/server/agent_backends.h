// What the agent's runs work on: searcher, reranker and language model, each of this process or,
// by the settings, of another server.
//
//   agent.search_server   unset: the data that is served here; else a server's Search and Index
//   agent.rank_server     unset: the model that ranks here, if any; else a server's Rank
//   llm.url               unset: no language model; else a chat endpoint
//
// Servers elsewhere are connected to when a run first needs them, and then again by gRPC itself:
// nobody has to be started first. Calls to them end when their run does (client::CallBounds).
//
// Thread-safe. Borrows the slots. Errors: those of the slots; kUnavailable, naming the setting, for
// a server that cannot be reached.

#ifndef FORAKER_SERVICES_SERVER_AGENT_BACKENDS_H_
#define FORAKER_SERVICES_SERVER_AGENT_BACKENDS_H_

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "agent/agent.h"
#include "agent/live_backend.h"
#include "agent/local_agent.h"
#include "services/client/channel.h"
#include "services/config/settings.h"
#include "services/server/call.h"
#include "services/server/data_slot.h"
#include "services/server/metrics.h"
#include "services/server/rank_slot.h"

namespace foraker::server {

class AgentBackends {
 public:
  // `chat` may be null.
  AgentBackends(const config::Settings& settings, const DataSlot& data, const RankSlot& ranker,
                Metrics& metrics, std::shared_ptr<agent::ChatModel> chat);

  // Of one run, which counts into `notes` what it searches for; they live as long as the run.
  // kFailedPrecondition where the request wants a model that is not there.
  absl::StatusOr<agent::Services> For(const agent::AskRequest& request, CallNotes& notes);

  // Of the collections' names where they are another server's; null: they are this one's.
  const CollectionResolver* resolver() const { return resolver_ ? &resolver_ : nullptr; }

 private:
  // A server elsewhere.
  class Remote {
   public:
    Remote(const char* setting, client::ServerOptions options)
        : setting_(setting), options_(std::move(options)) {}
    bool set() const { return !options_.address.empty(); }
    const client::ServerOptions& options() const { return options_; }
    absl::StatusOr<std::shared_ptr<grpc::Channel>> Channel();

   private:
    const char* const setting_;
    const client::ServerOptions options_;
    std::mutex mutex_;
    std::shared_ptr<grpc::Channel> channel_;
  };

  absl::StatusOr<std::shared_ptr<retrieval::Searcher>> Searcher(const agent::AskRequest& request,
                                                                CallNotes& notes);
  absl::StatusOr<std::shared_ptr<retrieval::Reranker>> Reranker();
  absl::StatusOr<std::string> ResolveThere(std::string_view name);

  const DataSlot& data_;
  const RankSlot& ranker_;
  Metrics& metrics_;
  Remote search_server_, rank_server_;
  const std::shared_ptr<agent::ChatModel> chat_;  // null: there is none
  CollectionResolver resolver_;
};

// What is made of the settings "agent.*" and "llm.*" and the files that they name before there is a
// server.
struct AgentSetup {
  agent::AgentOptions options;
  std::shared_ptr<agent::ChatModel> chat;  // null: there is none
};
// Connects to nothing. Errors begin with the setting.
absl::StatusOr<AgentSetup> OpenAgentSetup(const config::Settings& settings);

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_AGENT_BACKENDS_H_
