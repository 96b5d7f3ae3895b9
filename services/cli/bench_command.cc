// foraker bench: times the engine alone, query by query, on a data directory.
//
// Queries become vectors before the clock starts; one round warms up, then each round times every
// query once, and the round with the lowest mean is stated.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "index/query/top_k.h"
#include "retrieval/collection_view.h"
#include "retrieval/encoder_store.h"
#include "retrieval/eval/run_file.h"
#include "retrieval/search_run.h"
#include "services/cli/commands.h"
#include "services/cli/interrupt.h"
#include "services/cli/latency.h"
#include "services/cli/process_memory.h"
#include "services/cli/progress_bar.h"
#include "services/cli/query_file.h"
#include "services/cli/target.h"
#include "services/cli/terminal.h"

namespace foraker::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct BenchArguments {
  Target target;
  std::string collection, queries, run;
  index::SearchOptions search;
  uint32_t rounds = 5;
  bool json = false;
};

// Sums over the queries of one round; the counters are those of every round.
struct Round {
  Latency latency;
  uint64_t postings_predicted = 0, postings_scanned = 0, rescored = 0, exact = 0;
};

struct Report {
  Round best;
  std::vector<double> round_means_ms;
  uint64_t queries = 0, terms = 0;
  uint64_t documents = 0, passages = 0;
  uint64_t saved_bytes = 0;
  uint64_t rss_bytes = 0;  // of this process when the collection was open, before any query
  std::map<std::string, uint64_t> section_bytes;
};

absl::StatusOr<std::vector<index::QueryVector>> MakeVectors(const std::vector<NamedQuery>& queries,
                                                            const retrieval::CollectionView& view) {
  std::vector<index::QueryVector> vectors;
  for (const NamedQuery& query : queries) {
    absl::StatusOr<retrieval::BuiltQuery> built = retrieval::BuildQuery(view, query.query);
    if (!built.ok()) return base::Annotate(built.status(), "query " + query.id);
    vectors.push_back(std::move(built->vector));
  }
  return vectors;
}

absl::StatusOr<Round> TimeRound(const index::Snapshot& snapshot,
                                const std::vector<index::QueryVector>& vectors,
                                const index::SearchOptions& options,
                                const std::function<void(size_t, const index::TopKResult&)>& use) {
  Round round;
  for (size_t i = 0; i < vectors.size(); ++i) {
    if (StopRequested()) return absl::CancelledError("interrupted");
    const Clock::time_point start = Clock::now();
    ASSIGN_OR_RETURN(const index::TopKResult result, index::TopK(snapshot, vectors[i], options));
    round.latency.Add(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    round.postings_predicted += result.stats.postings_predicted;
    round.postings_scanned += result.stats.postings_scanned;
    round.rescored += result.stats.passages_rescored;
    round.exact += result.certificate.exact ? 1 : 0;
    use(i, result);
  }
  return round;
}

void AddSizes(const index::Snapshot& snapshot, Report& report) {
  for (const index::LiveSegment& live : snapshot.segments) {
    for (const index::SectionFile::Info& section : live.segment->file().sections())
      report.section_bytes[std::string(index::SectionName(section.id))] += section.length;
  }
}

absl::StatusOr<Report> Measure(const BenchArguments& arguments) {
  ASSIGN_OR_RETURN(const std::vector<NamedQuery> queries, ReadQueries(arguments.queries));
  ASSIGN_OR_RETURN(const std::shared_ptr<index::Catalog> catalog,
                   OpenCatalog(arguments.target, index::OpenMode::kRead));
  ASSIGN_OR_RETURN(const index::CollectionInfo info, catalog->Get(arguments.collection));
  ASSIGN_OR_RETURN(const std::shared_ptr<const index::Snapshot> snapshot,
                   catalog->Current(arguments.collection));
  ASSIGN_OR_RETURN(
      const std::shared_ptr<const retrieval::CollectionView> view,
      retrieval::OpenView(snapshot, nullptr,
                          std::make_shared<retrieval::EncoderStore>(arguments.target.data)));
  ASSIGN_OR_RETURN(const std::vector<index::QueryVector> vectors, MakeVectors(queries, *view));

  Report report;
  report.rss_bytes = ResidentBytes();
  report.queries = queries.size();
  for (const index::QueryVector& vector : vectors) report.terms += vector.size();
  report.documents = snapshot->live_documents;
  report.passages = snapshot->live_passages;
  report.saved_bytes = info.bytes;
  AddSizes(*snapshot, report);

  retrieval::Run run;
  const auto keep_hits = [&](size_t i, const index::TopKResult& result) {
    retrieval::Ranking& ranking = run[queries[i].id];
    for (const index::Hit& hit : result.hits) ranking.push_back({std::string(hit.id), hit.score});
  };
  const auto ignore = [](size_t, const index::TopKResult&) {};
  RETURN_IF_ERROR(TimeRound(*snapshot, vectors, arguments.search, keep_hits).status());
  if (!arguments.run.empty()) RETURN_IF_ERROR(retrieval::WriteRun(run, "foraker", arguments.run));
  ProgressBar progress;
  for (uint32_t i = 0; i < arguments.rounds; ++i) {
    ASSIGN_OR_RETURN(Round round, TimeRound(*snapshot, vectors, arguments.search, ignore));
    report.round_means_ms.push_back(round.latency.mean());
    if (i == 0 || round.latency.mean() < report.best.latency.mean()) report.best = std::move(round);
    progress.Update("measuring", (i + 1.0) / arguments.rounds, i + 1, "rounds", 0);
  }
  return report;
}

// `total` a query, or a posting, and so on; 0 of nothing.
double Per(double total, uint64_t count) {
  return count == 0 ? 0 : total / static_cast<double>(count);
}

void PrintJson(const Report& report) {
  const Round& best = report.best;
  const Latency& latency = best.latency;
  const auto a_query = [&](uint64_t total) {
    return Per(static_cast<double>(total), report.queries);
  };
  const nlohmann::ordered_json json = {
      {"queries", report.queries},
      {"terms_a_query", a_query(report.terms)},
      {"mean_ms", latency.mean()},
      {"p50_ms", latency.Percentile(50)},
      {"p99_ms", latency.Percentile(99)},
      {"rounds_mean_ms", report.round_means_ms},
      {"postings_predicted", a_query(best.postings_predicted)},
      {"postings_scanned", a_query(best.postings_scanned)},
      {"passages_rescored", a_query(best.rescored)},
      {"ns_per_posting", Per(latency.total() * 1e6, best.postings_predicted)},
      {"ns_per_scanned_posting", Per(latency.total() * 1e6, best.postings_scanned)},
      {"exact_share", a_query(best.exact)},
      {"documents", report.documents},
      {"passages", report.passages},
      {"saved_bytes", report.saved_bytes},
      {"rss_bytes", report.rss_bytes},
      {"sections", report.section_bytes}};
  std::printf("%s\n", json.dump().c_str());
}

void PrintText(const Report& report) {
  using Align = Table::Align;
  const Round& best = report.best;
  const double total_ns = best.latency.total() * 1e6;
  std::printf("%s queries of %.1f terms on %s documents in %s passages; best of %d rounds\n",
              Thousands(report.queries).c_str(),
              Per(static_cast<double>(report.terms), report.queries),
              Thousands(report.documents).c_str(), Thousands(report.passages).c_str(),
              static_cast<int>(report.round_means_ms.size()));
  Table table({Align::kLeft, Align::kRight});
  table.Add({"mean", absl::StrFormat("%.3f ms", best.latency.mean())});
  table.Add({"p50", absl::StrFormat("%.3f ms", best.latency.Percentile(50))});
  table.Add({"p99", absl::StrFormat("%.3f ms", best.latency.Percentile(99))});
  const auto a_query = [&](uint64_t count) {
    return Thousands(static_cast<uint64_t>(Per(static_cast<double>(count), report.queries)));
  };
  table.Add({"postings a query", a_query(best.postings_predicted)});
  table.Add({"  of them read", a_query(best.postings_scanned)});
  table.Add({"passages rescored a query", a_query(best.rescored)});
  table.Add({"time a posting", absl::StrFormat("%.3f ns", Per(total_ns, best.postings_predicted))});
  table.Add({"  a posting read", absl::StrFormat("%.3f ns", Per(total_ns, best.postings_scanned))});
  table.Add(
      {"exact answers",
       absl::StrFormat("%.1f %%", Per(100.0 * static_cast<double>(best.exact), report.queries))});
  table.Add({"memory after opening", Bytes(report.rss_bytes)});
  table.Add({"files", Bytes(report.saved_bytes)});
  for (const auto& [section, bytes] : report.section_bytes) {
    table.Add({"  " + section, absl::StrFormat("%.1f bytes a passage",
                                               Per(static_cast<double>(bytes), report.passages))});
  }
  std::fputs(table.ToString().c_str(), stdout);
}

absl::Status RunBench(const BenchArguments& arguments) {
  ASSIGN_OR_RETURN(const Report report, Measure(arguments));
  if (arguments.json) {
    PrintJson(report);
  } else {
    PrintText(report);
  }
  return absl::OkStatus();
}

}  // namespace

void AddBenchCommand(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<BenchArguments>();
  CLI::App* command =
      app.add_subcommand("bench", "Time the engine alone, query by query, or load a server");
  AddLoadCommand(*command, chosen);
  AddRankBenchCommand(*command, chosen);
  command->add_option("-c,--collection", arguments->collection, "Collection or alias")
      ->type_name("NAME");
  command
      ->add_option("--queries", arguments->queries,
                   "JSON lines: {\"_id\", \"text\"} or {\"id\", \"vector\": {token: weight}}")
      ->type_name("FILE");
  AddDataOption(*command, arguments->target);
  command->add_option("-k", arguments->search.k, "Hits")->capture_default_str();
  command->add_option("--threads", arguments->search.threads, "Threads of one search")
      ->capture_default_str();
  command->add_option("--max-postings", arguments->search.max_postings, "Stop after so many");
  command->add_option("--rounds", arguments->rounds, "Rounds after the first, which warms up")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--run", arguments->run, "Write the hits as a TREC run")->type_name("FILE");
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments, command, &chosen] {
    if (!command->get_subcommands().empty()) return;  // that one is chosen
    if (arguments->collection.empty()) throw CLI::RequiredError("--collection");
    if (arguments->queries.empty()) throw CLI::RequiredError("--queries");
    chosen = [arguments] { return RunBench(*arguments); };
  });
}

}  // namespace foraker::cli
