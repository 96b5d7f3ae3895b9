// foraker keys: makes, lists and removes the API keys of a server, in its file of keys.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "services/auth/key_file.h"
#include "services/cli/commands.h"
#include "services/cli/terminal.h"

namespace foraker::cli {
namespace {

using auth::Key;

struct KeysArguments {
  std::string file;
  std::string name, scope = "read-only", expires;
  std::vector<std::string> collections;
  auth::Quota quota;
  bool json = false;
};

// A file that does not exist yet holds no keys.
absl::StatusOr<std::vector<Key>> ReadOrNone(const std::string& file) {
  absl::StatusOr<std::vector<Key>> keys = auth::ReadKeyFile(file);
  if (absl::IsNotFound(keys.status())) return std::vector<Key>();
  return keys;
}

auto Find(std::vector<Key>& keys, const std::string& name) {
  return std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.name == name; });
}

absl::StatusOr<absl::Time> ParseExpiry(const std::string& text) {
  if (text.empty()) return absl::InfiniteFuture();
  absl::Duration left;
  if (absl::ParseDuration(text, &left) && left > absl::ZeroDuration()) return absl::Now() + left;
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return time;
  return absl::InvalidArgumentError(absl::StrFormat(
      "--expires: expected a time, as 2027-01-01T00:00:00Z, or a duration, as 720h, got \"%s\"",
      text));
}

absl::Status RunAdd(const KeysArguments& arguments) {
  ASSIGN_OR_RETURN(std::vector<Key> keys, ReadOrNone(arguments.file));
  if (!auth::IsKeyName(arguments.name)) {
    return absl::InvalidArgumentError(
        "--name: expected 1 to 64 of A-Z, a-z, 0-9, \".\", \"_\", \"-\"");
  }
  if (Find(keys, arguments.name) != keys.end()) {
    return absl::AlreadyExistsError(
        absl::StrFormat("%s has a key \"%s\" already", arguments.file, arguments.name));
  }
  ASSIGN_OR_RETURN(const std::string token, auth::GenerateToken());
  Key key;
  key.name = arguments.name;
  key.scope = auth::ParseScope(arguments.scope).value_or(auth::Scope::kReadOnly);
  key.collections = arguments.collections;
  key.hash = auth::HashToken(token);
  ASSIGN_OR_RETURN(key.expires, ParseExpiry(arguments.expires));
  key.quota = arguments.quota;
  keys.push_back(std::move(key));
  RETURN_IF_ERROR(auth::WriteKeyFile(keys, arguments.file));
  if (arguments.json) {
    const nlohmann::ordered_json json = {{"name", arguments.name}, {"token", token}};
    std::printf("%s\n", json.dump().c_str());
  } else {
    std::printf("%s\n", token.c_str());
    std::fprintf(stderr, "this is the only time that the token is shown\n");
  }
  return absl::OkStatus();
}

absl::Status RunList(const KeysArguments& arguments) {
  ASSIGN_OR_RETURN(const std::vector<Key> keys, auth::ReadKeyFile(arguments.file));
  using Align = Table::Align;
  Table table({Align::kLeft, Align::kLeft, Align::kLeft, Align::kLeft});
  for (const Key& key : keys) {
    if (arguments.json) {
      std::printf("%s\n", auth::FormatKey(key).c_str());
      continue;
    }
    const std::string expires =
        key.expires == absl::InfiniteFuture() ? "never expires"
        : key.expires <= absl::Now()
            ? "expired"
            : "until " + absl::FormatTime(absl::RFC3339_sec, key.expires, absl::UTCTimeZone());
    table.Add({key.name, std::string(auth::Name(key.scope)),
               key.collections.empty() ? "all collections" : absl::StrJoin(key.collections, " "),
               expires});
  }
  std::fputs(table.ToString().c_str(), stdout);
  return absl::OkStatus();
}

absl::Status RunRemove(const KeysArguments& arguments) {
  ASSIGN_OR_RETURN(std::vector<Key> keys, auth::ReadKeyFile(arguments.file));
  const auto found = Find(keys, arguments.name);
  if (found == keys.end()) {
    return absl::NotFoundError(
        absl::StrFormat("%s has no key \"%s\"", arguments.file, arguments.name));
  }
  keys.erase(found);
  return auth::WriteKeyFile(keys, arguments.file);
}

CLI::App* AddSubcommand(CLI::App& keys, const char* name, const char* description,
                        KeysArguments& arguments) {
  CLI::App* command = keys.add_subcommand(name, description);
  command->add_option("--file", arguments.file, "File of keys (the server's server.keys_file)")
      ->envname("FORAKER__SERVER__KEYS_FILE")
      ->required()
      ->type_name("FILE");
  return command;
}

}  // namespace

void AddKeysCommand(CLI::App& app, Action& chosen) {
  CLI::App* keys = app.add_subcommand("keys", "Make, list and remove a server's API keys");
  keys->require_subcommand(1);
  auto arguments = std::make_shared<KeysArguments>();

  CLI::App* add = AddSubcommand(*keys, "add", "Make a key and print its token, once", *arguments);
  add->add_option("--name", arguments->name, "Name, for people and logs")->required();
  add->add_option("--scope", arguments->scope, "What it may do")
      ->check(CLI::IsMember({"read-only", "read-write", "admin"}))
      ->capture_default_str();
  add->add_option("-c,--collection", arguments->collections,
                  "Only this collection; * stands for any characters; repeatable [all]")
      ->allow_extra_args(false)
      ->type_name("NAME");
  add->add_option("--expires", arguments->expires, "Time, or duration from now [never]")
      ->type_name("TIME");
  add->add_option("--requests-per-second", arguments->quota.requests, "Quota of calls [none]")
      ->check(CLI::PositiveNumber);
  add->add_option("--postings-per-second", arguments->quota.postings,
                  "Quota of search work, in postings [none]")
      ->check(CLI::PositiveNumber);
  add->add_flag("--json", arguments->json, "Print one JSON object");
  add->callback([arguments, &chosen] { chosen = [arguments] { return RunAdd(*arguments); }; });

  CLI::App* list = AddSubcommand(*keys, "list", "List the keys of a file", *arguments);
  list->add_flag("--json", arguments->json, "Print one JSON object a line");
  list->callback([arguments, &chosen] { chosen = [arguments] { return RunList(*arguments); }; });

  CLI::App* remove = AddSubcommand(*keys, "remove", "Remove a key from a file", *arguments);
  remove->add_option("--name", arguments->name, "Name of the key")->required();
  remove->callback(
      [arguments, &chosen] { chosen = [arguments] { return RunRemove(*arguments); }; });
}

}  // namespace foraker::cli
