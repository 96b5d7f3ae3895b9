#include "services/server/agent_backends.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/budget.h"
#include "agent/llm/chat_client.h"
#include "agent/llm/llm_planner.h"
#include "base/file.h"
#include "base/status.h"
#include "services/client/remote_reranker.h"
#include "services/client/remote_searcher.h"
#include "services/server/agent_meters.h"

namespace foraker::server {
namespace {

client::ServerOptions There(const config::Settings& settings, const std::string& address) {
  client::ServerOptions options;
  options.address = address;
  options.api_key = settings.agent_server_key;
  options.tls_ca = settings.agent_tls_ca;
  options.tls_cert = settings.agent_tls_cert;
  options.tls_key = settings.agent_tls_private_key;
  return options;
}

// No call of a run lasts beyond it.
client::CallBounds BoundsOf(const agent::AskRequest& request) {
  return {agent::Meter(request.budget, absl::Now()).ends(), request.cancelled};
}

bool WantsChat(const agent::AskRequest& request) {
  return request.planner == agent::PlannerKind::kLlm ||
         request.answerer == agent::AnswererKind::kLlm;
}

absl::StatusOr<agent::AgentOptions> ReadOptions(const config::Settings& settings) {
  agent::AgentOptions options;
  options.max_searches = settings.agent_max_searches;
  options.max_passages = settings.agent_max_passages;
  options.max_time = settings.agent_max_time;
  options.chat_model = settings.llm_model;
  if (!settings.agent_stop_policy.empty()) {
    ASSIGN_OR_RETURN(const std::string json, base::ReadFile(settings.agent_stop_policy));
    absl::StatusOr<agent::StopPolicy> policy = agent::StopPolicy::FromJson(json);
    if (!policy.ok()) {
      return base::Annotate(policy.status(),
                            absl::StrCat("agent.stop_policy: ", settings.agent_stop_policy));
    }
    options.stop_policy = *std::move(policy);
  }
  if (!settings.llm_examples.empty()) {
    ASSIGN_OR_RETURN(options.examples, base::ReadFile(settings.llm_examples));
    const auto planner = agent::MakeLlmPlanner({.examples = options.examples});
    if (!planner.ok()) {
      return base::Annotate(planner.status(),
                            absl::StrCat("llm.examples: ", settings.llm_examples));
    }
  }
  return options;
}

absl::StatusOr<std::shared_ptr<agent::ChatModel>> MakeChat(const config::Settings& settings) {
  if (settings.llm_url.empty()) return nullptr;
  agent::ChatClientOptions options;
  options.url = settings.llm_url;
  options.model = settings.llm_model;
  options.api_key = settings.llm_api_key;
  options.stall_timeout = settings.llm_timeout;
  auto client = agent::ChatClient::Make(std::move(options));
  if (!client.ok()) return base::Annotate(client.status(), "llm");
  return std::shared_ptr<agent::ChatModel>(*std::move(client));
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> AgentBackends::Remote::Channel() {
  const std::lock_guard lock(mutex_);
  if (channel_ != nullptr) return channel_;
  absl::StatusOr<std::shared_ptr<grpc::Channel>> opened = client::OpenChannel(options_);
  if (!opened.ok()) return base::Annotate(opened.status(), setting_);
  channel_ = *std::move(opened);
  return channel_;
}

AgentBackends::AgentBackends(const config::Settings& settings, const DataSlot& data,
                             const RankSlot& ranker, Metrics& metrics,
                             std::shared_ptr<agent::ChatModel> chat)
    : data_(data),
      ranker_(ranker),
      metrics_(metrics),
      search_server_("agent.search_server", There(settings, settings.agent_search_server)),
      rank_server_("agent.rank_server", There(settings, settings.agent_rank_server)),
      chat_(std::move(chat)) {
  if (search_server_.set()) {
    resolver_ = [this](std::string_view name) { return ResolveThere(name); };
  }
}

absl::StatusOr<std::string> AgentBackends::ResolveThere(std::string_view name) {
  ASSIGN_OR_RETURN(auto channel, search_server_.Channel());
  return client::MakeSearcher(search_server_.options(), std::move(channel), {})->Resolve(name);
}

absl::StatusOr<std::shared_ptr<retrieval::Searcher>> AgentBackends::Searcher(
    const agent::AskRequest& request, CallNotes& notes) {
  if (!search_server_.set()) {
    ASSIGN_OR_RETURN(auto searcher, data_.Searcher());
    return MeterSearches(std::move(searcher), notes, &metrics_);
  }
  ASSIGN_OR_RETURN(auto channel, search_server_.Channel());
  return MeterSearches(
      client::MakeSearcher(search_server_.options(), std::move(channel), BoundsOf(request)), notes,
      nullptr);
}

absl::StatusOr<std::shared_ptr<retrieval::Reranker>> AgentBackends::Reranker() {
  if (!rank_server_.set()) {
    ASSIGN_OR_RETURN(const auto ranker, ranker_.Get());
    return MeterRanking(ranker->reranker, metrics_);
  }
  ASSIGN_OR_RETURN(auto channel, rank_server_.Channel());
  // The run itself tries again.
  return client::MakeReranker(rank_server_.options(), std::move(channel), absl::ZeroDuration());
}

absl::StatusOr<agent::Services> AgentBackends::For(const agent::AskRequest& request,
                                                   CallNotes& notes) {
  agent::Services services;
  ASSIGN_OR_RETURN(services.searcher, Searcher(request, notes));
  if (request.rerank.has_value()) {
    ASSIGN_OR_RETURN(services.reranker, Reranker());
  }
  if (WantsChat(request) && chat_ == nullptr) {
    return absl::FailedPreconditionError(
        "this server has no language model: set llm.url and llm.model "
        "(foraker serve --llm-url URL --llm-model NAME)");
  }
  services.chat = chat_;
  return services;
}

absl::StatusOr<AgentSetup> OpenAgentSetup(const config::Settings& settings) {
  AgentSetup setup;
  ASSIGN_OR_RETURN(setup.options, ReadOptions(settings));
  ASSIGN_OR_RETURN(setup.chat, MakeChat(settings));
  return setup;
}

}  // namespace foraker::server
