#include "retrieval/settings_changes.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

#include "absl/strings/str_format.h"
#include "base/status.h"

namespace foraker::retrieval {
namespace {

using Json = nlohmann::json;

// What the document side says of itself; a request does not choose it.
constexpr std::string_view kComputed[] = {"document.encoder", "document.encoder_fingerprint",
                                          "document.fingerprint"};

absl::Status CheckChangeable(std::string_view name, Changeable changeable) {
  const std::string_view side = name.substr(0, name.find('.'));
  if (side == "document" && changeable == Changeable::kLater) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "setting %s: it is fixed when a collection is made; rebuild the collection", name));
  }
  const bool known = side == "document" || side == "query" || side == "writes";
  const bool computed =
      std::find(std::begin(kComputed), std::end(kComputed), name) != std::end(kComputed);
  if (known && !computed) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrFormat("setting %s: not one that a request may change", name));
}

absl::StatusOr<Json> ParseValue(std::string_view name, const Json& current,
                                const std::string& value) {
  if (current.is_string()) return Json(value);
  Json parsed = Json::parse(value, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_number() || parsed.is_boolean()) return parsed;
  return absl::InvalidArgumentError(
      absl::StrFormat("setting %s: expected %s, got \"%s\"", name,
                      current.is_boolean() ? "true or false" : "a number", value));
}

}  // namespace

absl::StatusOr<CollectionSettings> WithChanges(const CollectionSettings& settings,
                                               const SettingChanges& changes,
                                               Changeable changeable) {
  Json json = Json::parse(settings.ToJson(), nullptr, /*allow_exceptions=*/false);
  json["writes"] = {{"sync", settings.writes.sync}};  // left out by ToJson where it is the default
  for (const auto& [name, value] : changes) {
    RETURN_IF_ERROR(CheckChangeable(name, changeable));
    const size_t dot = std::min(name.find('.'), name.size());
    Json& side = json[name.substr(0, dot)];
    const auto current = side.find(name.substr(std::min(dot + 1, name.size())));
    if (current == side.end()) {
      return absl::InvalidArgumentError(absl::StrFormat("unknown setting %s", name));
    }
    ASSIGN_OR_RETURN(*current, ParseValue(name, *current, value));
  }
  return CollectionSettings::FromJson(json.dump());
}

}  // namespace foraker::retrieval
