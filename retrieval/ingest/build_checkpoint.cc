#include "retrieval/ingest/build_checkpoint.h"

#include <exception>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/file.h"
#include "base/status.h"

namespace foraker::retrieval {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 1;
constexpr uint64_t kMaxBytes = uint64_t{4} << 30;

Json ToJson(const BuildCheckpoint& checkpoint) {
  Json fields = Json::object();
  for (const auto& [name, type] : checkpoint.fields) fields[name] = static_cast<int>(type);
  const BatchBuildResult& result = checkpoint.result;
  return {{"version", kVersion},
          {"identity", checkpoint.identity},
          {"base_generation", checkpoint.base_generation},
          {"stage", static_cast<int>(checkpoint.stage)},
          {"settings", checkpoint.settings},
          {"fields", std::move(fields)},
          {"lines", checkpoint.position.lines},
          {"lines_hash", checkpoint.position.hash},
          {"carried", checkpoint.carried},
          {"segments", checkpoint.segments},
          {"accepted", checkpoint.accepted},
          {"rejected", checkpoint.rejected},
          {"superseded", checkpoint.superseded},
          {"dropped_terms", checkpoint.dropped_terms},
          {"dropped_tokens", checkpoint.dropped_tokens},
          {"record_hash", checkpoint.record_hash},
          {"result",
           {{"generation", result.generation},
            {"documents", result.documents},
            {"passages", result.passages},
            {"replaced", result.replaced},
            {"segments", result.segments},
            {"bytes", result.bytes}}}};
}

// Throws what nlohmann throws when a member is missing or of another type.
BuildCheckpoint FromJson(const Json& json) {
  BuildCheckpoint checkpoint;
  json.at("identity").get_to(checkpoint.identity);
  json.at("base_generation").get_to(checkpoint.base_generation);
  checkpoint.stage = static_cast<BuildCheckpoint::Stage>(json.at("stage").get<int>());
  json.at("settings").get_to(checkpoint.settings);
  for (const auto& [name, type] : json.at("fields").items()) {
    checkpoint.fields[name] = static_cast<index::FieldType>(type.get<int>());
  }
  json.at("lines").get_to(checkpoint.position.lines);
  json.at("lines_hash").get_to(checkpoint.position.hash);
  json.at("carried").get_to(checkpoint.carried);
  json.at("segments").get_to(checkpoint.segments);
  json.at("accepted").get_to(checkpoint.accepted);
  json.at("rejected").get_to(checkpoint.rejected);
  json.at("superseded").get_to(checkpoint.superseded);
  json.at("dropped_terms").get_to(checkpoint.dropped_terms);
  json.at("dropped_tokens").get_to(checkpoint.dropped_tokens);
  json.at("record_hash").get_to(checkpoint.record_hash);
  const Json& result = json.at("result");
  result.at("generation").get_to(checkpoint.result.generation);
  result.at("documents").get_to(checkpoint.result.documents);
  result.at("passages").get_to(checkpoint.result.passages);
  result.at("replaced").get_to(checkpoint.result.replaced);
  result.at("segments").get_to(checkpoint.result.segments);
  result.at("bytes").get_to(checkpoint.result.bytes);
  return checkpoint;
}

}  // namespace

std::string CheckpointPath(const std::string& build_dir) {
  return absl::StrCat(build_dir, "/checkpoint.json");
}

absl::StatusOr<std::optional<BuildCheckpoint>> ReadCheckpoint(const std::string& build_dir) {
  const std::string path = CheckpointPath(build_dir);
  if (!base::FileExists(path)) return std::nullopt;
  ASSIGN_OR_RETURN(const std::string text, base::ReadFile(path, kMaxBytes));
  try {
    const Json json = Json::parse(text);
    if (json.at("version") != kVersion) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, ": written by another version; restart the build"));
    }
    return FromJson(json);
  } catch (const std::exception& error) {
    return absl::DataLossError(
        absl::StrCat(path, ": no checkpoint of a build (", error.what(), "); restart the build"));
  }
}

absl::Status WriteCheckpoint(const std::string& build_dir, const BuildCheckpoint& checkpoint) {
  const std::string text = ToJson(checkpoint).dump(1, ' ', false, Json::error_handler_t::replace);
  return base::WriteFile(CheckpointPath(build_dir), text);
}

std::optional<std::string> IdentityDifference(const std::map<std::string, std::string>& there,
                                              const std::map<std::string, std::string>& here) {
  for (const auto& [name, value] : here) {
    const auto other = there.find(name);
    if (other == there.end()) return absl::StrCat(name, ": nothing there, ", value, " here");
    if (other->second != value) {
      return absl::StrCat(name, ": ", other->second, " there, ", value, " here");
    }
  }
  return std::nullopt;
}

}  // namespace foraker::retrieval
