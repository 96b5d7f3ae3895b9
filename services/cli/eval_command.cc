// foraker eval: how good the rankings of judged queries are, and how long they take; what an agent
// finds and answers (eval_ask.h).

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "retrieval/api/searcher.h"
#include "retrieval/eval/metrics.h"
#include "retrieval/eval/qrels.h"
#include "retrieval/eval/run_file.h"
#include "retrieval/eval/significance.h"
#include "services/cli/commands.h"
#include "services/cli/eval_ask.h"
#include "services/cli/interrupt.h"
#include "services/cli/latency.h"
#include "services/cli/progress_bar.h"
#include "services/cli/query_file.h"
#include "services/cli/rank_options.h"
#include "services/cli/target.h"
#include "services/cli/terminal.h"
#include "services/cli/text_query_options.h"

namespace foraker::cli {
namespace {

using retrieval::Evaluation;
using retrieval::Metrics;
using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

constexpr uint32_t kDepth = 100;  // hits that R@100 looks at
constexpr const char* kRetrieve = "retrieve";
constexpr const char* kRerank = "rerank";
constexpr const char* kAsk = "ask";
constexpr const char* kRunTag = "foraker";

struct EvalArguments {
  Target target;
  std::string collection, queries, qrels, run, against;
  std::string stage = kRetrieve;
  TextQueryOptions text;
  RerankFlags reranking;
  AskEvalFlags ask;
  uint32_t depth = kDepth;
  bool json = false;
};

struct MetricName {
  const char* name;
  double Metrics::*value;
};
constexpr MetricName kMetrics[] = {{"nDCG@10", &Metrics::ndcg_10},
                                   {"MRR@10", &Metrics::mrr_10},
                                   {"R@10", &Metrics::recall_10},
                                   {"R@100", &Metrics::recall_100}};

struct Searched {
  retrieval::Run run;
  Latency latency;  // of Search, as its caller sees it
};

absl::StatusOr<std::unique_ptr<retrieval::Searcher>> OpenSearcherOf(
    const EvalArguments& arguments) {
  if (arguments.stage == kRerank) return arguments.reranking.OpenSearcher(arguments.target);
  return OpenSearcher(arguments.target);
}

retrieval::SearchRequest RequestOf(const EvalArguments& arguments) {
  retrieval::SearchRequest request;
  request.collection = arguments.collection;
  request.k = arguments.depth;
  request.with_title = request.with_text = request.with_fields = false;
  if (arguments.stage == kRerank) {
    request.rerank = arguments.reranking.ToStage();
    request.k = std::min(request.k, request.rerank->candidates);
  }
  return request;
}

// The hits with the scores that order them. What a model could not read stands behind what it did,
// below all of its scores.
retrieval::Ranking RankingOf(const retrieval::SearchResult& result, bool reranked) {
  retrieval::Ranking ranking;
  float below = 0;
  for (const retrieval::SearchHit& hit : result.hits) {
    const float score = !reranked ? hit.score : hit.rank_score ? *hit.rank_score : --below;
    ranking.push_back({hit.document.id, score});
  }
  return ranking;
}

// Searches every query that has judgements.
absl::StatusOr<Searched> SearchJudged(const EvalArguments& arguments,
                                      std::vector<NamedQuery> queries,
                                      const retrieval::Qrels& qrels) {
  std::erase_if(queries, [&](const NamedQuery& query) { return !qrels.contains(query.id); });
  ASSIGN_OR_RETURN(const std::unique_ptr<retrieval::Searcher> searcher, OpenSearcherOf(arguments));
  retrieval::SearchRequest request = RequestOf(arguments);
  Searched searched;
  ProgressBar progress;
  for (size_t i = 0; i < queries.size(); ++i) {
    if (StopRequested()) return absl::CancelledError("interrupted");
    request.query = std::move(queries[i].query);
    if (auto* text = std::get_if<retrieval::TextQuery>(&request.query)) {
      arguments.text.Apply(*text);
    }
    const Clock::time_point start = Clock::now();
    const absl::StatusOr<retrieval::SearchResult> result = searcher->Search(request);
    if (!result.ok()) return base::Annotate(result.status(), "query " + queries[i].id);
    searched.latency.Add(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    searched.run[queries[i].id] = RankingOf(*result, request.rerank.has_value());
    progress.Update("searching", static_cast<double>(i + 1) / static_cast<double>(queries.size()),
                    i + 1, "queries", 1000 / searched.latency.mean());
  }
  return searched;
}

Json ToJson(const Evaluation& evaluation, const Latency& latency) {
  Json json;
  for (const MetricName& metric : kMetrics) json[metric.name] = evaluation.mean.*metric.value;
  json["queries"] = evaluation.by_query.size();
  json["missing_queries"] = evaluation.missing_queries;
  json["latency_ms"] = {
      {"mean", latency.mean()}, {"p50", latency.Percentile(50)}, {"p99", latency.Percentile(99)}};
  return json;
}

Json ToJson(const retrieval::PairedComparison& comparison) {
  return {{"mean", comparison.mean_b},     {"difference", comparison.difference},
          {"queries", comparison.queries}, {"wins", comparison.wins},
          {"losses", comparison.losses},   {"ties", comparison.ties},
          {"p_t", comparison.p_t},         {"p_randomization", comparison.p_randomization}};
}

void PrintText(const Evaluation& evaluation, const Latency& latency) {
  Table table({Table::Align::kLeft, Table::Align::kRight});
  for (const MetricName& metric : kMetrics)
    table.Add({metric.name, absl::StrFormat("%.4f", evaluation.mean.*metric.value)});
  table.Add({"queries", Thousands(evaluation.by_query.size())});
  if (evaluation.missing_queries > 0)
    table.Add({"judged, but not asked", Thousands(evaluation.missing_queries)});
  table.Add({"latency, mean", absl::StrFormat("%.2f ms", latency.mean())});
  table.Add({"latency, p50", absl::StrFormat("%.2f ms", latency.Percentile(50))});
  table.Add({"latency, p99", absl::StrFormat("%.2f ms", latency.Percentile(99))});
  std::fputs(table.ToString().c_str(), stdout);
}

void PrintComparison(const std::string& against, const Evaluation& ours, const Evaluation& other) {
  using Align = Table::Align;
  std::printf("\nagainst %s\n", against.c_str());
  Table table({Align::kLeft, Align::kRight, Align::kRight, Align::kRight, Align::kRight});
  table.Add({"", "there", "difference", "better/worse/same", "p"});
  for (const MetricName& metric : kMetrics) {
    const retrieval::PairedComparison comparison =
        retrieval::CompareRuns(ours, other, metric.value);
    table.Add({metric.name, absl::StrFormat("%.4f", comparison.mean_b),
               absl::StrFormat("%+.4f", comparison.difference),
               absl::StrFormat("%d/%d/%d", comparison.wins, comparison.losses, comparison.ties),
               absl::StrFormat("%.4f", comparison.p_randomization)});
  }
  std::fputs(table.ToString().c_str(), stdout);
}

absl::Status RunEval(const EvalArguments& arguments) {
  if (arguments.stage == kAsk) {
    return RunAskEval(arguments.target, {arguments.collection, arguments.queries, arguments.qrels},
                      arguments.ask, arguments.reranking, arguments.json);
  }
  ASSIGN_OR_RETURN(std::vector<NamedQuery> queries, ReadQueries(arguments.queries));
  ASSIGN_OR_RETURN(const retrieval::Qrels qrels, retrieval::ReadQrels(arguments.qrels));
  std::optional<Evaluation> other;
  if (!arguments.against.empty()) {
    ASSIGN_OR_RETURN(const retrieval::Run run, retrieval::ReadRun(arguments.against));
    other = retrieval::Evaluate(run, qrels);
  }
  ASSIGN_OR_RETURN(const Searched searched, SearchJudged(arguments, std::move(queries), qrels));
  if (searched.run.empty()) {
    return absl::InvalidArgumentError(absl::StrFormat("%s: judges none of the queries of %s",
                                                      arguments.qrels, arguments.queries));
  }
  if (!arguments.run.empty())
    RETURN_IF_ERROR(retrieval::WriteRun(searched.run, kRunTag, arguments.run));
  const Evaluation evaluation = retrieval::Evaluate(searched.run, qrels);
  if (arguments.json) {
    Json json = ToJson(evaluation, searched.latency);
    if (other) {
      for (const MetricName& metric : kMetrics)
        json["against"][metric.name] =
            ToJson(retrieval::CompareRuns(evaluation, *other, metric.value));
    }
    std::printf("%s\n", json.dump().c_str());
    return absl::OkStatus();
  }
  PrintText(evaluation, searched.latency);
  if (other) PrintComparison(arguments.against, evaluation, *other);
  return absl::OkStatus();
}

}  // namespace

void AddEvalCommand(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<EvalArguments>();
  CLI::App* command =
      app.add_subcommand("eval", "Measure rankings against judgements, as trec_eval does");
  command->add_option("-c,--collection", arguments->collection, "Collection or alias")
      ->required()
      ->type_name("NAME");
  command
      ->add_option("--queries", arguments->queries,
                   "JSON lines {\"_id\", \"text\"}, with \"answer\" and \"aliases\" for ask")
      ->required()
      ->type_name("FILE");
  command->add_option("--qrels", arguments->qrels, "Judgements: BEIR TSV, or TREC's 4 columns")
      ->required()
      ->type_name("FILE");
  AddTargetOptions(*command, arguments->target);
  command->add_option("--stage", arguments->stage, "What is measured")
      ->check(CLI::IsMember({kRetrieve, kRerank, kAsk}))
      ->capture_default_str();
  command->add_option("--depth", arguments->depth, "Hits a query, at least 100 for R@100")
      ->check(CLI::Range(1u, 10'000u))
      ->capture_default_str();
  arguments->text.AddTo(*command, "Query");
  arguments->reranking.AddTo(*command, "Rerank");
  arguments->ask.AddTo(*command, "Ask");
  command->add_option("--run", arguments->run, "Write the hits as a TREC run")->type_name("FILE");
  command
      ->add_option("--against", arguments->against,
                   "Compare with this TREC run: paired randomization and t-tests")
      ->type_name("FILE");
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments, &chosen] { chosen = [arguments] { return RunEval(*arguments); }; });
}

}  // namespace foraker::cli
