// foraker collections snapshot, restore, backup, import.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/directory.h"
#include "base/status.h"
#include "index/store/named_snapshots.h"
#include "services/cli/collection_changes.h"
#include "services/cli/copy_directory.h"

namespace foraker::cli {
namespace {

absl::Status Snapshot(const ChangeArguments& arguments) {
  const std::string named = arguments.name + " of " + arguments.collection;
  if (arguments.remove) {
    return Change(
        arguments,
        [&](const WriteAccess& access) {
          return access.administrator->DropSnapshot(arguments.collection, arguments.name);
        },
        "dropped snapshot " + named);
  }
  return Change(
      arguments,
      [&](const WriteAccess& access) {
        return access.administrator->CreateSnapshot(arguments.collection, arguments.name);
      },
      "made snapshot " + named);
}

absl::Status Restore(const ChangeArguments& arguments) {
  const std::string as = arguments.as.empty() ? arguments.collection : arguments.as;
  return Change(
      arguments,
      [&](const WriteAccess& access) {
        return access.administrator->RestoreSnapshot(arguments.collection, arguments.name,
                                                     arguments.as);
      },
      "restored snapshot " + arguments.name + " of " + arguments.collection + " as " + as);
}

// A snapshot of a name of its own, whose directory is copied and which is then dropped.
absl::Status BackUp(const ChangeArguments& arguments) {
  const std::string& directory = arguments.directory;
  const auto back_up = [&](const WriteAccess& access) -> absl::Status {
    ASSIGN_OR_RETURN(const retrieval::CollectionSummary collection,
                     access.searcher->Describe(arguments.collection));
    const std::string name = absl::StrCat("backup-", absl::ToUnixNanos(absl::Now()));
    RETURN_IF_ERROR(access.administrator->CreateSnapshot(collection.name, name));
    const absl::Status copied =
        CopyDirectory(index::SnapshotDir(arguments.target.data, collection.name, name), directory);
    RETURN_IF_ERROR(access.administrator->DropSnapshot(collection.name, name));
    if (absl::IsNotFound(copied) && arguments.target.is_remote()) {
      return absl::NotFoundError(
          absl::StrCat(copied.message(),
                       "; a backup runs on the server's machine, with its directory as --data"));
    }
    return copied;
  };
  return Change(arguments, back_up, "backed " + arguments.collection + " up to " + directory);
}

absl::Status Import(const ChangeArguments& arguments) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(arguments.directory, error);
  const std::string directory = error ? arguments.directory : path.string();
  return Change(
      arguments,
      [&](const WriteAccess& access) {
        return access.administrator->ImportSnapshot(directory, arguments.collection);
      },
      "made " + arguments.collection + " of " + directory);
}

}  // namespace

void AddCollectionCopies(CLI::App& group, Action& chosen) {
  const auto add = [&](const char* name, const char* description,
                       absl::Status (*run)(const ChangeArguments&)) {
    return AddChange(group, name, description, run, chosen);
  };
  const auto argument = [](const ChangeCommand& command, const char* name,
                           std::string ChangeArguments::*member, const char* description) {
    command.options->add_option(name, (*command.arguments).*member, description)->required();
  };
  const ChangeCommand snapshot =
      add("snapshot", "Keep a collection as it is under a name", Snapshot);
  argument(snapshot, "collection", &ChangeArguments::collection, "Collection");
  argument(snapshot, "name", &ChangeArguments::name, "Name of the snapshot");
  snapshot.options->add_flag("--drop", snapshot.arguments->remove, "Drop that snapshot instead");

  const ChangeCommand restore = add("restore", "Make a snapshot the newest generation", Restore);
  argument(restore, "collection", &ChangeArguments::collection, "Collection of the snapshot");
  argument(restore, "name", &ChangeArguments::name, "Name of the snapshot");
  restore.options->add_option("--as", restore.arguments->as, "Make a new collection of it")
      ->type_name("NAME");

  const ChangeCommand backup =
      add("backup", "Copy a collection as it is now to a new directory", BackUp);
  argument(backup, "collection", &ChangeArguments::collection, "Collection");
  argument(backup, "directory", &ChangeArguments::directory, "Directory to make");

  const ChangeCommand import = add("import", "Make a collection of a backup", Import);
  argument(import, "directory", &ChangeArguments::directory, "Directory that backup made");
  argument(import, "collection", &ChangeArguments::collection, "Name of the new collection");
}

}  // namespace foraker::cli
