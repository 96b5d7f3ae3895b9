// foraker bench load: searches on a running server, at a rate or so many at once.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "foraker/v1/search.pb.h"
#include "services/cli/commands.h"
#include "services/cli/load_generator.h"
#include "services/cli/query_file.h"
#include "services/cli/target.h"
#include "services/cli/terminal.h"
#include "services/convert/search_request.h"

namespace foraker::cli {
namespace {

struct LoadArguments {
  LoadOptions load;
  std::string collection, queries;
  uint32_t k = 10;
  double seconds = 10, warm_up = 1, deadline = 10;
  bool ids_only = false;
  bool json = false;
};

absl::StatusOr<std::vector<std::string>> MakeRequests(const LoadArguments& arguments) {
  ASSIGN_OR_RETURN(const std::vector<NamedQuery> queries, ReadQueries(arguments.queries));
  std::vector<std::string> requests;
  for (const NamedQuery& query : queries) {
    retrieval::SearchRequest request;
    request.collection = arguments.collection;
    request.query = query.query;
    request.k = arguments.k;
    if (arguments.ids_only) request.with_title = request.with_text = request.with_fields = false;
    v1::SearchRequest message;
    convert::ToProto(request, absl::Now(), message);
    requests.push_back(message.SerializeAsString());
  }
  return requests;
}

void PrintJson(const LoadArguments& arguments, const LoadReport& report) {
  const Latency& ok = report.ok;
  nlohmann::ordered_json json = {{"seconds", report.seconds},
                                 {"connections", arguments.load.connections},
                                 {"sent", report.sent},
                                 {"unsent", report.unsent},
                                 {"throughput", report.throughput()},
                                 {"codes", report.codes},
                                 {"mean_ms", ok.mean()},
                                 {"p50_ms", ok.Percentile(50)},
                                 {"p90_ms", ok.Percentile(90)},
                                 {"p99_ms", ok.Percentile(99)},
                                 {"p999_ms", ok.Percentile(99.9)},
                                 {"max_ms", ok.Percentile(100)},
                                 {"failed_p50_ms", report.failed.Percentile(50)},
                                 {"failed_p99_ms", report.failed.Percentile(99)}};
  if (arguments.load.rate > 0) {
    json["rate"] = arguments.load.rate;
  } else {
    json["concurrency"] = arguments.load.concurrency;
  }
  std::printf("%s\n", json.dump().c_str());
}

void PrintText(const LoadReport& report) {
  using Align = Table::Align;
  Table table({Align::kLeft, Align::kRight});
  const auto add_ms = [&table](const char* name, double ms) {
    table.Add({name, absl::StrFormat("%.3f ms", ms)});
  };
  table.Add({"calls sent", Thousands(report.sent)});
  if (report.unsent > 0) table.Add({"due but not sent", Thousands(report.unsent)});
  for (const auto& [code, count] : report.codes) table.Add({"  " + code, Thousands(count)});
  table.Add({"answers a second", absl::StrFormat("%.1f", report.throughput())});
  add_ms("mean", report.ok.mean());
  add_ms("p50", report.ok.Percentile(50));
  add_ms("p99", report.ok.Percentile(99));
  add_ms("p99.9", report.ok.Percentile(99.9));
  if (!report.failed.empty()) add_ms("p99 of the others", report.failed.Percentile(99));
  std::fputs(table.ToString().c_str(), stdout);
}

absl::Status RunLoad(LoadArguments& arguments) {
  LoadOptions& load = arguments.load;
  if (load.server.address.empty()) {
    return absl::InvalidArgumentError("--server: the address of the server must be given");
  }
  load.duration = absl::Seconds(arguments.seconds);
  load.warm_up = absl::Seconds(arguments.warm_up);
  load.deadline = absl::Seconds(arguments.deadline);
  ASSIGN_OR_RETURN(const std::vector<std::string> requests, MakeRequests(arguments));
  ASSIGN_OR_RETURN(const LoadReport report,
                   GenerateLoad(load, "/foraker.v1.Search/Search", requests));
  if (arguments.json) {
    PrintJson(arguments, report);
  } else {
    PrintText(report);
  }
  return absl::OkStatus();
}

}  // namespace

void AddLoadCommand(CLI::App& bench, Action& chosen) {
  auto arguments = std::make_shared<LoadArguments>();
  CLI::App* command =
      bench.add_subcommand("load", "Search on a running server, and say what it sustained");
  command->add_option("-c,--collection", arguments->collection, "Collection or alias")
      ->required()
      ->type_name("NAME");
  command->add_option("--queries", arguments->queries, "JSON lines, as of bench; used in turn")
      ->required()
      ->type_name("FILE");
  AddServerOptions(*command, arguments->load.server);
  LoadOptions& load = arguments->load;
  CLI::Option* rate =
      command->add_option("--rate", load.rate, "Calls a second, whatever comes back (open loop)")
          ->check(CLI::PositiveNumber);
  command->add_option("--concurrency", load.concurrency, "Calls under way (closed loop)")
      ->check(CLI::PositiveNumber)
      ->excludes(rate)
      ->capture_default_str();
  const auto add = [command](const char* name, auto& value, const char* description) {
    return command->add_option(name, value, description)->capture_default_str();
  };
  add("--connections", load.connections, "Connections")->check(CLI::PositiveNumber);
  add("--most-under-way", load.most_under_way, "With --rate: more calls are not sent")
      ->check(CLI::PositiveNumber);
  add("--seconds", arguments->seconds, "How long to count")->check(CLI::PositiveNumber);
  add("--warm-up", arguments->warm_up, "Seconds before counting")->check(CLI::NonNegativeNumber);
  add("--deadline", arguments->deadline, "Seconds a call may take")->check(CLI::PositiveNumber);
  add("-k", arguments->k, "Hits");
  command->add_flag("--ids-only", arguments->ids_only, "Hits without titles, texts and fields");
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments, &chosen] { chosen = [arguments] { return RunLoad(*arguments); }; });
}

}  // namespace foraker::cli
