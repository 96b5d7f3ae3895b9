#include "model/json/json_object.h"

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/file.h"
#include "base/status.h"

namespace foraker::model {
namespace {

using Json = nlohmann::json;

constexpr size_t kShownBytes = 80;  // of a value in an error
constexpr int kMaxDepth = 100;      // of objects and arrays in each other; Shown recurses

std::string Shown(const Json& value) {
  std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > kShownBytes) text.replace(kShownBytes, std::string::npos, "...");
  return text;
}

// Parses as nlohmann does, but the second of two equal keys is an error and not the winner, and so
// is deep nesting.
absl::StatusOr<Json> ParseStrictly(std::string_view text, const std::string& file) {
  std::vector<std::set<std::string>> open;  // keys of the objects that are being parsed
  std::string repeated;
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
    too_deep = too_deep || depth > kMaxDepth;
    if (event == Json::parse_event_t::object_start) open.emplace_back();
    if (event == Json::parse_event_t::object_end) open.pop_back();
    if (event == Json::parse_event_t::key) {
      auto key = value.get<std::string>();
      if (!open.back().insert(key).second) repeated = std::move(key);
    }
    return !too_deep;
  };
  Json parsed = Json::parse(text, watch, /*allow_exceptions=*/false);
  if (too_deep) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: expected at most %d levels of nesting", file, kMaxDepth));
  }
  if (parsed.is_discarded()) {
    return absl::InvalidArgumentError(absl::StrFormat("%s: expected a JSON document", file));
  }
  if (!repeated.empty()) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: key \"%s\" comes twice", file, repeated));
  }
  return parsed;
}

bool Convert(const Json& value, bool& out) {
  if (!value.is_boolean()) return false;
  out = value.get<bool>();
  return true;
}

bool Convert(const Json& value, std::string& out) {
  if (!value.is_string()) return false;
  out = value.get<std::string>();
  return true;
}

bool Convert(const Json& value, double& out) {
  if (!value.is_number()) return false;
  out = value.get<double>();
  return true;
}

bool Convert(const Json& value, uint64_t& out) {
  if (!value.is_number_unsigned()) return false;
  out = value.get<uint64_t>();
  return true;
}

template <typename T>
bool Convert(const Json& value, std::vector<T>& out) {
  if (!value.is_array()) return false;
  out.clear();
  for (const Json& member : value) {
    if (!Convert(member, out.emplace_back())) return false;
  }
  return true;
}

}  // namespace

struct JsonObject::File {
  std::string name;
  Json root;
};

JsonObject::JsonObject(std::shared_ptr<const File> file, const Json* object, std::string path)
    : file_(std::move(file)), object_(object), path_(std::move(path)) {}

absl::StatusOr<JsonObject> JsonObject::Parse(std::string_view text, const std::string& file) {
  auto parsed = std::make_shared<File>();
  parsed->name = file;
  ASSIGN_OR_RETURN(parsed->root, ParseStrictly(text, file));
  if (!parsed->root.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: expected a JSON object, got %s", file, Shown(parsed->root)));
  }
  const Json* root = &parsed->root;
  return JsonObject(std::move(parsed), root, "");
}

absl::StatusOr<std::vector<JsonObject>> JsonObject::ParseArray(std::string_view text,
                                                               const std::string& file) {
  auto parsed = std::make_shared<File>();
  parsed->name = file;
  ASSIGN_OR_RETURN(parsed->root, ParseStrictly(text, file));
  std::vector<JsonObject> objects;
  for (const Json& member : parsed->root) {
    if (!parsed->root.is_array() || !member.is_object()) break;
    objects.push_back(JsonObject(parsed, &member, absl::StrFormat("[%d].", objects.size())));
  }
  if (!parsed->root.is_array() || objects.size() != parsed->root.size()) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: expected an array of JSON objects, got %s", file, Shown(parsed->root)));
  }
  return objects;
}

absl::StatusOr<JsonObject> JsonObject::Read(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, base::ReadFile(path));
  return Parse(text, path);
}

absl::StatusOr<std::vector<JsonObject>> JsonObject::ReadArray(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, base::ReadFile(path));
  return ParseArray(text, path);
}

std::vector<std::string> JsonObject::Keys() const {
  std::vector<std::string> keys;
  for (const auto& member : object_->items()) keys.push_back(member.key());
  return keys;
}

bool JsonObject::Has(std::string_view key) const { return Find(key) != nullptr; }

const Json* JsonObject::Find(std::string_view key) const {
  const auto found = object_->find(key);
  return found == object_->end() || found->is_null() ? nullptr : &*found;
}

absl::Status JsonObject::CheckPresent(std::string_view key) const {
  if (Has(key)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: key \"%s%s\" is missing", file_->name, path_, key));
}

absl::Status JsonObject::Unexpected(std::string_view key, std::string_view expected) const {
  const Json* value = Find(key);
  return absl::InvalidArgumentError(absl::StrFormat("%s: key \"%s%s\": expected %s, got %s",
                                                    file_->name, path_, key, expected,
                                                    value ? Shown(*value) : "nothing"));
}

template <typename T>
absl::Status JsonObject::GetAs(std::string_view key, std::string_view expected, T& out) const {
  const Json* value = Find(key);
  if (value == nullptr) return absl::OkStatus();
  T read{};
  if (!Convert(*value, read)) return Unexpected(key, expected);
  out = std::move(read);
  return absl::OkStatus();
}

absl::Status JsonObject::Get(std::string_view key, bool& out) const {
  return GetAs(key, "true or false", out);
}

absl::Status JsonObject::Get(std::string_view key, std::string& out) const {
  return GetAs(key, "a string", out);
}

absl::Status JsonObject::Get(std::string_view key, double& out) const {
  return GetAs(key, "a number", out);
}

absl::Status JsonObject::Get(std::string_view key, uint64_t& out) const {
  return GetAs(key, "an integer of at least 0", out);
}

absl::Status JsonObject::Get(std::string_view key, std::vector<uint64_t>& out) const {
  return GetAs(key, "an array of integers of at least 0", out);
}

absl::Status JsonObject::Get(std::string_view key, std::vector<std::string>& out) const {
  return GetAs(key, "an array of strings", out);
}

absl::Status JsonObject::Get(std::string_view key,
                             std::vector<std::vector<std::string>>& out) const {
  return GetAs(key, "an array of arrays of strings", out);
}

absl::Status JsonObject::Get(std::string_view key, JsonObject& out) const {
  const Json* value = Find(key);
  if (value == nullptr) return absl::OkStatus();
  if (!value->is_object()) return Unexpected(key, "an object");
  out = JsonObject(file_, value, absl::StrFormat("%s%s.", path_, key));
  return absl::OkStatus();
}

absl::Status JsonObject::Get(std::string_view key, std::vector<JsonObject>& out) const {
  const Json* value = Find(key);
  if (value == nullptr) return absl::OkStatus();
  std::vector<JsonObject> members;
  for (const Json& member : *value) {
    if (!value->is_array() || !member.is_object()) break;
    members.push_back(
        JsonObject(file_, &member, absl::StrFormat("%s%s[%d].", path_, key, members.size())));
  }
  if (!value->is_array() || members.size() != value->size()) {
    return Unexpected(key, "an array of objects");
  }
  out = std::move(members);
  return absl::OkStatus();
}

}  // namespace foraker::model
