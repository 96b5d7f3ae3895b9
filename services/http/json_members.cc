#include "services/http/json_members.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace foraker::http {
namespace {

// Of a text that may be no JSON.
int Depth(const std::string& text) {
  int depth = 0, deepest = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '{' || c == '[')) {
      deepest = std::max(deepest, ++depth);
    } else if (!quoted && (c == '}' || c == ']')) {
      --depth;
    }
  }
  return deepest;
}

absl::Status Missing(const std::string& name) {
  return absl::InvalidArgumentError(absl::StrCat(name, ": must be given"));
}

}  // namespace

absl::Status Unexpected(const std::string& name, const std::string& expected, const Json& got) {
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: expected %s, got a JSON %s", name, expected, got.type_name()));
}

absl::StatusOr<JsonMembers> JsonMembers::Parse(const std::string& text) {
  if (Depth(text) > kMaxDepth) {
    return absl::InvalidArgumentError(
        absl::StrFormat("body: expected JSON at most %d deep", kMaxDepth));
  }
  JsonMembers parsed;
  parsed.members_ = Json::parse(text, nullptr, false);
  if (parsed.members_.is_discarded()) {
    return absl::InvalidArgumentError("body: expected a JSON object in UTF-8, got no JSON");
  }
  if (!parsed.members_.is_object()) return Unexpected("body", "an object", parsed.members_);
  return parsed;
}

Json* JsonMembers::Find(const std::string& name) {
  known_.insert(name);
  const auto found = members_.find(name);
  return found == members_.end() || found->is_null() ? nullptr : &*found;
}

absl::Status JsonMembers::Read(const std::string& name, std::string& value) {
  const Json* member = Find(name);
  if (member == nullptr) return absl::OkStatus();
  if (!member->is_string()) return Unexpected(name, "a string", *member);
  value = member->get<std::string>();
  return absl::OkStatus();
}

absl::Status JsonMembers::Read(const std::string& name, bool& value) {
  const Json* member = Find(name);
  if (member == nullptr) return absl::OkStatus();
  if (!member->is_boolean()) return Unexpected(name, "true or false", *member);
  value = member->get<bool>();
  return absl::OkStatus();
}

absl::Status JsonMembers::Read(const std::string& name, uint32_t least, uint32_t most,
                               uint32_t& value) {
  const Json* member = Find(name);
  if (member == nullptr) return absl::OkStatus();
  const std::string expected = absl::StrFormat("a whole number of %d to %d", least, most);
  if (!member->is_number()) return Unexpected(name, expected, *member);
  // A number below zero is not unsigned.
  if (!member->is_number_unsigned() || member->get<uint64_t>() < least ||
      member->get<uint64_t>() > most) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: expected %s, got %s", name, expected, member->dump()));
  }
  value = static_cast<uint32_t>(member->get<uint64_t>());
  return absl::OkStatus();
}

absl::Status JsonMembers::Require(const std::string& name, std::string& value) {
  if (Find(name) == nullptr) return Missing(name);
  return Read(name, value);
}

absl::StatusOr<Json> JsonMembers::RequireArray(const std::string& name) {
  Json* member = Find(name);
  if (member == nullptr) return Missing(name);
  if (!member->is_array()) return Unexpected(name, "an array", *member);
  return std::move(*member);
}

absl::Status JsonMembers::CheckNoOthers() const {
  for (const auto& [name, value] : members_.items()) {
    if (known_.count(name) > 0) continue;
    return absl::InvalidArgumentError(absl::StrFormat("%s: not known to this server; there are %s",
                                                      name.substr(0, 64),
                                                      absl::StrJoin(known_, ", ")));
  }
  return absl::OkStatus();
}

}  // namespace foraker::http
