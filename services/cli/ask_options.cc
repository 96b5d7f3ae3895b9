#include "services/cli/ask_options.h"

#include <CLI/CLI.hpp>
#include <map>
#include <utility>

#include "absl/time/time.h"
#include "base/file.h"
#include "base/status.h"
#include "services/cli/interrupt.h"

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
  return options;
}

absl::StatusOr<std::unique_ptr<agent::Agent>> AskFlags::OpenAgent(
    const Target& target, const RerankFlags& reranking) const {
  if (target.is_remote()) {
    if (!stop_policy_.empty() || !reranking.model().empty())
      return absl::InvalidArgumentError(
          "--stop-policy and --rank-model are for --data: a server has its own");
    return absl::UnimplementedError("--server: there is no client of the Agent service yet");
  }
  ASSIGN_OR_RETURN(agent::AgentOptions options, ToAgentOptions());
  agent::Services services;
  ASSIGN_OR_RETURN(services.searcher, OpenSearcher(target));
  if (rerank_) {
    if (reranking.model().empty())
      return absl::InvalidArgumentError("--rerank over --data needs --rank-model DIR");
    ASSIGN_OR_RETURN(services.reranker, reranking.OpenModel());
  }
  return agent::MakeLocalAgent([services](const agent::AskRequest&) { return services; },
                               std::move(options));
}

}  // namespace foraker::cli
