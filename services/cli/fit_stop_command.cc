// foraker fit-stop: learns when another search is not worth its price, from judged questions.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "agent/eval/run_metrics.h"
#include "agent/stop/fit.h"
#include "base/file.h"
#include "base/status.h"
#include "services/cli/ask_options.h"
#include "services/cli/commands.h"
#include "services/cli/judged_questions.h"
#include "services/cli/question_runs.h"
#include "services/cli/target.h"
#include "services/cli/terminal.h"

namespace foraker::cli {
namespace {

using agent::ExploredRun;
using agent::JudgedQuestion;
using agent::StopPolicy;

struct FitStopArguments {
  Target target;
  std::vector<std::string> collections, queries, qrels;  // of a set each
  SplitFlags split{"training"};
  agent::Budget budget;
  uint32_t passages_per_search = 0;
  agent::FitOptions fit;
  double kept = .99;
  std::string output;
};

absl::StatusOr<std::vector<QuestionSet>> SetsOf(const FitStopArguments& arguments) {
  const size_t count = arguments.collections.size();
  if (arguments.queries.size() != count || arguments.qrels.size() != count) {
    return absl::InvalidArgumentError(
        absl::StrFormat("each --collection needs its --queries and its --qrels: there are %d, %d "
                        "and %d",
                        count, arguments.queries.size(), arguments.qrels.size()));
  }
  std::vector<QuestionSet> sets;
  for (size_t i = 0; i < count; ++i)
    sets.push_back({arguments.collections[i], arguments.queries[i], arguments.qrels[i]});
  return sets;
}

// Asks with 1, 2, ... searches and no stop, so that it is known what an end after each would find.
absl::StatusOr<std::vector<ExploredRun>> Explore(const FitStopArguments& arguments,
                                                 const QuestionSet& set, agent::Agent& agent,
                                                 retrieval::Searcher& searcher) {
  ASSIGN_OR_RETURN(const std::vector<JudgedQuestion> questions,
                   ReadJudgedQuestions(set, arguments.split, searcher));
  agent::AskRequest request = AskFlags().ToRequest(RerankFlags());
  request.collection = set.collection;
  request.budget = arguments.budget;
  request.passages_per_search = arguments.passages_per_search;
  request.answerer = agent::AnswererKind::kNone;
  request.stop.mode = agent::StopMode::kNever;
  std::vector<std::vector<agent::Trajectory>> runs(questions.size());
  for (uint32_t searches = 1; searches <= arguments.budget.searches; ++searches) {
    request.budget.searches = searches;
    ASSIGN_OR_RETURN(QuestionRuns ended,
                     AskQuestions(agent, request, questions,
                                  absl::StrCat(set.collection, ", ", searches, " of ",
                                               arguments.budget.searches)));
    for (size_t i = 0; i < questions.size(); ++i)
      runs[i].push_back(std::move(ended.results[i].trajectory));
  }
  // As runs with a stop plan, but for the stop: what a policy will have to decide on.
  request.stop = {.mode = agent::StopMode::kLearned, .threshold = 1};
  ASSIGN_OR_RETURN(QuestionRuns planned, AskQuestions(agent, request, questions, set.collection));
  for (size_t i = 0; i < questions.size(); ++i)
    runs[i].push_back(std::move(planned.results[i].trajectory));
  std::vector<ExploredRun> explored;
  for (size_t i = 0; i < questions.size(); ++i)
    explored.push_back(agent::ToExploredRun(questions[i], runs[i]));
  return explored;
}

StopPolicy Fit(const FitStopArguments& arguments, const std::vector<QuestionSet>& sets,
               const std::vector<std::vector<ExploredRun>>& runs) {
  std::vector<ExploredRun> all;
  std::vector<std::string> names;
  for (size_t i = 0; i < sets.size(); ++i) {
    all.insert(all.end(), runs[i].begin(), runs[i].end());
    names.push_back(absl::StrCat(sets[i].collection, " (", runs[i].size(), ")"));
  }
  const std::string fitted_on = absl::StrFormat(
      "questions of %s; half: %s, split seed %d; at most %d searches and %d passages",
      absl::StrJoin(names, ", "), arguments.split.half(), arguments.split.seed(),
      arguments.budget.searches, arguments.budget.passages);
  const agent::StopWeights weights = agent::FitStopWeights(all, arguments.fit);
  const StopPolicy policy(weights.features, weights.bias, 1, fitted_on);
  return policy.WithThreshold(agent::ChooseThreshold(runs, policy, arguments.kept));
}

void Print(const std::vector<QuestionSet>& sets, const std::vector<std::vector<ExploredRun>>& runs,
           const StopPolicy& policy, uint32_t most_searches) {
  using Align = Table::Align;
  Table table({Align::kLeft, Align::kLeft, Align::kRight, Align::kRight, Align::kRight});
  table.Add({"", "", "searches", "gold recall", "reward"});
  const StopPolicy never(agent::StopFeatures(), 0, 1, "");  // stops with probability 1/2
  const auto add = [&](const std::string& name, const char* how, const StopPolicy& with,
                       const std::vector<ExploredRun>& on) {
    const agent::StoppedRuns stopped = agent::Stop(on, with, most_searches);
    table.Add({name, how, absl::StrFormat("%.3f", stopped.searches),
               absl::StrFormat("%.3f", stopped.recall), absl::StrFormat("%.3f", stopped.reward)});
  };
  for (size_t i = 0; i < sets.size(); ++i) {
    add(sets[i].collection, "no stop", never, runs[i]);
    add("", "learned stop", policy, runs[i]);
  }
  std::fputs(table.ToString().c_str(), stdout);
}

absl::Status RunFitStop(const FitStopArguments& arguments) {
  ASSIGN_OR_RETURN(const std::vector<QuestionSet> sets, SetsOf(arguments));
  ASSIGN_OR_RETURN(const std::unique_ptr<retrieval::Searcher> searcher,
                   OpenSearcher(arguments.target));
  ASSIGN_OR_RETURN(const std::unique_ptr<agent::Agent> agent,
                   AskFlags().OpenAgent(arguments.target, RerankFlags()));
  std::vector<std::vector<ExploredRun>> runs;
  for (const QuestionSet& set : sets) {
    ASSIGN_OR_RETURN(std::vector<ExploredRun> explored, Explore(arguments, set, *agent, *searcher));
    runs.push_back(std::move(explored));
  }
  const StopPolicy policy = Fit(arguments, sets, runs);
  RETURN_IF_ERROR(base::WriteFile(arguments.output, policy.ToJson()));
  Print(sets, runs, policy, arguments.budget.searches);
  return absl::OkStatus();
}

void AddFitOptions(CLI::App& command, FitStopArguments& arguments) {
  constexpr const char* kGroup = "Fit";
  arguments.split.AddTo(command, kGroup);
  command.add_option("--searches", arguments.budget.searches, "Searches at most")
      ->check(CLI::Range(2u, 32u))
      ->capture_default_str()
      ->group(kGroup);
  command.add_option("--passages", arguments.budget.passages, "Passages read at most")
      ->check(CLI::Range(1u, 500u))
      ->capture_default_str()
      ->group(kGroup);
  command
      .add_option("--passages-per-search", arguments.passages_per_search,
                  "Passages that each search reads [the planner's choice]")
      ->group(kGroup);
  command
      .add_option("--kept", arguments.kept,
                  "Share of the gold recall of runs without a stop that must be kept")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str()
      ->group(kGroup);
  command.add_option("--l2", arguments.fit.l2, "Penalty on the weights' squares")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->group(kGroup);
}

}  // namespace

void AddFitStopCommand(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<FitStopArguments>();
  CLI::App* command = app.add_subcommand(
      "fit-stop", "Learn from judged questions when another search is not worth its price");
  const auto add = [command](const char* name, std::vector<std::string>& values,
                             const char* description, const char* type) {
    command->add_option(name, values, description)
        ->required()
        ->allow_extra_args(false)
        ->type_name(type);
  };
  add("-c,--collection", arguments->collections, "Collection or alias; repeatable, with its files",
      "NAME");
  add("--queries", arguments->queries, "JSON lines {\"_id\", \"text\"}", "FILE");
  add("--qrels", arguments->qrels, "Judgements: BEIR TSV, or TREC's 4 columns", "FILE");
  command->add_option("-o,--output", arguments->output, "The policy, for --stop-policy")
      ->required()
      ->type_name("FILE");
  AddTargetOptions(*command, arguments->target);
  AddFitOptions(*command, *arguments);
  command->callback([arguments, &chosen] {
    arguments->fit.most_searches = arguments->budget.searches;
    chosen = [arguments] { return RunFitStop(*arguments); };
  });
}

}  // namespace foraker::cli
