// foraker rank: a list of documents in the order of a language model, which this process or a
// server runs.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "services/cli/commands.h"
#include "services/cli/rank_input.h"
#include "services/cli/rank_options.h"
#include "services/cli/target.h"
#include "services/cli/terminal.h"
#include "services/client/remote_reranker.h"
#include "services/convert/rank.h"

namespace foraker::cli {
namespace {

using Json = nlohmann::ordered_json;  // keys in the order in which they are set
using retrieval::RankedDocument;
using retrieval::RankResult;

struct RankArguments {
  client::ServerOptions server;
  std::string model;  // of this process; empty: the server's
  std::string query, input;
  RankFlags rank;
  uint32_t top_n = 0;
  double time_limit_ms = 0;
  bool json = false;
};

std::string ToJson(const RankInput& input, const RankResult& result) {
  const auto ms = [](uint64_t micros) { return static_cast<double>(micros) / 1000; };
  Json json;
  json["documents"] = Json::array();
  for (const RankedDocument& document : result.documents) {
    json["documents"].push_back({{"id", input.ids[document.index]},
                                 {"index", document.index},
                                 {"rank_score", document.score},
                                 {"tokens_read", document.tokens_read},
                                 {"tokens_dropped", document.tokens_dropped},
                                 {"windows", document.windows}});
  }
  json["prompt_tokens"] = result.tokens;
  json["variant"] = convert::Name(result.variant);
  json["precision"] = convert::Name(result.precision);
  json["model"] = result.model;
  json["timing"] = {{"tokenize_ms", ms(result.timing.tokenize)},
                    {"queue_ms", ms(result.timing.queue)},
                    {"compute_ms", ms(result.timing.compute)},
                    {"total_ms", ms(result.timing.total)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void PrintText(const RankInput& input, const RankResult& result) {
  using Align = Table::Align;
  const Style style = Style::For(stdout);
  Table table({Align::kRight, Align::kRight, Align::kLeft, Align::kLeft});
  uint64_t dropped = 0;
  for (size_t i = 0; i < result.documents.size(); ++i) {
    const RankedDocument& ranked = result.documents[i];
    const retrieval::RankDocument& document = input.documents[ranked.index];
    const std::string& shown = document.title.empty() ? document.text : document.title;
    table.Add({absl::StrFormat("%d", i + 1), absl::StrFormat("%.6f", ranked.score),
               style.Bold(Clean(input.ids[ranked.index])), Ellipsis(Clean(shown), 60)});
    dropped += ranked.tokens_dropped;
  }
  std::fputs(table.ToString().c_str(), stdout);
  std::string summary = absl::StrFormat(
      "%d documents, %s tokens in %.2f s by %s (%s, %s)", input.ids.size(),
      Thousands(result.tokens), static_cast<double>(result.timing.total) / 1e6, Clean(result.model),
      convert::Name(result.variant), convert::Name(result.precision));
  if (dropped > 0) {
    summary +=
        absl::StrFormat("; %s tokens at the ends of documents were not read", Thousands(dropped));
  }
  std::printf("\n%s\n", style.Dim(summary).c_str());
}

absl::StatusOr<std::unique_ptr<retrieval::Reranker>> OpenReranker(const RankArguments& arguments) {
  if (!arguments.model.empty()) return arguments.rank.OpenModel(arguments.model);
  if (!arguments.server.address.empty()) return client::ConnectReranker(arguments.server);
  return absl::InvalidArgumentError(
      "give --model DIR, or --server HOST:PORT of a server that has one");
}

// An index out of the list would be the fault of a server.
absl::Status CheckIndices(const RankInput& input, const RankResult& result) {
  for (const RankedDocument& document : result.documents) {
    if (document.index < input.ids.size()) continue;
    return absl::InternalError("the server's reply: a document that was not in the list");
  }
  return absl::OkStatus();
}

absl::Status RunRank(const RankArguments& arguments) {
  ASSIGN_OR_RETURN(RankInput input, ReadRankInput(arguments.input));
  ASSIGN_OR_RETURN(const std::unique_ptr<retrieval::Reranker> reranker, OpenReranker(arguments));
  retrieval::RankRequest request;
  request.query = arguments.query;
  request.documents = input.documents;
  request.options = arguments.rank.ToOptions();
  request.options.top_n = arguments.top_n;
  if (arguments.time_limit_ms > 0) {
    request.options.deadline = absl::Now() + absl::Milliseconds(arguments.time_limit_ms);
  }
  ASSIGN_OR_RETURN(const RankResult result, reranker->Rank(request));
  RETURN_IF_ERROR(CheckIndices(input, result));
  if (arguments.json) {
    std::printf("%s\n", ToJson(input, result).c_str());
  } else {
    PrintText(input, result);
  }
  return absl::OkStatus();
}

}  // namespace

void AddRankCommand(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<RankArguments>();
  CLI::App* command =
      app.add_subcommand("rank", "Let a language model order a list of documents for a query");
  command->add_option("--query", arguments->query, "What is looked for")
      ->required()
      ->type_name("TEXT");
  command
      ->add_option("--input", arguments->input,
                   "JSON lines {\"_id\", \"title\", \"text\"}; - is stdin")
      ->required()
      ->type_name("FILE");
  command->add_option("-n,--top", arguments->top_n, "Documents printed [all]");
  command->add_option("--time-limit", arguments->time_limit_ms, "Give up after so long")
      ->type_name("MS");
  command->add_option("--model", arguments->model, "Directory of a model, to rank here")
      ->type_name("DIR");
  AddServerOptions(*command, arguments->server);
  arguments->rank.AddTo(*command, "--", "Model");
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments, &chosen] { chosen = [arguments] { return RunRank(*arguments); }; });
}

}  // namespace foraker::cli
