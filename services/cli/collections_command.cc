// foraker collections show, verify: what there is, and whether it is sound.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/directory.h"
#include "base/file.h"
#include "base/status.h"
#include "retrieval/encoder_store.h"
#include "retrieval/settings.h"
#include "services/cli/collection_changes.h"
#include "services/cli/commands.h"
#include "services/cli/json_text.h"
#include "services/cli/target.h"
#include "services/cli/terminal.h"

namespace foraker::cli {
namespace {

using index::Catalog;
using index::OpenMode;
using retrieval::CollectionSummary;
using Align = Table::Align;

struct CollectionsArguments {
  Target target;
  std::string collection;
  std::vector<std::string> names;
  bool json = false;
};

// A model's directory by its last part.
std::string EncoderName(const std::string& encoder) {
  return encoder.substr(encoder.find_last_of('/') + 1);
}

void PrintTable(const std::vector<CollectionSummary>& collections) {
  if (collections.empty()) {
    std::puts("no collections");
    return;
  }
  Table table({Align::kLeft, Align::kLeft, Align::kRight, Align::kRight, Align::kRight,
               Align::kRight, Align::kRight, Align::kLeft});
  table.Add({"collection", "encoder", "documents", "passages", "segments", "size", "generation",
             "aliases"});
  for (const CollectionSummary& collection : collections) {
    table.Add({collection.name, Clean(EncoderName(collection.encoder)),
               Thousands(collection.documents), Thousands(collection.passages),
               Thousands(collection.segments), Bytes(collection.bytes),
               std::to_string(collection.generation), absl::StrJoin(collection.aliases, ", ")});
  }
  std::fputs(table.ToString().c_str(), stdout);
}

// A row a setting: "  document.k1  1.2".
void AddSettings(const std::string& settings_json, Table& facts) {
  const auto settings = nlohmann::ordered_json::parse(settings_json, nullptr, false);
  if (!settings.is_object()) return;
  for (const auto& [side, members] : settings.items()) {
    for (const auto& [name, value] : members.items()) {
      facts.Add({"  " + Clean(side + "." + name),
                 value.is_string() ? Clean(value.get<std::string>()) : value.dump()});
    }
  }
}

void PrintDetails(const CollectionSummary& collection) {
  std::printf("%s\n", Style::For(stdout).Bold(collection.name).c_str());
  Table facts({Align::kLeft, Align::kLeft});
  facts.Add({"  generation", std::to_string(collection.generation)});
  facts.Add({"  idf version", std::to_string(collection.idf_version)});
  facts.Add({"  documents", Thousands(collection.documents)});
  facts.Add({"  passages", Thousands(collection.passages)});
  facts.Add({"  segments", Thousands(collection.segments)});
  facts.Add({"  size", Bytes(collection.bytes)});
  facts.Add({"  encoder", collection.encoder});
  facts.Add({"  analyzer", collection.analyzer});
  if (!collection.aliases.empty())
    facts.Add({"  aliases", absl::StrJoin(collection.aliases, ", ")});
  if (!collection.snapshots.empty())
    facts.Add({"  snapshots", absl::StrJoin(collection.snapshots, ", ")});
  for (const auto& [field, type] : collection.fields) facts.Add({"  field " + Clean(field), type});
  AddSettings(collection.settings_json, facts);
  std::fputs(facts.ToString().c_str(), stdout);
  Table sections({Align::kLeft, Align::kRight, Align::kRight});
  for (const auto& [section, bytes] : collection.section_bytes) {
    const double per_passage = static_cast<double>(bytes) /
                               static_cast<double>(std::max<uint64_t>(collection.passages, 1));
    sections.Add({"  section " + section, Bytes(bytes),
                  absl::StrFormat("%.1f bytes a passage", per_passage)});
  }
  std::fputs(sections.ToString().c_str(), stdout);
}

absl::Status Show(const CollectionsArguments& arguments) {
  ASSIGN_OR_RETURN(std::unique_ptr<retrieval::Searcher> searcher, OpenSearcher(arguments.target));
  std::vector<CollectionSummary> collections;
  if (arguments.names.empty()) {
    ASSIGN_OR_RETURN(collections, searcher->Collections());
  }
  for (const std::string& name : arguments.names) {
    ASSIGN_OR_RETURN(CollectionSummary collection, searcher->Describe(name));
    collections.push_back(std::move(collection));
  }
  if (arguments.json) {
    for (const CollectionSummary& collection : collections)
      std::printf("%s\n", ToJson(collection).c_str());
  } else if (arguments.names.empty()) {
    PrintTable(collections);
  } else {
    for (const CollectionSummary& collection : collections) PrintDetails(collection);
  }
  return absl::OkStatus();
}

// What queries need of a neural collection's encoder, as one more file.
absl::Status CheckEncoder(const Catalog& catalog, const std::string& collection,
                          std::vector<index::FileCheck>& checks) {
  ASSIGN_OR_RETURN(const index::CollectionInfo info, catalog.Get(collection));
  ASSIGN_OR_RETURN(const auto settings,
                   retrieval::CollectionSettings::FromJson(info.record.settings));
  if (!retrieval::IsNeural(settings.document)) return absl::OkStatus();
  index::FileCheck& check = checks.emplace_back();
  check.file = absl::StrCat("encoders/", settings.document.encoder_fingerprint);
  check.status = retrieval::EncoderStore(catalog.dir()).Table(settings.document).status();
  const std::string folder = absl::StrCat(catalog.dir(), "/", check.file);
  const absl::StatusOr<std::vector<std::string>> files = base::ListDirectory(folder);
  if (!files.ok()) return absl::OkStatus();  // the check says so
  for (const std::string& file : *files) {
    check.bytes += base::FileSize(absl::StrCat(folder, "/", file)).value_or(0);
  }
  return absl::OkStatus();
}

absl::Status Verify(const CollectionsArguments& arguments) {
  ASSIGN_OR_RETURN(std::shared_ptr<Catalog> catalog,
                   OpenCatalog(arguments.target, OpenMode::kRead));
  ASSIGN_OR_RETURN(std::vector<index::FileCheck> checks, catalog->Verify(arguments.collection));
  RETURN_IF_ERROR(CheckEncoder(*catalog, arguments.collection, checks));
  uint64_t broken = 0;
  Table table({Align::kLeft, Align::kRight, Align::kLeft});
  for (const index::FileCheck& check : checks) {
    const std::string verdict =
        check.status.ok() ? "ok" : Clean(base::ToStd(check.status.message()));
    if (!check.status.ok()) ++broken;
    if (arguments.json) {
      const nlohmann::ordered_json json = {{"file", check.file},
                                           {"bytes", check.bytes},
                                           {"ok", check.status.ok()},
                                           {"message", check.status.ok() ? "" : verdict}};
      std::printf("%s\n", json.dump().c_str());
    } else {
      table.Add({check.file, Bytes(check.bytes), verdict});
    }
  }
  std::fputs(table.ToString().c_str(), stdout);
  if (broken == 0) return absl::OkStatus();
  return absl::DataLossError(absl::StrFormat("%s: %d of %d files are damaged", arguments.collection,
                                             broken, checks.size()));
}

}  // namespace

void AddCollectionsCommand(CLI::App& app, Action& chosen) {
  CLI::App* group = app.add_subcommand("collections", "Show and maintain collections");
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* description,
                       absl::Status (*run)(const CollectionsArguments&)) {
    // Each its own: CLI11 gives the environment's values to options of all subcommands.
    const auto arguments = std::make_shared<CollectionsArguments>();
    CLI::App* command = group->add_subcommand(name, description);
    command->add_flag("--json", arguments->json, "Print JSON");
    command->callback(
        [arguments, run, &chosen] { chosen = [arguments, run] { return run(*arguments); }; });
    return std::make_pair(command, arguments);
  };

  const auto [show, shown] = add("show", "List all collections, or describe some", Show);
  show->alias("list");
  show->add_option("collection", shown->names, "Collections or aliases");
  AddTargetOptions(*show, shown->target);

  const auto [verify, verified] =
      add("verify", "Read every byte of a collection against its checksums", Verify);
  verify->add_option("collection", verified->collection, "Collection or alias")->required();
  AddDataOption(*verify, verified->target);

  AddCollectionChanges(*group, chosen);
  AddCollectionCopies(*group, chosen);
}

}  // namespace foraker::cli
