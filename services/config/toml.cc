#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include <sstream>
#include <string>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "services/config/settings.h"

namespace foraker::config {
namespace {

std::string Where(std::string_view file, const toml::source_region& source) {
  return absl::StrFormat("%s:%d", file, source.begin.line);
}

// The value's text, as a flag would give it.
absl::StatusOr<std::string> Text(const toml::node& node, std::string_view where,
                                 std::string_view name) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return absl::StrFormat("%d", integer->get());
  if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: %s: expected a string, a whole number or true or false", where, name));
}

absl::Status Walk(const toml::table& table, const std::string& prefix, std::string_view file,
                  std::vector<Assignment>& assignments) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const toml::table* nested = node.as_table()) {
      RETURN_IF_ERROR(Walk(*nested, name + ".", file, assignments));
      continue;
    }
    const std::string where = Where(file, node.source());
    ASSIGN_OR_RETURN(std::string text, Text(node, where, name));
    assignments.push_back({name, std::move(text), where});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Assignment>> ReadToml(std::string_view toml, std::string_view file) {
  const toml::parse_result parsed = toml::parse(toml, file);
  if (!parsed) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: %s", Where(file, parsed.error().source()), std::string(parsed.error().description())));
  }
  std::vector<Assignment> assignments;
  RETURN_IF_ERROR(Walk(parsed.table(), "", file, assignments));
  return assignments;
}

}  // namespace foraker::config
