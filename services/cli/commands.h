// The commands, a file each. Add...Command makes the subcommand with its options below `app`; when
// the command line names it, `chosen` becomes what runs it.
//
// A command returns kInvalidArgument, kNotFound, kAlreadyExists or kOutOfRange when the arguments
// or the input were wrong, any other error when the work failed (command_line.cc makes exit codes
// of them).

#ifndef FORAKER_SERVICES_CLI_COMMANDS_H_
#define FORAKER_SERVICES_CLI_COMMANDS_H_

#include <functional>

#include "absl/status/status.h"

namespace CLI {
class App;
}

namespace foraker::cli {

using Action = std::function<absl::Status()>;

void AddIndexCommand(CLI::App& app, Action& chosen);
void AddSearchCommand(CLI::App& app, Action& chosen);
void AddRankCommand(CLI::App& app, Action& chosen);
void AddAskCommand(CLI::App& app, Action& chosen);
void AddDeleteCommand(CLI::App& app, Action& chosen);
void AddUpdateCommand(CLI::App& app, Action& chosen);
void AddGetCommand(CLI::App& app, Action& chosen);
void AddListCommand(CLI::App& app, Action& chosen);
void AddEvalCommand(CLI::App& app, Action& chosen);
void AddFitStopCommand(CLI::App& app, Action& chosen);
void AddCollectionsCommand(CLI::App& app, Action& chosen);
void AddBenchCommand(CLI::App& app, Action& chosen);
void AddLoadCommand(CLI::App& bench, Action& chosen);
void AddRankBenchCommand(CLI::App& bench, Action& chosen);
void AddEncodeCommand(CLI::App& app, Action& chosen);
void AddServeCommand(CLI::App& app, Action& chosen);
void AddKeysCommand(CLI::App& app, Action& chosen);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_COMMANDS_H_
