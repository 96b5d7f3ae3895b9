// foraker bench rank: how fast a decoder reads lists, and how near to the processor's matrix rate.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "services/cli/commands.h"
#include "services/cli/rank_bench.h"
#include "services/cli/rank_shapes.h"
#include "services/cli/terminal.h"

namespace foraker::cli {
namespace {

using ranker::Precision;

const std::map<std::string, Precision> kPrecisions = {
    {"f32", Precision::kF32}, {"bf16", Precision::kBf16}, {"int8", Precision::kInt8}};
constexpr uint32_t kMostDocuments = 500;

struct RankBenchArguments {
  RankBenchOptions options;
  std::string precision = "f32", tokens = "90";
  bool random_weights = false;
  bool json = false;
};

// "90" or "60-90".
absl::Status ReadTokens(const std::string& text, RankBenchOptions& options) {
  const size_t dash = text.find('-');
  const std::string least = text.substr(0, dash);
  const std::string most = dash == std::string::npos ? least : text.substr(dash + 1);
  if (!absl::SimpleAtoi(least, &options.least_tokens) ||
      !absl::SimpleAtoi(most, &options.most_tokens) || options.least_tokens == 0 ||
      options.most_tokens < options.least_tokens || options.most_tokens > 4096) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "--tokens %s: expected a number or a range such as 60-90, between 1 and 4096", text));
  }
  return absl::OkStatus();
}

std::vector<std::pair<std::string, absl::Duration>> Steps(const ranker::StepTimes& times) {
  return {{"embed", times.embed},
          {"project", times.project},
          {"instructions", times.instructions},
          {"documents", times.documents},
          {"queries", times.queries},
          {"out", times.out},
          {"feed_forward", times.feed_forward},
          {"score", times.score}};
}

double Share(absl::Duration part, const ranker::StepTimes& times) {
  return absl::FDivDuration(part, times.total());
}

nlohmann::ordered_json ModelJson(const RankBenchReport& report) {
  const ranker::DecoderConfig& config = report.config;
  return {{"hidden", config.hidden},
          {"intermediate", config.intermediate},
          {"layers", config.layers},
          {"heads", config.heads},
          {"kv_heads", config.kv_heads},
          {"head_width", config.head_width},
          {"vocabulary", config.vocabulary},
          {"max_positions", config.max_positions},
          {"norm_epsilon", config.norm_epsilon},
          {"rope_theta", config.rope_theta},
          {"has_head_norms", config.has_head_norms},
          {"whole_layers", report.layers.layers},
          {"query_offset", report.query_offset}};
}

void PrintJson(const RankBenchArguments& arguments, const RankBenchReport& report) {
  const double seconds = report.median_seconds();
  nlohmann::ordered_json steps;
  for (const auto& [name, time] : Steps(report.steps)) steps[name] = Share(time, report.steps);
  const nlohmann::ordered_json json = {
      {"model", ModelJson(report)},
      {"precision", arguments.precision},
      {"threads", report.threads},
      {"documents", arguments.options.documents},
      {"tokens", report.tokens},
      {"blocks", report.blocks},
      {"load_seconds", report.load_seconds},
      {"pass_seconds", report.pass_seconds},
      {"median_seconds", seconds},
      {"passes_per_second", 1 / seconds},
      {"tokens_per_second", report.tokens / seconds},
      {"product_operations", report.operations.products},
      {"attention_operations", report.operations.attention},
      {"operations_per_second", report.operations.total() / seconds},
      {"matrix_rates", report.matrix_rates},
      {"share_of_matrix_rate", report.share_of_rate()},
      {"steps", steps},
      {"weight_bytes", report.weight_bytes},
      {"rss_bytes", report.rss_bytes},
      {"peak_rss_bytes", report.peak_rss_bytes},
      {"scores", report.scores}};
  std::printf("%s\n", json.dump().c_str());
}

void PrintText(const RankBenchArguments& arguments, const RankBenchReport& report) {
  using Align = Table::Align;
  const double seconds = report.median_seconds();
  std::printf("%s documents, %s tokens; %d layers and a scoring layer in %s on %d threads\n",
              Thousands(arguments.options.documents).c_str(), Thousands(report.tokens).c_str(),
              static_cast<int>(report.layers.layers), arguments.precision.c_str(),
              static_cast<int>(report.threads));
  Table table({Align::kLeft, Align::kRight});
  const auto add = [&table](const char* name, std::string value) {
    table.Add({name, std::move(value)});
  };
  const auto percent = [](double share) { return absl::StrFormat("%.1f %%", 100 * share); };
  add("a pass (median)", absl::StrFormat("%.3f s", seconds));
  add("passes a second", absl::StrFormat("%.3f", 1 / seconds));
  add("tokens a second", Thousands(static_cast<uint64_t>(report.tokens / seconds)));
  add("operations a pass", absl::StrFormat("%.3f T", report.operations.total() * 1e-12));
  add("  of attention", percent(report.operations.attention / report.operations.total()));
  add("operations a second",
      absl::StrFormat("%.3f T", report.operations.total() / seconds * 1e-12));
  add("  of the matrix rate", percent(report.share_of_rate()));
  for (const auto& [name, time] : Steps(report.steps)) {
    table.Add({"time in " + name, percent(Share(time, report.steps))});
  }
  add("loading", absl::StrFormat("%.1f s", report.load_seconds));
  add("weights", Bytes(report.weight_bytes));
  add("memory after the passes", Bytes(report.rss_bytes));
  add("  at its peak", Bytes(report.peak_rss_bytes));
  std::fputs(table.ToString().c_str(), stdout);
}

absl::Status RunCommand(RankBenchArguments& arguments) {
  RankBenchOptions& options = arguments.options;
  if (options.directory.empty() && !arguments.random_weights) {
    return absl::InvalidArgumentError("no weights: give --model, or --shape and --random-weights");
  }
  if (options.directory.empty() == options.shape.empty()) {
    return absl::InvalidArgumentError("give --shape or --model");
  }
  RETURN_IF_ERROR(ReadTokens(arguments.tokens, options));
  options.precision = kPrecisions.at(arguments.precision);
  ASSIGN_OR_RETURN(const RankBenchReport report, RunRankBench(options));
  if (arguments.json) {
    PrintJson(arguments, report);
  } else {
    PrintText(arguments, report);
  }
  return absl::OkStatus();
}

}  // namespace

void AddRankBenchCommand(CLI::App& bench, Action& chosen) {
  auto arguments = std::make_shared<RankBenchArguments>();
  RankBenchOptions& options = arguments->options;
  CLI::App* command = bench.add_subcommand(
      "rank", "Time the reranker's decoder on a list, beside the processor's matrix rate");
  command->add_option("--shape", options.shape, "Shape of a model")
      ->check(CLI::IsMember(RankShapeNames()))
      ->type_name("NAME");
  command->add_flag("--random-weights", arguments->random_weights, "Weights of that shape");
  command->add_option("--model", options.directory, "A model instead")->type_name("DIR");
  command->add_option("--docs", options.documents, "Documents of the list")
      ->check(CLI::Range(1u, kMostDocuments))
      ->capture_default_str();
  command->add_option("--tokens", arguments->tokens, "Tokens of a document, or a range of them")
      ->type_name("N|N-M")
      ->capture_default_str();
  command->add_option("--precision", arguments->precision, "f32, bf16 or int8")
      ->check(CLI::IsMember({"f32", "bf16", "int8"}))
      ->capture_default_str();
  command->add_option("--threads", options.threads, "Threads of a pass; 0: one a processor")
      ->check(CLI::Range(0u, 1024u))
      ->capture_default_str();
  command->add_option("--repeats", options.repeats, "Passes after the first, which warms up")
      ->check(CLI::Range(1u, 1000u))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return RunCommand(*arguments); }; });
}

}  // namespace foraker::cli
