// foraker update: fields of a document; its text and vectors stay.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "services/cli/commands.h"
#include "services/cli/write_target.h"

namespace foraker::cli {
namespace {

using Json = nlohmann::json;

struct UpdateArguments {
  Target target;
  std::string collection, id;
  std::vector<std::string> set;  // "field=value"
  std::vector<std::string> clear;
  std::optional<uint64_t> if_version;
  bool json = false;
};

std::optional<retrieval::Value> FromJson(const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_integer()) return value.get<int64_t>();
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return value.get<std::string>();
  return std::nullopt;
}

// JSON (12, true, "12"), else the text itself.
retrieval::Value ParseValue(const std::string& text) {
  const Json parsed = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  return FromJson(parsed).value_or(retrieval::Value(text));
}

absl::StatusOr<retrieval::FieldValues> ParseAssignments(const std::vector<std::string>& texts) {
  std::map<std::string, std::vector<retrieval::Value>> fields;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return absl::InvalidArgumentError(absl::StrFormat("--set %s: expected FIELD=VALUE", text));
    }
    fields[text.substr(0, equals)].push_back(ParseValue(text.substr(equals + 1)));
  }
  return retrieval::FieldValues(fields.begin(), fields.end());
}

absl::Status RunUpdate(const UpdateArguments& arguments) {
  if (arguments.set.empty() && arguments.clear.empty()) {
    return absl::InvalidArgumentError("give fields to --set or to --clear");
  }
  retrieval::UpdateFieldsRequest update;
  update.id = arguments.id;
  update.clear = arguments.clear;
  ASSIGN_OR_RETURN(update.set, ParseAssignments(arguments.set));
  retrieval::WriteRequest request;
  request.collection = arguments.collection;
  request.writes.push_back({std::move(update), arguments.if_version});
  ASSIGN_OR_RETURN(const WriteAccess access, OpenForWriting(arguments.target));
  ASSIGN_OR_RETURN(const retrieval::WriteReply reply, access.writer->Write(request));
  const retrieval::WriteOutcome& outcome = reply.outcomes.at(0);
  RETURN_IF_ERROR(outcome.status);
  if (arguments.json) {
    const nlohmann::ordered_json json = {{"id", arguments.id}, {"version", outcome.version}};
    std::printf(
        "%s\n",
        json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
  } else {
    std::printf("%s is now at version %s\n", arguments.id.c_str(),
                std::to_string(outcome.version).c_str());
  }
  return absl::OkStatus();
}

}  // namespace

void AddUpdateCommand(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<UpdateArguments>();
  CLI::App* command = app.add_subcommand("update", "Change fields of a document, not its text");
  command->add_option("-c,--collection", arguments->collection, "Collection or alias")
      ->required()
      ->type_name("NAME");
  command->add_option("id", arguments->id, "Id of the document")->required();
  command
      ->add_option("--set", arguments->set,
                   "A value of a field, as JSON (12, true, \"12\") or as text; repeatable")
      ->allow_extra_args(false)
      ->type_name("FIELD=VALUE");
  command->add_option("--clear", arguments->clear, "Take this field away; repeatable")
      ->allow_extra_args(false)
      ->type_name("FIELD");
  command
      ->add_option("--if-version", arguments->if_version, "Only if the document has this version")
      ->type_name("N");
  AddTargetOptions(*command, arguments->target);
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return RunUpdate(*arguments); }; });
}

}  // namespace foraker::cli
