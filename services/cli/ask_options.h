// The options of commands that run the agent: what a run may spend, who plans and answers, when to
// stop.

#ifndef FORAKER_SERVICES_CLI_ASK_OPTIONS_H_
#define FORAKER_SERVICES_CLI_ASK_OPTIONS_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "agent/agent.h"
#include "agent/local_agent.h"
#include "services/cli/llm_options.h"
#include "services/cli/rank_options.h"
#include "services/cli/target.h"

namespace CLI {
class App;
}

namespace foraker::cli {

class AskFlags {
 public:
  // The model of --rerank is that of `reranking`, whose own options the command adds.
  void AddTo(CLI::App& command, const std::string& group);

  // A request without collection and question; Ctrl-C cancels it.
  agent::AskRequest ToRequest(const RerankFlags& reranking) const;
  // One over a data directory; the one of `target`'s server; or one here over the search and
  // ranking of --search-server. kInvalidArgument for options that a server decides itself, and
  // where a rerank has no model.
  absl::StatusOr<std::unique_ptr<agent::Agent>> OpenAgent(const Target& target,
                                                          const RerankFlags& reranking) const;
  // Where the agent of OpenAgent searches.
  Target SearchTarget(const Target& target) const;
  // What an agent of this process decides with: stop policy, examples, the name of its model.
  absl::StatusOr<agent::AgentOptions> ToAgentOptions() const;

 private:
  absl::StatusOr<agent::ServicesOf> OpenServices(const Target& target,
                                                 const RerankFlags& reranking) const;

  agent::Budget budget_;
  double time_limit_ms_ = absl::ToDoubleMilliseconds(agent::Budget().time);
  uint32_t passages_per_search_ = 0;
  agent::PlannerKind planner_ = agent::PlannerKind::kExtractive;
  std::optional<agent::AnswererKind> answerer_;  // the planner's kind
  bool never_stop_ = false;
  std::optional<double> threshold_;
  std::string stop_policy_;  // a file
  bool rerank_ = false;
  std::string search_server_;  // an address
  LlmFlags llm_;
};

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_ASK_OPTIONS_H_
