// foraker index: a batch of documents into a collection.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "retrieval/ingest/batch_build.h"
#include "services/cli/commands.h"
#include "services/cli/interrupt.h"
#include "services/cli/line_errors.h"
#include "services/cli/progress_bar.h"
#include "services/cli/remote_index.h"
#include "services/cli/settings_options.h"
#include "services/cli/target.h"
#include "services/cli/terminal.h"
#include "services/cli/write_target.h"

namespace foraker::cli {
namespace {

struct IndexArguments {
  Target target;
  retrieval::BatchBuildOptions build;
  SettingsOptions settings;
  std::vector<std::string> fields;  // "name:type"
  std::string shard;                // "I/N"
  bool vectors = false;
  bool no_verify = false;
  bool json = false;
  std::string wait = "searchable";  // with a server
};

absl::StatusOr<retrieval::Shard> ParseShard(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '/');
  retrieval::Shard shard;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &shard.index) ||
      !absl::SimpleAtoi(parts[1], &shard.count) || shard.index >= shard.count) {
    return absl::InvalidArgumentError(
        absl::StrFormat("--shard %s: expected I/N with 0 <= I < N", text));
  }
  return shard;
}

absl::StatusOr<std::pair<std::string, index::FieldType>> ParseField(const std::string& text) {
  const size_t colon = text.rfind(':');
  for (const auto type :
       {index::FieldType::kKeyword, index::FieldType::kInteger, index::FieldType::kReal,
        index::FieldType::kBoolean, index::FieldType::kTimestamp}) {
    if (colon != std::string::npos && colon > 0 &&
        text.substr(colon + 1) == index::FieldTypeName(type))
      return std::make_pair(text.substr(0, colon), type);
  }
  return absl::InvalidArgumentError(absl::StrFormat(
      "--field %s: expected NAME:TYPE, of keyword, integer, real, boolean, timestamp", text));
}

const char* StageName(retrieval::BuildStage stage) {
  switch (stage) {
    case retrieval::BuildStage::kMeasuring:
      return "measuring";
    case retrieval::BuildStage::kResuming:
      return "resuming";
    case retrieval::BuildStage::kIndexing:
      return "indexing";
    case retrieval::BuildStage::kPublishing:
      return "publishing";
  }
  return "";
}

void ShowProgress(ProgressBar& bar, const retrieval::BuildProgress& progress) {
  const double share = progress.input_total == 0 ? -1
                                                 : static_cast<double>(progress.input_bytes) /
                                                       static_cast<double>(progress.input_total);
  bar.Update(StageName(progress.stage), share, progress.documents, "documents",
             progress.passages_per_second, "passages");
}

// What else is to be said of a result: ", 3 replaced, 1 lines refused".
template <typename Result>
std::string Remarks(const Result& result) {
  std::string remarks;
  const auto add = [&remarks](uint64_t count, const char* what) {
    if (count > 0) absl::StrAppendFormat(&remarks, ", %s %s", Thousands(count), what);
  };
  add(result.replaced, "replaced");
  add(result.rejected, "lines refused");
  add(result.dropped_terms, "small weights left out");
  add(result.dropped_tokens, "tokens beyond the encoder's reach left out");
  return remarks;
}

void PrintResult(const IndexArguments& arguments, const retrieval::BatchBuildResult& result) {
  if (arguments.json) {
    const nlohmann::ordered_json json = {{"collection", arguments.build.collection},
                                         {"generation", result.generation},
                                         {"documents", result.documents},
                                         {"passages", result.passages},
                                         {"replaced", result.replaced},
                                         {"rejected", result.rejected},
                                         {"dropped_terms", result.dropped_terms},
                                         {"dropped_tokens", result.dropped_tokens},
                                         {"segments", result.segments},
                                         {"bytes", result.bytes},
                                         {"seconds", result.seconds},
                                         {"passages_per_second", result.passages_per_second},
                                         {"resumed", result.resumed},
                                         {"already_built", result.already_built}};
    std::printf("%s\n", json.dump().c_str());
    return;
  }
  if (result.already_built) {
    std::printf("%s: generation %d was built from exactly these inputs; nothing to do\n",
                arguments.build.collection.c_str(), static_cast<int>(result.generation));
    return;
  }
  std::string line =
      absl::StrFormat("%s: %s documents in %s passages, generation %d", arguments.build.collection,
                      Thousands(result.documents), Thousands(result.passages), result.generation);
  line += Remarks(result);
  absl::StrAppendFormat(&line, "\n%s, %s passages a second, %s in %d segment%s\n",
                        Duration(result.seconds),
                        Thousands(static_cast<uint64_t>(result.passages_per_second)),
                        Bytes(result.bytes), result.segments, result.segments == 1 ? "" : "s");
  std::fputs(line.c_str(), stdout);
}

void PrintRemoteResult(const IndexArguments& arguments, const RemoteIndexResult& result) {
  const double rate = static_cast<double>(result.documents) / std::max(result.seconds, 1e-9);
  if (arguments.json) {
    const nlohmann::ordered_json json = {{"collection", arguments.build.collection},
                                         {"created", result.created},
                                         {"documents", result.documents},
                                         {"replaced", result.replaced},
                                         {"rejected", result.rejected},
                                         {"dropped_terms", result.dropped_terms},
                                         {"dropped_tokens", result.dropped_tokens},
                                         {"sequence", result.sequence},
                                         {"seconds", result.seconds},
                                         {"documents_per_second", rate}};
    std::printf("%s\n", json.dump().c_str());
    return;
  }
  std::string line = absl::StrFormat("%s: %s documents%s", arguments.build.collection,
                                     Thousands(result.documents), Remarks(result));
  absl::StrAppendFormat(&line, "\n%s, %s documents a second\n", Duration(result.seconds),
                        Thousands(static_cast<uint64_t>(rate)));
  std::fputs(line.c_str(), stdout);
}

// Options that only a batch build in this process has.
absl::Status CheckRemote(const IndexArguments& arguments) {
  const retrieval::BatchBuildOptions& build = arguments.build;
  const char* option = !arguments.shard.empty() ? "--shard"
                       : build.restart          ? "--restart"
                       : arguments.no_verify    ? "--no-verify"
                                                : nullptr;
  if (option == nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrFormat("%s is for builds of a data directory; leave it out with --server", option));
}

// Builds in this process, or sends the documents to a server, and prints what came of it.
absl::Status Run(const IndexArguments& arguments, const retrieval::BatchBuildOptions& build,
                 ProgressBar& progress) {
  if (arguments.target.is_remote()) {
    const auto wait =
        arguments.wait == "log" ? retrieval::WriteWait::kLog : retrieval::WriteWait::kSearchable;
    ASSIGN_OR_RETURN(const RemoteIndexResult result,
                     RunRemoteIndex(arguments.target.server, build, wait));
    progress.Clear();
    PrintRemoteResult(arguments, result);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::shared_ptr<index::Catalog> catalog,
                   OpenCatalogForWriting(arguments.target));
  ASSIGN_OR_RETURN(const retrieval::BatchBuildResult result,
                   retrieval::RunBatchBuild(*catalog, build));
  progress.Clear();
  PrintResult(arguments, result);
  return absl::OkStatus();
}

absl::Status RunIndex(IndexArguments& arguments) {
  retrieval::BatchBuildOptions& build = arguments.build;
  if (arguments.target.is_remote()) RETURN_IF_ERROR(CheckRemote(arguments));
  if (!arguments.shard.empty()) {
    ASSIGN_OR_RETURN(build.shard, ParseShard(arguments.shard));
  }
  for (const std::string& field : arguments.fields) {
    ASSIGN_OR_RETURN(auto declared, ParseField(field));
    build.fields.push_back(std::move(declared));
  }
  if (build.inputs.empty()) build.inputs.push_back("-");
  build.verify_encoder = !arguments.no_verify;
  if (arguments.vectors) build.kind = retrieval::InputKind::kVectors;
  build.adjust_settings = [&arguments](retrieval::CollectionSettings& settings) {
    arguments.settings.Apply(settings);
    if (arguments.vectors) settings.document.encoder = "vectors";
  };

  ProgressBar progress;
  LineErrorReport line_errors(progress);
  build.on_line_error = [&](const retrieval::LineError& error) { line_errors.Add(error); };
  build.on_progress = [&](const retrieval::BuildProgress& now) { ShowProgress(progress, now); };
  build.cancel = &StopRequested();
  const absl::Status status = Run(arguments, build, progress);
  progress.Clear();
  line_errors.Finish();
  if (absl::IsCancelled(status) && StopRequested()) {
    return absl::CancelledError("interrupted; the same command continues where this one stopped");
  }
  // What arrives as lost data here is a broken input stream: the input was wrong.
  if (absl::IsDataLoss(status)) return absl::InvalidArgumentError(status.message());
  return status;
}

}  // namespace

void AddIndexCommand(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<IndexArguments>();
  CLI::App* command = app.add_subcommand("index", "Build or extend a collection from JSON lines");
  retrieval::BatchBuildOptions& build = arguments->build;
  command->add_option("-c,--collection", build.collection, "Collection to build or extend")
      ->required()
      ->type_name("NAME");
  command
      ->add_option("-i,--input", build.inputs,
                   "Files of JSON lines, plain, gzip or zstd; - or none is standard input")
      ->type_name("FILE...");
  AddTargetOptions(*command, arguments->target);
  command
      ->add_option("--wait", arguments->wait,
                   "With --server: until documents are in its log, or searchable")
      ->check(CLI::IsMember({"log", "searchable"}))
      ->capture_default_str();
  command->add_flag("--vectors", arguments->vectors,
                    "Lines hold vectors: {\"id\", \"vector\": {token: weight}}");
  command->add_flag("--drop-small-weights", build.drop_small_weights,
                    "With --vectors: leave weights below 2^-14 out instead of refusing the line");
  command->add_flag("--no-verify", arguments->no_verify,
                    "Take a model whose first vectors are not plausible");
  command->add_option("--field", arguments->fields, "Declare a field's type; repeatable")
      ->allow_extra_args(false)
      ->type_name("NAME:TYPE");
  command->add_option("--shard", arguments->shard, "Index only the I-th of N parts, by hash of id")
      ->type_name("I/N");
  command
      ->add_option("--threads", build.threads,
                   "Encoding threads, or streams to a server; 0: one a core")
      ->capture_default_str();
  command->add_option("--memory", build.memory_bytes, "Memory that the build may use, e.g. 512MB")
      ->transform(CLI::AsSizeValue(false))
      ->default_str("1GB");
  command->add_flag("--strict", build.strict, "Stop at the first bad line");
  command->add_flag("--restart", build.restart, "Throw an interrupted build away and start anew");
  command->add_flag("--json", arguments->json, "Print one JSON object");
  arguments->settings.AddTo(*command);
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return RunIndex(*arguments); }; });
}

}  // namespace foraker::cli
