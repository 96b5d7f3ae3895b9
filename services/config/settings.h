// Settings of the server and where they come from: file < environment < flags.
//
//   [server]                 FORAKER__SERVER__LISTEN=127.0.0.1:7411      --set server.listen=...
//   listen = "..."
//
// A setting has one dotted name, "server.listen". In a TOML file the part before the dot is a
// table; in the environment a name is written in capitals with two underscores for the dot and
// FORAKER__ before it. Unknown names are errors in all three. Pure functions over their arguments;
// nothing reads the process's environment but LoadSettings. Errors: kInvalidArgument naming file
// and line, variable or flag, and what was expected.

#ifndef FORAKER_SERVICES_CONFIG_SETTINGS_H_
#define FORAKER_SERVICES_CONFIG_SETTINGS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace foraker::config {

struct Settings {
  std::string data = "data";  // the data directory

  // "server.*"
  std::string listen = "127.0.0.1:7411";       // gRPC; port 0 takes a free one
  std::string http_listen = "127.0.0.1:7412";  // HTTP; empty: none
  // Searched by calls over HTTP whose shape names no collection
  // (services/http/compatible_routes.h); empty: the only one there is.
  std::string default_collection;
  bool insecure = false;          // allow addresses that other machines reach, without keys
  std::string keys_file;          // API keys (services/auth/key_file.h); read again when it changes
  std::string api_key;            // the token of one more key, an admin's
  std::string tls_cert, tls_key;  // PEM files; empty: plain text
  std::string tls_client_ca;      // PEM file; clients need a certificate that one of these signed
  bool open_metrics = false;      // /metrics needs no key, whoever can reach it
  uint32_t threads = 0;           // that run calls; 0: one a processor
  uint32_t write_threads = 0;     // that encode and write documents; 0: one a processor
  uint32_t queue = 256;           // searches that may wait for a thread; more are refused
  uint32_t queue_mib = 64;        // of requests that wait
  absl::Duration max_wait = absl::Seconds(1);   // no search is let in that would wait longer
  uint32_t max_message_mib = 16;                // of a request
  absl::Duration max_call = absl::Seconds(60);  // longest scan of a call without a deadline
  absl::Duration drain = absl::Seconds(10);     // for calls under way at shutdown
  absl::Duration refresh = absl::Seconds(1);    // how often new generations are looked for

  // Follow the process that writes the directory instead of writing it.
  bool read_only = false;
  std::string import_root;  // AttachShards and ImportSnapshot take directories below it; empty: any

  // "rank.*": the model that ranks (ranker/block_ranker.h)
  std::string rank_model;              // its directory; empty: this server does not rank
  std::string rank_precision;          // "int8,f32": loaded, the default first; empty: the fastest
  uint32_t rank_threads = 0;           // of a pass; 0: one a processor
  uint32_t rank_pass_tokens = 16'384;  // of all lists that share a pass
  uint32_t rank_queue_tokens = 262'144;  // that may wait; more are refused
  uint32_t rank_max_documents = 500;     // of a list

  // "agent.*": answers questions by several searches (agent/agent.h)
  uint32_t agent_threads = 16;  // runs at once; they sleep while models work
  uint32_t agent_queue = 64;    // runs that may wait for a thread; more are refused
  // Largest values of a run's budget.
  uint32_t agent_max_searches = 32;
  uint32_t agent_max_passages = 500;
  absl::Duration agent_max_time = absl::Minutes(10);
  std::string agent_stop_policy;  // file of `foraker fit-stop`; empty: built in
  // Servers that runs search and rank on, "HOST:PORT"; empty: this one.
  std::string agent_search_server, agent_rank_server;
  std::string agent_server_key;                       // the token that they are shown
  std::string agent_tls_ca;                           // PEM file; they are spoken to by TLS
  std::string agent_tls_cert, agent_tls_private_key;  // PEM files, for mutual TLS

  // "llm.*": the language model of runs that want one
  std::string llm_url;                             // "http://127.0.0.1:8000/v1"; empty: none
  std::string llm_model;                           // as that server names it
  std::string llm_api_key;                         // its token
  std::string llm_examples;                        // file of few-shot examples; empty: built in
  absl::Duration llm_timeout = absl::Seconds(60);  // longest silence of that server

  // "log.*"
  std::string log_level = "info";                       // debug, info, warn, error, off
  absl::Duration slow_query = absl::Milliseconds(500);  // "log.slow_query"; 0: none is logged
  bool log_query_text = false;                          // "log.query_text"
  std::string audit_file;  // who changed what ("log.audit_file"); empty: in the log

  bool has_keys() const { return !keys_file.empty() || !api_key.empty(); }
};

// One source's settings, in the order in which they were given.
struct Assignment {
  std::string name;   // dotted
  std::string value;  // as text: "true", "12", "1.5s", "127.0.0.1:7411"
  std::string where;  // for errors: "foraker.toml:3", "FORAKER__SERVER__LISTEN", "--listen"
};

absl::StatusOr<std::vector<Assignment>> ReadToml(std::string_view toml, std::string_view file);
// `environment` holds "NAME=value"; names that do not start with FORAKER__ are not ours.
std::vector<Assignment> ReadEnvironment(const std::vector<std::string>& environment);

// Later assignments win.
absl::Status Apply(const std::vector<Assignment>& assignments, Settings& settings);

// Every setting with its value, as a file that gives them all.
std::string ToToml(const Settings& settings);

// What cannot be checked one setting at a time: addresses, and that none is open to other machines
// without `insecure`.
absl::Status Validate(const Settings& settings);

// File (empty: none), then the process's environment, then flags; validated.
absl::StatusOr<Settings> LoadSettings(
    const std::string& file, const std::vector<std::pair<std::string, std::string>>& flags);

}  // namespace foraker::config

#endif  // FORAKER_SERVICES_CONFIG_SETTINGS_H_
