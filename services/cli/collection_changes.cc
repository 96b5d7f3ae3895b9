// foraker collections create, drop, set, publish-idf, alias, flush, compact, rebuild, attach.

#include "services/cli/collection_changes.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "retrieval/ingest/attach.h"
#include "retrieval/settings_changes.h"
#include "services/cli/interrupt.h"
#include "services/cli/progress_bar.h"
#include "services/cli/settings_options.h"
#include "services/cli/terminal.h"

namespace foraker::cli {
namespace {

using Access = WriteAccess;

absl::StatusOr<retrieval::SettingChanges> ParseSettings(const std::vector<std::string>& texts) {
  retrieval::SettingChanges changes;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos) {
      return absl::InvalidArgumentError(absl::StrFormat("%s: expected NAME=VALUE", text));
    }
    changes.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return changes;
}

absl::Status Create(const ChangeArguments& arguments) {
  retrieval::CreateRequest request;
  request.collection = arguments.collection;
  if (!arguments.encoder.empty()) request.encoder = EncoderPath(arguments.encoder);
  ASSIGN_OR_RETURN(request.settings, ParseSettings(arguments.settings));
  for (const std::string& field : arguments.fields) {
    const size_t colon = field.rfind(':');
    if (colon == std::string::npos) {
      return absl::InvalidArgumentError(absl::StrFormat("--field %s: expected NAME:TYPE", field));
    }
    request.fields.emplace_back(field.substr(0, colon), field.substr(colon + 1));
  }
  return Change(
      arguments,
      [&](const Access& access) { return access.administrator->CreateCollection(request); },
      "made " + arguments.collection);
}

absl::Status Drop(const ChangeArguments& arguments) {
  return Change(
      arguments,
      [&](const Access& access) {
        return access.administrator->DropCollection(arguments.collection);
      },
      "dropped " + arguments.collection);
}

absl::Status Set(const ChangeArguments& arguments) {
  ASSIGN_OR_RETURN(const retrieval::SettingChanges changes, ParseSettings(arguments.settings));
  return Change(
      arguments,
      [&](const Access& access) {
        return access.administrator->UpdateSettings(arguments.collection, changes);
      },
      "changed " + arguments.collection);
}

absl::Status PublishIdf(const ChangeArguments& arguments) {
  return Change(
      arguments,
      [&](const Access& access) { return access.administrator->PublishIdf(arguments.collection); },
      "published the idf table of " + arguments.collection);
}

absl::Status Alias(const ChangeArguments& arguments) {
  if (arguments.remove) {
    return Change(
        arguments,
        [&](const Access& access) { return access.administrator->RemoveAlias(arguments.name); },
        "removed alias " + arguments.name);
  }
  if (arguments.collection.empty()) {
    return absl::InvalidArgumentError("alias: give the collection that the alias names");
  }
  return Change(
      arguments,
      [&](const Access& access) {
        return access.administrator->SetAlias(arguments.name, arguments.collection);
      },
      arguments.name + " now names " + arguments.collection);
}

absl::Status Flush(const ChangeArguments& arguments) {
  return Change(
      arguments,
      [&](const Access& access) { return access.administrator->Flush(arguments.collection); },
      "flushed " + arguments.collection);
}

absl::Status Compact(const ChangeArguments& arguments) {
  return Change(
      arguments,
      [&](const Access& access) { return access.administrator->Compact(arguments.collection); },
      "compacted " + arguments.collection);
}

absl::Status Rebuild(const ChangeArguments& arguments) {
  retrieval::RebuildRequest request;
  request.alias = arguments.name;
  request.new_collection = arguments.collection;
  request.encoder = EncoderPath(arguments.encoder);
  ASSIGN_OR_RETURN(request.settings, ParseSettings(arguments.settings));
  const auto rebuild = [&](const Access& access) {
    ProgressBar bar;
    const auto show = [&bar](const retrieval::Progress& now) {
      const double share =
          now.total == 0 ? -1 : static_cast<double>(now.documents) / static_cast<double>(now.total);
      bar.Update(now.stage, share, now.documents, "documents", 0);
    };
    return access.administrator->Rebuild(request, show, &StopRequested());
  };
  return Change(arguments, rebuild,
                arguments.name + " now names " + arguments.collection + ", made anew");
}

// Into a directory of this process, with all figures.
absl::Status AttachLocally(const ChangeArguments& arguments) {
  ASSIGN_OR_RETURN(const std::shared_ptr<index::Catalog> catalog,
                   OpenCatalogForWriting(arguments.target));
  ASSIGN_OR_RETURN(const retrieval::AttachResult result,
                   retrieval::AttachShards(*catalog, arguments.collection, arguments.shards));
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

// By the server, from directories that it sees.
absl::Status AttachRemotely(const ChangeArguments& arguments) {
  return Change(
      arguments,
      [&](const Access& access) {
        return access.administrator->Attach({arguments.collection, arguments.shards});
      },
      absl::StrFormat("attached %d shards to %s", arguments.shards.size(), arguments.collection));
}

absl::Status Attach(const ChangeArguments& arguments) {
  return arguments.target.is_remote() ? AttachRemotely(arguments) : AttachLocally(arguments);
}

void AddSettings(const ChangeCommand& command, const char* description) {
  command.options->add_option("--set", command.arguments->settings, description)
      ->allow_extra_args(false)
      ->type_name("NAME=VALUE");
}

void AddCreate(CLI::App& group, Action& chosen) {
  const ChangeCommand create =
      AddChange(group, "create", "Make an empty collection", Create, chosen);
  create.options->add_option("collection", create.arguments->collection, "Name of the collection")
      ->required();
  create.options
      ->add_option("-e,--encoder", create.arguments->encoder,
                   "bm25, vectors, or the directory of a model [bm25]")
      ->type_name("NAME|DIR");
  AddSettings(create, "A setting, e.g. document.passage_tokens=128; repeatable");
  create.options
      ->add_option("--field", create.arguments->fields, "Declare a field's type; repeatable")
      ->allow_extra_args(false)
      ->type_name("NAME:TYPE");
}

void AddRebuild(CLI::App& group, Action& chosen) {
  const ChangeCommand rebuild = AddChange(
      group, "rebuild", "Encode a collection anew, and move its alias there", Rebuild, chosen);
  rebuild.options->add_option("alias", rebuild.arguments->name, "Alias of the collection")
      ->required();
  rebuild.options
      ->add_option("new", rebuild.arguments->collection, "Name of the collection to make")
      ->required();
  rebuild.options
      ->add_option("-e,--encoder", rebuild.arguments->encoder, "Another encoder [as it was]")
      ->type_name("NAME|DIR");
  AddSettings(rebuild, "Another setting; repeatable");
}

void AddAttach(CLI::App& group, Action& chosen) {
  const ChangeCommand attach = AddChange(
      group, "attach", "Add built shards in one step, with the summed idf table", Attach, chosen);
  attach.options->add_option("collection", attach.arguments->collection, "Collection, new or old")
      ->required();
  attach.options->add_option("shard", attach.arguments->shards, "Data directories of the shards")
      ->required();
}

void AddAlias(CLI::App& group, Action& chosen) {
  const ChangeCommand alias =
      AddChange(group, "alias", "Let a second name stand for a collection", Alias, chosen);
  alias.options->add_option("alias", alias.arguments->name, "The second name")->required();
  alias.options->add_option("collection", alias.arguments->collection, "What it names from now on");
  alias.options->add_flag("--remove", alias.arguments->remove, "Take the alias away");
}

}  // namespace

absl::Status Change(const ChangeArguments& arguments,
                    const std::function<absl::Status(const WriteAccess&)>& change,
                    const std::string& done) {
  ASSIGN_OR_RETURN(const WriteAccess access, OpenForWriting(arguments.target));
  RETURN_IF_ERROR(change(access));
  if (arguments.json) {
    std::printf("%s\n", nlohmann::ordered_json({{"done", done}}).dump().c_str());
  } else {
    std::printf("%s\n", done.c_str());
  }
  return absl::OkStatus();
}

ChangeCommand AddChange(CLI::App& group, const char* name, const char* description,
                        absl::Status (*run)(const ChangeArguments&), Action& chosen) {
  // Each its own: CLI11 gives the environment's values to options of all subcommands.
  const auto arguments = std::make_shared<ChangeArguments>();
  CLI::App* command = group.add_subcommand(name, description);
  command->add_flag("--json", arguments->json, "Print JSON");
  AddTargetOptions(*command, arguments->target);
  command->callback(
      [arguments, run, &chosen] { chosen = [arguments, run] { return run(*arguments); }; });
  return {command, arguments};
}

void AddCollectionChanges(CLI::App& group, Action& chosen) {
  const auto add = [&](const char* name, const char* description,
                       absl::Status (*run)(const ChangeArguments&)) {
    const ChangeCommand command = AddChange(group, name, description, run, chosen);
    command.options->add_option("collection", command.arguments->collection, "Collection")
        ->required();
    return command;
  };
  AddCreate(group, chosen);
  AddRebuild(group, chosen);
  AddAttach(group, chosen);
  AddAlias(group, chosen);
  add("drop", "Delete a collection and its snapshots", Drop);
  add("publish-idf", "Count frequencies anew and weigh queries by them", PublishIdf);
  add("flush", "Write what is in the log alone to a segment", Flush);
  add("compact", "Merge all segments and drop what is deleted", Compact);
  const ChangeCommand set = add("set", "Change settings of the query side", Set);
  set.options->add_option("setting", set.arguments->settings, "e.g. query.stem_weight=0.8")
      ->required()
      ->type_name("NAME=VALUE...");
}

}  // namespace foraker::cli
