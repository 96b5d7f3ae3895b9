// foraker serve: a data directory over gRPC and HTTP.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "services/cli/commands.h"
#include "services/config/settings.h"
#include "services/server/serve.h"

namespace foraker::cli {
namespace {

struct ServeArguments {
  std::string config, data, listen, http_listen, rank_model, llm_url, llm_model;
  bool insecure = false, read_only = false, show_settings = false;
  std::vector<std::string> settings;  // "name=value"
};

absl::Status ShowSettings(const server::ServeOptions& options) {
  ASSIGN_OR_RETURN(const config::Settings settings,
                   config::LoadSettings(options.config_file, options.flags));
  std::fputs(config::ToToml(settings).c_str(), stdout);
  return absl::OkStatus();
}

absl::Status RunServe(const ServeArguments& arguments) {
  server::ServeOptions options;
  options.config_file = arguments.config;
  for (const std::string& setting : arguments.settings) {
    const size_t equals = setting.find('=');
    if (equals == std::string::npos)
      return absl::InvalidArgumentError(absl::StrFormat("--set %s: expected NAME=VALUE", setting));
    options.flags.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  const auto set = [&options](const char* name, const std::string& value) {
    if (!value.empty()) options.flags.emplace_back(name, value);
  };
  // As for every other command, unless a file or the environment may name the directory.
  const bool named_elsewhere = !arguments.config.empty() || std::getenv("FORAKER__DATA") != nullptr;
  set("data", arguments.data.empty() && !named_elsewhere ? "data" : arguments.data);
  set("server.listen", arguments.listen);
  set("server.http_listen", arguments.http_listen);
  set("rank.model", arguments.rank_model);
  set("llm.url", arguments.llm_url);
  set("llm.model", arguments.llm_model);
  set("server.insecure", arguments.insecure ? "true" : "");
  set("server.read_only", arguments.read_only ? "true" : "");
  if (arguments.show_settings) return ShowSettings(options);
  return server::Serve(options);
}

}  // namespace

void AddServeCommand(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<ServeArguments>();
  CLI::App* command = app.add_subcommand("serve", "Serve a data directory over gRPC and HTTP");
  command->add_option("--config", arguments->config, "Settings, in TOML")->type_name("FILE");
  command->add_option("--data", arguments->data, "Data directory [data]")
      ->envname("FORAKER_DATA")
      ->type_name("DIR");
  command->add_option("--listen", arguments->listen, "gRPC address [127.0.0.1:7411]")
      ->type_name("HOST:PORT");
  command->add_option("--http-listen", arguments->http_listen, "HTTP address [127.0.0.1:7412]")
      ->type_name("HOST:PORT");
  command->add_option("--rank-model", arguments->rank_model, "Directory of a model that ranks")
      ->type_name("DIR");
  command->add_option("--llm-url", arguments->llm_url, "Language model of the agent, if any")
      ->type_name("URL");
  command->add_option("--llm-model", arguments->llm_model, "Its name there")->type_name("NAME");
  command->add_flag("--read-only", arguments->read_only,
                    "Follow the process that writes the directory, refuse writes");
  command->add_flag("--insecure", arguments->insecure, "Allow addresses that other machines reach");
  command
      ->add_option("--set", arguments->settings, "Any setting, e.g. server.threads=8; repeatable")
      ->allow_extra_args(false)
      ->type_name("NAME=VALUE");
  command->add_flag("--show-settings", arguments->show_settings,
                    "Print the settings as they would be in effect, and end");
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return RunServe(*arguments); }; });
}

}  // namespace foraker::cli
