#include "services/config/settings.h"

#include <unistd.h>

#include <algorithm>
#include <type_traits>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "base/status.h"
#include "services/config/address.h"

namespace foraker::config {
namespace {

// Reads a value into a setting; returns what was expected when it does not fit, else "".
using Setter = std::string (*)(std::string_view value, Settings& settings);

template <auto kMember>
std::string SetString(std::string_view value, Settings& settings) {
  settings.*kMember = std::string(value);
  return "";
}

template <auto kMember>
std::string SetBool(std::string_view value, Settings& settings) {
  if (value != "true" && value != "false") return "true or false";
  settings.*kMember = value == "true";
  return "";
}

template <auto kMember, uint32_t kLeast, uint32_t kMost>
std::string SetCount(std::string_view value, Settings& settings) {
  uint32_t number = 0;
  if (!absl::SimpleAtoi(base::ToAbsl(value), &number) || number < kLeast || number > kMost) {
    return absl::StrFormat("a whole number of %d to %d", kLeast, kMost);
  }
  settings.*kMember = number;
  return "";
}

template <auto kMember, int64_t kLeastMillis, int64_t kMostMillis>
std::string SetDuration(std::string_view value, Settings& settings) {
  absl::Duration duration;
  if (!absl::ParseDuration(base::ToAbsl(value), &duration) ||
      duration < absl::Milliseconds(kLeastMillis) || duration > absl::Milliseconds(kMostMillis)) {
    return absl::StrFormat("a duration of %s to %s, as 1.5s",
                           absl::FormatDuration(absl::Milliseconds(kLeastMillis)),
                           absl::FormatDuration(absl::Milliseconds(kMostMillis)));
  }
  settings.*kMember = duration;
  return "";
}

std::string SetLogLevel(std::string_view value, Settings& settings) {
  for (const std::string_view level : {"debug", "info", "warn", "error", "off"}) {
    if (value != level) continue;
    settings.log_level = std::string(value);
    return "";
  }
  return "debug, info, warn, error or off";
}

// Names of precisions, none twice.
std::string SetPrecisions(std::string_view value, Settings& settings) {
  const std::vector<std::string> names =
      absl::StrSplit(base::ToAbsl(value), ',', absl::SkipEmpty());
  for (auto name = names.begin(); name != names.end(); ++name) {
    const bool known = *name == "f32" || *name == "bf16" || *name == "int8";
    if (!known || std::find(names.begin(), name, *name) != name) {
      return "some of f32, bf16, int8, with commas between them";
    }
  }
  settings.rank_precision = std::string(value);
  return "";
}

// A setting's value as a TOML file would give it.
using Shower = std::string (*)(const Settings& settings);

template <auto kMember>
std::string Show(const Settings& settings) {
  const auto& value = settings.*kMember;
  using Value = std::decay_t<decltype(value)>;
  if constexpr (std::is_same_v<Value, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_same_v<Value, std::string>) {
    return absl::StrFormat("\"%s\"", absl::Utf8SafeCEscape(value));
  } else if constexpr (std::is_same_v<Value, absl::Duration>) {
    return absl::StrFormat("\"%s\"", absl::FormatDuration(value));
  } else {
    return absl::StrCat(value);
  }
}

// A secret: whether it is set.
template <auto kMember>
std::string Hide(const Settings& settings) {
  return (settings.*kMember).empty() ? "\"\"" : "\"(not shown)\"";
}

struct Known {
  std::string_view name;
  Setter set;
  Shower show;
};

constexpr int64_t kHour = 3'600'000;

constexpr Known kKnown[] = {
    {"data", SetString<&Settings::data>, Show<&Settings::data>},
    {"server.listen", SetString<&Settings::listen>, Show<&Settings::listen>},
    {"server.http_listen", SetString<&Settings::http_listen>, Show<&Settings::http_listen>},
    {"server.default_collection", SetString<&Settings::default_collection>,
     Show<&Settings::default_collection>},
    {"server.insecure", SetBool<&Settings::insecure>, Show<&Settings::insecure>},
    {"server.keys_file", SetString<&Settings::keys_file>, Show<&Settings::keys_file>},
    {"server.api_key", SetString<&Settings::api_key>, Hide<&Settings::api_key>},
    {"server.tls_cert", SetString<&Settings::tls_cert>, Show<&Settings::tls_cert>},
    {"server.tls_key", SetString<&Settings::tls_key>, Show<&Settings::tls_key>},
    {"server.tls_client_ca", SetString<&Settings::tls_client_ca>, Show<&Settings::tls_client_ca>},
    {"server.open_metrics", SetBool<&Settings::open_metrics>, Show<&Settings::open_metrics>},
    {"server.threads", SetCount<&Settings::threads, 0, 1024>, Show<&Settings::threads>},
    {"server.write_threads", SetCount<&Settings::write_threads, 0, 1024>,
     Show<&Settings::write_threads>},
    {"server.queue", SetCount<&Settings::queue, 1, 1'000'000>, Show<&Settings::queue>},
    {"server.queue_mib", SetCount<&Settings::queue_mib, 1, 65'536>, Show<&Settings::queue_mib>},
    {"server.max_wait", SetDuration<&Settings::max_wait, 1, kHour>, Show<&Settings::max_wait>},
    {"server.max_message_mib", SetCount<&Settings::max_message_mib, 1, 1024>,
     Show<&Settings::max_message_mib>},
    {"server.max_call", SetDuration<&Settings::max_call, 1, 24 * kHour>, Show<&Settings::max_call>},
    {"server.drain", SetDuration<&Settings::drain, 0, kHour>, Show<&Settings::drain>},
    {"server.refresh", SetDuration<&Settings::refresh, 10, kHour>, Show<&Settings::refresh>},
    {"server.read_only", SetBool<&Settings::read_only>, Show<&Settings::read_only>},
    {"server.import_root", SetString<&Settings::import_root>, Show<&Settings::import_root>},
    {"rank.model", SetString<&Settings::rank_model>, Show<&Settings::rank_model>},
    {"rank.precision", SetPrecisions, Show<&Settings::rank_precision>},
    {"rank.threads", SetCount<&Settings::rank_threads, 0, 1024>, Show<&Settings::rank_threads>},
    {"rank.pass_tokens", SetCount<&Settings::rank_pass_tokens, 1, 10'000'000>,
     Show<&Settings::rank_pass_tokens>},
    {"rank.queue_tokens", SetCount<&Settings::rank_queue_tokens, 1, 1'000'000'000>,
     Show<&Settings::rank_queue_tokens>},
    {"rank.max_documents", SetCount<&Settings::rank_max_documents, 1, 500>,
     Show<&Settings::rank_max_documents>},
    {"agent.threads", SetCount<&Settings::agent_threads, 1, 4096>, Show<&Settings::agent_threads>},
    {"agent.queue", SetCount<&Settings::agent_queue, 1, 1'000'000>, Show<&Settings::agent_queue>},
    {"agent.max_searches", SetCount<&Settings::agent_max_searches, 1, 32>,
     Show<&Settings::agent_max_searches>},
    {"agent.max_passages", SetCount<&Settings::agent_max_passages, 1, 500>,
     Show<&Settings::agent_max_passages>},
    {"agent.max_time", SetDuration<&Settings::agent_max_time, 1, kHour>,
     Show<&Settings::agent_max_time>},
    {"agent.stop_policy", SetString<&Settings::agent_stop_policy>,
     Show<&Settings::agent_stop_policy>},
    {"agent.search_server", SetString<&Settings::agent_search_server>,
     Show<&Settings::agent_search_server>},
    {"agent.rank_server", SetString<&Settings::agent_rank_server>,
     Show<&Settings::agent_rank_server>},
    {"agent.server_key", SetString<&Settings::agent_server_key>, Hide<&Settings::agent_server_key>},
    {"agent.tls_ca", SetString<&Settings::agent_tls_ca>, Show<&Settings::agent_tls_ca>},
    {"agent.tls_cert", SetString<&Settings::agent_tls_cert>, Show<&Settings::agent_tls_cert>},
    {"agent.tls_key", SetString<&Settings::agent_tls_private_key>,
     Show<&Settings::agent_tls_private_key>},
    {"llm.url", SetString<&Settings::llm_url>, Show<&Settings::llm_url>},
    {"llm.model", SetString<&Settings::llm_model>, Show<&Settings::llm_model>},
    {"llm.api_key", SetString<&Settings::llm_api_key>, Hide<&Settings::llm_api_key>},
    {"llm.examples", SetString<&Settings::llm_examples>, Show<&Settings::llm_examples>},
    {"llm.timeout", SetDuration<&Settings::llm_timeout, 1, kHour>, Show<&Settings::llm_timeout>},
    {"log.level", SetLogLevel, Show<&Settings::log_level>},
    {"log.slow_query", SetDuration<&Settings::slow_query, 0, kHour>, Show<&Settings::slow_query>},
    {"log.query_text", SetBool<&Settings::log_query_text>, Show<&Settings::log_query_text>},
    {"log.audit_file", SetString<&Settings::audit_file>, Show<&Settings::audit_file>},
};

std::string KnownNames() {
  std::string names;
  for (const Known& known : kKnown) {
    if (!names.empty()) names += ", ";
    names += known.name;
  }
  return names;
}

absl::Status ApplyOne(const Assignment& assignment, Settings& settings) {
  for (const Known& known : kKnown) {
    if (known.name != assignment.name) continue;
    const std::string expected = known.set(assignment.value, settings);
    if (expected.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrFormat("%s: %s: expected %s, got \"%s\"",
                                                      assignment.where, assignment.name, expected,
                                                      assignment.value));
  }
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: unknown setting \"%s\"; there are %s", assignment.where, assignment.name, KnownNames()));
}

absl::Status CheckListen(std::string_view name, const std::string& address, bool allowed) {
  const auto parsed = ParseAddress(address);
  if (!parsed.ok()) return base::Annotate(parsed.status(), name);
  if (allowed || IsLoopback(*parsed)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: other machines can reach %s, and there are no keys: listen on 127.0.0.1, give keys with "
      "server.keys_file, or allow it with server.insecure = true (--insecure)",
      name, address));
}

absl::Status CheckTls(const Settings& settings) {
  if (settings.tls_cert.empty() != settings.tls_key.empty()) {
    return absl::InvalidArgumentError(
        "server.tls_cert and server.tls_key belong together: give both, or none");
  }
  if (settings.tls_cert.empty() && !settings.tls_client_ca.empty()) {
    return absl::InvalidArgumentError(
        "server.tls_client_ca: mutual TLS needs server.tls_cert and server.tls_key too");
  }
  return absl::OkStatus();
}

// Servers that the agent works on, and its language model.
absl::Status CheckAgent(const Settings& settings) {
  const std::pair<std::string_view, const std::string&> servers[] = {
      {"agent.search_server", settings.agent_search_server},
      {"agent.rank_server", settings.agent_rank_server}};
  for (const auto& [name, address] : servers) {
    if (address.empty()) continue;
    const auto parsed = ParseAddress(address);
    if (!parsed.ok()) return base::Annotate(parsed.status(), name);
  }
  if (settings.agent_tls_cert.empty() != settings.agent_tls_private_key.empty()) {
    return absl::InvalidArgumentError(
        "agent.tls_cert and agent.tls_key belong together: give both, or none");
  }
  if (!settings.llm_url.empty() && settings.llm_model.empty()) {
    return absl::InvalidArgumentError("llm.model: the model at llm.url must be named");
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<Assignment> ReadEnvironment(const std::vector<std::string>& environment) {
  constexpr std::string_view kPrefix = "FORAKER__";
  std::vector<Assignment> assignments;
  for (const std::string& entry : environment) {
    const size_t equals = entry.find('=');
    if (equals == std::string::npos || entry.compare(0, kPrefix.size(), kPrefix) != 0) continue;
    const std::string variable = entry.substr(0, equals);
    std::string name = absl::AsciiStrToLower(variable.substr(kPrefix.size()));
    assignments.push_back(
        {absl::StrReplaceAll(name, {{"__", "."}}), entry.substr(equals + 1), variable});
  }
  return assignments;
}

std::string ToToml(const Settings& settings) {
  std::string toml, table;
  for (const Known& known : kKnown) {
    const size_t dot = known.name.find('.');
    const bool nested = dot != std::string_view::npos;
    if (nested && known.name.substr(0, dot) != table) {
      table = std::string(known.name.substr(0, dot));
      absl::StrAppend(&toml, "\n[", table, "]\n");
    }
    const std::string_view member = nested ? known.name.substr(dot + 1) : known.name;
    absl::StrAppend(&toml, base::ToAbsl(member), " = ", known.show(settings), "\n");
  }
  return toml;
}

absl::Status Apply(const std::vector<Assignment>& assignments, Settings& settings) {
  for (const Assignment& assignment : assignments) RETURN_IF_ERROR(ApplyOne(assignment, settings));
  return absl::OkStatus();
}

absl::Status Validate(const Settings& settings) {
  if (settings.data.empty()) {
    return absl::InvalidArgumentError("data: the data directory must be given (--data DIR)");
  }
  RETURN_IF_ERROR(CheckTls(settings));
  RETURN_IF_ERROR(CheckAgent(settings));
  const bool allowed = settings.insecure || settings.has_keys();
  RETURN_IF_ERROR(CheckListen("server.listen", settings.listen, allowed));
  if (settings.http_listen.empty()) return absl::OkStatus();
  return CheckListen("server.http_listen", settings.http_listen, allowed);
}

absl::StatusOr<Settings> LoadSettings(
    const std::string& file, const std::vector<std::pair<std::string, std::string>>& flags) {
  Settings settings;
  if (!file.empty()) {
    ASSIGN_OR_RETURN(const std::string toml, base::ReadFile(file));
    ASSIGN_OR_RETURN(const std::vector<Assignment> assignments, ReadToml(toml, file));
    RETURN_IF_ERROR(Apply(assignments, settings));
  }
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  RETURN_IF_ERROR(Apply(ReadEnvironment(environment), settings));
  std::vector<Assignment> given;
  for (const auto& [name, value] : flags) given.push_back({name, value, "flag"});
  RETURN_IF_ERROR(Apply(given, settings));
  RETURN_IF_ERROR(Validate(settings));
  return settings;
}

}  // namespace foraker::config
