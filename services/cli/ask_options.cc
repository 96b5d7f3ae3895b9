#include "services/cli/ask_options.h"

#include <CLI/CLI.hpp>
#include <map>
#include <utility>

#include "absl/time/time.h"
#include "base/file.h"
#include "base/status.h"
#include "services/cli/interrupt.h"
#include "services/client/remote_agent.h"
#include "services/client/remote_reranker.h"
#include "services/client/remote_searcher.h"

namespace foraker::cli {
namespace {

using agent::AnswererKind;
using agent::PlannerKind;

const std::map<std::string, PlannerKind> kPlanners = {{"extractive", PlannerKind::kExtractive},
                                                      {"llm", PlannerKind::kLlm}};
const std::map<std::string, AnswererKind> kAnswerers = {{"extractive", AnswererKind::kExtractive},
                                                        {"llm", AnswererKind::kLlm},
                                                        {"none", AnswererKind::kNone}};

}  // namespace

void AskFlags::AddTo(CLI::App& command, const std::string& group) {
  command.add_option("--searches", budget_.searches, "Searches at most, the question's included")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
  command.add_option("--passages", budget_.passages, "Passages read at most, over all searches")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--tokens", budget_.tokens,
                  "Tokens at most, of passages and of a language model [no limit]")
      ->group(group);
  command.add_option("--time-limit", time_limit_ms_, "Answer after so long with what there is")
      ->check(CLI::PositiveNumber)
      ->type_name("MS")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--passages-per-search", passages_per_search_,
                  "Passages that each search reads [the planner's choice]")
      ->check(CLI::PositiveNumber)
      ->group(group);
  command
      .add_option_function<std::string>(
          "--planner", [this](const std::string& name) { planner_ = kPlanners.at(name); },
          "Who decides what to search for: extractive needs no language model [extractive]")
      ->check(CLI::IsMember({"extractive", "llm"}))
      ->group(group);
  command
      .add_option_function<std::string>(
          "--answerer", [this](const std::string& name) { answerer_ = kAnswerers.at(name); },
          "Who makes the answer [as --planner]")
      ->check(CLI::IsMember({"extractive", "llm", "none"}))
      ->group(group);
  CLI::Option* never =
      command.add_flag("--no-stop", never_stop_, "Search until a limit is reached")->group(group);
  command
      .add_option("--stop-threshold", threshold_,
                  "Stop when another search is this probably not worth it [the policy's own]")
      ->check(CLI::Range(0.0, 1.0))
      ->excludes(never)
      ->group(group);
  command.add_option("--stop-policy", stop_policy_, "Policy of `foraker fit-stop` [built in]")
      ->type_name("FILE")
      ->group(group);
  command.add_flag("--rerank", rerank_, "Let a language model order what each search finds")
      ->group(group);
  command
      .add_option("--search-server", search_server_,
                  "Search and rank on this server, and decide and answer here")
      ->type_name("HOST:PORT")
      ->group(group);
  llm_.AddTo(command, group);
}

agent::AskRequest AskFlags::ToRequest(const RerankFlags& reranking) const {
  agent::AskRequest request;
  request.budget = budget_;
  request.budget.time = absl::Milliseconds(time_limit_ms_);
  request.planner = planner_;
  request.answerer = answerer_.value_or(planner_ == PlannerKind::kLlm ? AnswererKind::kLlm
                                                                      : AnswererKind::kExtractive);
  request.stop.mode = never_stop_ ? agent::StopMode::kNever : agent::StopMode::kLearned;
  request.stop.threshold = threshold_;
  request.passages_per_search = passages_per_search_;
  if (rerank_) request.rerank = agent::AgentRerank{reranking.candidates()};
  request.cancelled = [&stop = StopRequested()] { return stop.load(); };
  return request;
}

absl::StatusOr<agent::AgentOptions> AskFlags::ToAgentOptions() const {
  agent::AgentOptions options;
  if (!stop_policy_.empty()) {
    ASSIGN_OR_RETURN(const std::string json, base::ReadFile(stop_policy_));
    absl::StatusOr<agent::StopPolicy> policy = agent::StopPolicy::FromJson(json);
    if (!policy.ok()) return base::Annotate(policy.status(), stop_policy_);
    options.stop_policy = *std::move(policy);
  }
  RETURN_IF_ERROR(llm_.ApplyTo(options));
  return options;
}

Target AskFlags::SearchTarget(const Target& target) const {
  Target searched = target;
  if (!search_server_.empty()) searched.server.address = search_server_;
  return searched;
}

absl::StatusOr<agent::ServicesOf> AskFlags::OpenServices(const Target& target,
                                                         const RerankFlags& reranking) const {
  agent::Services services;
  ASSIGN_OR_RETURN(services.chat, llm_.Open());
  const client::ServerOptions server = SearchTarget(target).server;
  std::shared_ptr<grpc::Channel> channel;
  if (search_server_.empty()) {
    ASSIGN_OR_RETURN(services.searcher, OpenSearcher(target));
  } else {
    ASSIGN_OR_RETURN(channel, client::OpenChannel(server));  // a searcher a run, bounded by it
  }
  if (rerank_ && !reranking.model().empty()) {
    ASSIGN_OR_RETURN(services.reranker, reranking.OpenModel());
  } else if (rerank_ && channel != nullptr) {
    services.reranker = client::MakeReranker(server, channel, client::kRankPatience);
  } else if (rerank_) {
    return absl::InvalidArgumentError("--rerank over --data needs --rank-model DIR");
  }
  if (channel == nullptr) return [services](const agent::AskRequest&) { return services; };
  return [services, server, channel](const agent::AskRequest& request) {
    agent::Services bounded = services;
    const absl::Time end = agent::Meter(request.budget, absl::Now()).ends();
    bounded.searcher = client::MakeSearcher(server, channel, {end, request.cancelled});
    return bounded;
  };
}

absl::StatusOr<std::unique_ptr<agent::Agent>> AskFlags::OpenAgent(
    const Target& target, const RerankFlags& reranking) const {
  if (target.is_remote()) {
    if (!search_server_.empty())
      return absl::InvalidArgumentError("--server has the agent too: not with --search-server");
    if (!stop_policy_.empty() || !reranking.model().empty() || llm_.any())
      return absl::InvalidArgumentError(
          "--stop-policy, --rank-model and --llm-... are for --data: a server has its own");
    return client::ConnectAgent(target.server);
  }
  ASSIGN_OR_RETURN(agent::AgentOptions options, ToAgentOptions());
  ASSIGN_OR_RETURN(agent::ServicesOf services, OpenServices(target, reranking));
  return agent::MakeLocalAgent(std::move(services), std::move(options));
}

}  // namespace foraker::cli
