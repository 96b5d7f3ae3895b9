// foraker collections: what there is, and its maintenance.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
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
#include "retrieval/ingest/attach.h"
#include "retrieval/settings.h"
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

// What any of the subcommands may be given.
struct CollectionsArguments {
  Target target;
  std::string collection, name, as;
  std::vector<std::string> names;
  bool remove = false;
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

absl::Status Attach(const CollectionsArguments& arguments) {
  ASSIGN_OR_RETURN(std::shared_ptr<Catalog> catalog,
                   OpenCatalog(arguments.target, OpenMode::kWrite));
  ASSIGN_OR_RETURN(const retrieval::AttachResult result,
                   retrieval::AttachShards(*catalog, arguments.collection, arguments.names));
  if (arguments.json) {
    const nlohmann::ordered_json json = {{"collection", arguments.collection},
                                         {"generation", result.generation},
                                         {"documents", result.documents},
                                         {"passages", result.passages},
                                         {"replaced", result.replaced},
                                         {"segments", result.segments},
                                         {"bytes", result.bytes}};
    std::printf("%s\n", json.dump().c_str());
  } else {
    std::printf("%s: %s segments attached (%s), now %s documents in %s passages, generation %s\n",
                arguments.collection.c_str(), Thousands(result.segments).c_str(),
                Bytes(result.bytes).c_str(), Thousands(result.documents).c_str(),
                Thousands(result.passages).c_str(), std::to_string(result.generation).c_str());
  }
  return absl::OkStatus();
}

// Opens the catalog for writing, changes it, and says what was done.
absl::Status Change(const CollectionsArguments& arguments,
                    const std::function<absl::Status(Catalog&)>& change, const std::string& done) {
  ASSIGN_OR_RETURN(std::shared_ptr<Catalog> catalog,
                   OpenCatalog(arguments.target, OpenMode::kWrite));
  RETURN_IF_ERROR(change(*catalog));
  if (arguments.json) {
    std::printf("%s\n", nlohmann::ordered_json({{"done", done}}).dump().c_str());
  } else {
    std::printf("%s\n", done.c_str());
  }
  return absl::OkStatus();
}

absl::Status Drop(const CollectionsArguments& arguments) {
  return Change(
      arguments, [&](Catalog& catalog) { return catalog.Drop(arguments.collection); },
      "dropped " + arguments.collection);
}

absl::Status Alias(const CollectionsArguments& arguments) {
  if (arguments.remove) {
    return Change(
        arguments, [&](Catalog& catalog) { return catalog.RemoveAlias(arguments.name); },
        "removed alias " + arguments.name);
  }
  if (arguments.collection.empty())
    return absl::InvalidArgumentError("alias: give the collection that the alias names");
  return Change(
      arguments,
      [&](Catalog& catalog) { return catalog.SetAlias(arguments.name, arguments.collection); },
      arguments.name + " now names " + arguments.collection);
}

absl::Status Snapshot(const CollectionsArguments& arguments) {
  const std::string named = arguments.name + " of " + arguments.collection;
  if (arguments.remove) {
    return Change(
        arguments,
        [&](Catalog& catalog) {
          return catalog.DropSnapshot(arguments.collection, arguments.name);
        },
        "dropped snapshot " + named);
  }
  return Change(
      arguments,
      [&](Catalog& catalog) {
        return catalog.CreateSnapshot(arguments.collection, arguments.name);
      },
      "made snapshot " + named);
}

absl::Status Restore(const CollectionsArguments& arguments) {
  const std::string as = arguments.as.empty() ? arguments.collection : arguments.as;
  return Change(
      arguments,
      [&](Catalog& catalog) {
        return catalog.RestoreSnapshot(arguments.collection, arguments.name, as);
      },
      "restored snapshot " + arguments.name + " of " + arguments.collection + " as " + as);
}

using Run = absl::Status (*)(const CollectionsArguments&);

// One subcommand with the options that all of them have.
CLI::App* AddSubcommand(CLI::App& parent, const char* name, const char* description, Run run,
                        const std::shared_ptr<CollectionsArguments>& arguments, Action& chosen) {
  CLI::App* command = parent.add_subcommand(name, description);
  command->add_flag("--json", arguments->json, "Print JSON");
  command->callback(
      [arguments, run, &chosen] { chosen = [arguments, run] { return run(*arguments); }; });
  return command;
}

}  // namespace

void AddCollectionsCommand(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<CollectionsArguments>();
  CLI::App* group = app.add_subcommand("collections", "Show and maintain collections");
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* description, Run run) {
    return AddSubcommand(*group, name, description, run, arguments, chosen);
  };
  const auto add_writer = [&](const char* name, const char* description, Run run) {
    CLI::App* command = add(name, description, run);
    AddDataOption(*command, arguments->target);
    return command;
  };

  CLI::App* show = add("show", "List all collections, or describe some", Show)->alias("list");
  show->add_option("collection", arguments->names, "Collections or aliases");
  AddTargetOptions(*show, arguments->target);

  add_writer("verify", "Read every byte of a collection against its checksums", Verify)
      ->add_option("collection", arguments->collection, "Collection or alias")
      ->required();
  add_writer("drop", "Delete a collection and its snapshots", Drop)
      ->add_option("collection", arguments->collection, "Collection")
      ->required();

  CLI::App* attach =
      add_writer("attach", "Add built shards in one step, with the summed idf table", Attach);
  attach->add_option("collection", arguments->collection, "Collection, new or old")->required();
  attach->add_option("shard", arguments->names, "Data directories of the shards")->required();

  CLI::App* alias = add_writer("alias", "Let a second name stand for a collection", Alias);
  alias->add_option("alias", arguments->name, "The second name")->required();
  alias->add_option("collection", arguments->collection, "What it names from now on");
  alias->add_flag("--remove", arguments->remove, "Take the alias away");

  CLI::App* snapshot = add_writer("snapshot", "Keep a collection as it is under a name", Snapshot);
  snapshot->add_option("collection", arguments->collection, "Collection")->required();
  snapshot->add_option("name", arguments->name, "Name of the snapshot")->required();
  snapshot->add_flag("--drop", arguments->remove, "Drop that snapshot instead");

  CLI::App* restore = add_writer("restore", "Make a snapshot the newest generation", Restore);
  restore->add_option("collection", arguments->collection, "Collection of the snapshot")
      ->required();
  restore->add_option("name", arguments->name, "Name of the snapshot")->required();
  restore->add_option("--as", arguments->as, "Make a new collection of it")->type_name("NAME");
}

}  // namespace foraker::cli
