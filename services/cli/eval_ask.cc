#include "services/cli/eval_ask.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/file.h"
#include "base/status.h"
#include "services/cli/ask_measures.h"
#include "services/cli/question_runs.h"

namespace foraker::cli {
namespace {

using agent::JudgedQuestion;
using agent::RunMetrics;
using Json = nlohmann::ordered_json;

constexpr const char* kLearnedStop = "learned stop";

absl::StatusOr<AskMeasures> AskAndMeasure(agent::Agent& agent, const agent::AskRequest& request,
                                          const std::vector<JudgedQuestion>& questions,
                                          const std::string& name) {
  ASSIGN_OR_RETURN(const QuestionRuns runs, AskQuestions(agent, request, questions, name));
  return MeasureRuns(name, questions, runs);
}

// With 1, 2, ... searches, as many as the request's budget has, and no stop.
absl::StatusOr<std::vector<AskMeasures>> MeasureFixed(
    agent::Agent& agent, agent::AskRequest request, const std::vector<JudgedQuestion>& questions) {
  request.stop = {.mode = agent::StopMode::kNever, .threshold = {}};
  const uint32_t most = request.budget.searches;
  std::vector<AskMeasures> fixed;
  for (uint32_t searches = 1; searches <= most; ++searches) {
    request.budget.searches = searches;
    const std::string name = absl::StrFormat("%d search%s", searches, searches == 1 ? "" : "es");
    ASSIGN_OR_RETURN(AskMeasures measures, AskAndMeasure(agent, request, questions, name));
    fixed.push_back(std::move(measures));
  }
  return fixed;
}

Json ToJson(const Share& share) {
  return {{"share", share.value}, {"low", share.interval.low}, {"high", share.interval.high}};
}

std::string Describe(const Share& share, const char* what) {
  return absl::StrFormat("%.3f (%.3f to %.3f) of its %s", share.value, share.interval.low,
                         share.interval.high, what);
}

}  // namespace

void AskEvalFlags::AddTo(CLI::App& command, const std::string& group) {
  ask.AddTo(command, group);
  split.AddTo(command, group);
  command
      .add_option("--plot", plot,
                  "Also ask with 1, 2, ... searches and no stop, and draw both into this SVG")
      ->type_name("FILE")
      ->group(group);
}

absl::Status RunAskEval(const Target& target, const QuestionSet& set, const AskEvalFlags& flags,
                        const RerankFlags& reranking, bool json) {
  ASSIGN_OR_RETURN(const std::unique_ptr<retrieval::Searcher> searcher,
                   OpenSearcher(flags.ask.SearchTarget(target)));
  ASSIGN_OR_RETURN(const std::vector<JudgedQuestion> questions,
                   ReadJudgedQuestions(set, flags.split, *searcher));
  ASSIGN_OR_RETURN(const std::unique_ptr<agent::Agent> agent,
                   flags.ask.OpenAgent(target, reranking));
  agent::AskRequest request = flags.ask.ToRequest(reranking);
  request.collection = set.collection;
  ASSIGN_OR_RETURN(
      const AskMeasures measures,
      AskAndMeasure(*agent, request, questions,
                    request.stop.mode == agent::StopMode::kNever ? "no stop" : kLearnedStop));
  Json result = ToJson(measures);
  result["half"] = flags.split.half();
  result["split_seed"] = flags.split.seed();
  std::string text = DescribeMeasures(measures);
  if (!flags.plot.empty()) {
    ASSIGN_OR_RETURN(std::vector<AskMeasures> all, MeasureFixed(*agent, request, questions));
    const std::string title =
        absl::StrFormat("%s, %d questions, %d passages at most", set.collection, questions.size(),
                        request.budget.passages);
    RETURN_IF_ERROR(base::WriteFile(flags.plot, agent::ToSvg(PlotOf(title, all, measures))));
    const Share searches = ShareOf(measures, all.back(), &RunMetrics::searches);
    const Share recall = ShareOf(measures, all.back(), &RunMetrics::gold_recall);
    for (const AskMeasures& one : all) result["fixed"].push_back(ToJson(one));
    result["against_fixed"] = {{"searches", ToJson(searches)}, {"gold_recall", ToJson(recall)}};
    const std::string against = all.back().name;
    all.push_back(measures);
    text +=
        absl::StrFormat("\n%s\n%s against %s: %s, %s\n", CompareMeasures(all), measures.name,
                        against, Describe(searches, "searches"), Describe(recall, "gold recall"));
  }
  std::printf("%s", json ? (result.dump() + "\n").c_str() : text.c_str());
  return absl::OkStatus();
}

}  // namespace foraker::cli
