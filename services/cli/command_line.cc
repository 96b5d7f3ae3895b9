#include "services/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/string_view.h"
#include "services/cli/commands.h"
#include "services/server/version.h"

namespace foraker::cli {
namespace {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kWrongInput = 2;

int ExitCode(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kDone;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kOutOfRange:
      return kWrongInput;
    default:
      return kFailed;
  }
}

void PrintError(std::string_view message) {
  const std::string line = absl::StrReplaceAll(base::ToAbsl(message), {{"\n", "; "}, {"\r", ""}});
  std::fprintf(stderr, "foraker: %s\n", line.c_str());
}

// Levenshtein distance, for "did you mean".
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

// The one of `names` that `given` probably means; empty when none is near.
std::string Nearest(std::string_view given, const std::vector<std::string>& names) {
  std::string nearest;
  size_t best = std::max<size_t>(2, given.size() / 3) + 1;
  for (const std::string& name : names) {
    const size_t distance = EditDistance(given, name);
    if (distance >= best) continue;
    best = distance;
    nearest = name;
  }
  return nearest;
}

// The innermost subcommand that the command line named.
const CLI::App* Innermost(const CLI::App* app) {
  while (!app->get_subcommands().empty()) app = app->get_subcommands().back();
  return app;
}

std::string PathOf(const CLI::App* app) {
  const CLI::App* parent = app->get_parent();
  return parent == nullptr ? app->get_name() : PathOf(parent) + " " + app->get_name();
}

// What to say about an argument that no option and no subcommand takes.
std::string UnknownArgument(const CLI::App& command, const std::string& given) {
  const std::string name = given.substr(0, given.find('='));
  std::vector<std::string> names;
  const bool is_option = name.starts_with("-");
  if (is_option) {
    for (const CLI::Option* option : command.get_options()) {
      for (const std::string& known : option->get_lnames()) names.push_back("--" + known);
    }
  } else {
    for (const CLI::App* sub : command.get_subcommands(nullptr)) names.push_back(sub->get_name());
  }
  if (std::find(names.begin(), names.end(), name) != names.end()) {
    return absl::StrCat("option ", name, " goes after ", command.get_name());
  }
  const char* kind = is_option ? "option" : names.empty() ? "argument" : "command";
  const std::string nearest = Nearest(name, names);
  return absl::StrCat("unknown ", kind, " ", name,
                      nearest.empty() ? "" : absl::StrCat(" (did you mean ", nearest, "?)"));
}

int ReportParseError(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* command = Innermost(&app);
  const std::vector<std::string> unknown = app.remaining(true);
  const std::string message =
      unknown.empty() ? std::string(error.what()) : UnknownArgument(*command, unknown.front());
  PrintError(absl::StrCat(message, "; see ", PathOf(command), " --help"));
  return kWrongInput;
}

}  // namespace

int RunCommandLine(int argc, const char* const* argv) {
  CLI::App app("Builds collections of documents and searches them exactly.", "foraker");
  app.set_version_flag("--version", absl::StrCat("foraker ", server::kVersion));
  app.require_subcommand(1);
  app.get_formatter()->column_width(36);
  Action chosen;
  AddIndexCommand(app, chosen);
  AddDeleteCommand(app, chosen);
  AddUpdateCommand(app, chosen);
  AddSearchCommand(app, chosen);
  AddRankCommand(app, chosen);
  AddAskCommand(app, chosen);
  AddGetCommand(app, chosen);
  AddListCommand(app, chosen);
  AddEvalCommand(app, chosen);
  AddFitStopCommand(app, chosen);
  AddCollectionsCommand(app, chosen);
  AddBenchCommand(app, chosen);
  AddEncodeCommand(app, chosen);
  AddServeCommand(app, chosen);
  AddKeysCommand(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help_or_version) {
    return app.exit(help_or_version);
  } catch (const CLI::ParseError& error) {
    return ReportParseError(app, error);
  }
  const absl::Status status = chosen();
  if (!status.ok()) PrintError(base::ToStd(status.message()));
  return ExitCode(status);
}

}  // namespace foraker::cli
