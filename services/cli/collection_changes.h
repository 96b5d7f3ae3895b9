// The subcommands of `foraker collections` that change something, on a data directory (this process
// then becomes its writer) or on a running server.

#ifndef FORAKER_SERVICES_CLI_COLLECTION_CHANGES_H_
#define FORAKER_SERVICES_CLI_COLLECTION_CHANGES_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/cli/commands.h"
#include "services/cli/write_target.h"

namespace foraker::cli {

// What any of them may be given.
struct ChangeArguments {
  Target target;
  std::string collection, name, as, encoder, directory;
  std::vector<std::string> shards;
  std::vector<std::string> settings, fields;  // "name=value", "name:type"
  bool remove = false;
  bool json = false;
};

// Runs `change` and prints `done`.
absl::Status Change(const ChangeArguments& arguments,
                    const std::function<absl::Status(const WriteAccess&)>& change,
                    const std::string& done);

// A subcommand and what it will be given.
struct ChangeCommand {
  CLI::App* options;
  std::shared_ptr<ChangeArguments> arguments;
};

// One subcommand of `group`, with the options that all of them have.
ChangeCommand AddChange(CLI::App& group, const char* name, const char* description,
                        absl::Status (*run)(const ChangeArguments&), Action& chosen);

// create, drop, set, publish-idf, alias, flush, compact, rebuild, attach.
void AddCollectionChanges(CLI::App& group, Action& chosen);
// snapshot, restore, backup, import.
void AddCollectionCopies(CLI::App& group, Action& chosen);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_COLLECTION_CHANGES_H_
