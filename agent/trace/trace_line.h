// The lines of a trace: how calls, their replies, the header and the result are written and read.
//
//   {"trace": 1, "request": {...}, "stop_policy": "...", "examples": "...", "chat_model": "..."}
//   {"now": TIME}
//   {"pin": {}, "reply": {}}
//   {"search": {"text", "terms", "k", "deadline"}, "reply": {"passages", "exact", "generation"}}
//   {"try": {"queries", "k", "deadline"}, "reply": [{"passages", "exact", "generation"}, ...]}
//   {"analyze": TEXT, "reply": [TERM, ...]}
//   {"links": [{"document_id", "passage"}, ...], "reply": [LINK, ...]}
//   {"rank": {"query", "documents", "deadline"}, "reply": {...}}
//   {"chat": {"messages", "stop", "max_tokens", "temperature", "deadline"}, "reply": {...}}
//   {"result": {...}}
//
// A call that failed has {"error": {"code", "message"}} in the reply's place. Members: schema.h;
// values: json_values.h.

#ifndef FORAKER_AGENT_TRACE_TRACE_LINE_H_
#define FORAKER_AGENT_TRACE_TRACE_LINE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/agent.h"
#include "agent/backend.h"
#include "agent/local_agent.h"
#include "agent/trace/schema.h"
#include "base/string_view.h"

namespace foraker::agent::trace {

inline constexpr uint64_t kFormat = 1;

struct Header {
  uint64_t format = kFormat;
  AskRequest request;
  std::string stop_policy, examples, chat_model;  // what tells them apart
};
void Describe(auto& member, IsA<Header> auto& header) {
  member("trace", header.format);
  member("request", header.request);
  member("stop_policy", header.stop_policy);
  member("examples", header.examples);
  member("chat_model", header.chat_model);
}
Header MakeHeader(const AskRequest& request, const AgentOptions& options);

enum class CallKind { kNow, kPin, kSearch, kTry, kAnalyze, kLinks, kRank, kChat };
std::string_view CallName(CallKind kind);  // "now", "pin", ...

struct Nothing {};  // Pin's arguments and reply
void Describe(auto&, IsA<Nothing> auto&) {}

// In the order of CallKind.
using Reply = std::variant<absl::Time, Nothing, Found, std::vector<Found>,
                           std::vector<retrieval::AnalyzedTerm>, std::vector<retrieval::Link>,
                           retrieval::RankResult, ChatReply>;

struct CallLine {
  CallKind kind = CallKind::kNow;
  Json call;  // null for kNow
  absl::StatusOr<Reply> reply = Reply();
};

struct Trace {
  Header header;
  std::vector<CallLine> calls;  // the first is line 2
  Json result;
};

// ---- writing: one line each, without its end ----

Json EncodeHeader(const Header& header);
Json EncodeNow(absl::Time now);
Json EncodeResult(const AskResult& result);

struct Failure {
  absl::StatusCode code = absl::StatusCode::kUnknown;
  std::string message;
};
template <>
inline constexpr auto kNames<absl::StatusCode> = to_array<std::string_view>(
    {"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
     "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",
     "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"});
void Describe(auto& member, IsA<Failure> auto& failure) {
  member("code", failure.code);
  member("message", failure.message);
}

template <typename Call, typename ReplyOf>
Json EncodeCall(CallKind kind, const Call& call, const absl::StatusOr<ReplyOf>& reply) {
  Json line = {{CallName(kind), Encode(call)}};
  if (reply.ok()) {
    line["reply"] = Encode(*reply);
  } else {
    line["error"] =
        Encode(Failure{reply.status().code(), std::string(base::ToStd(reply.status().message()))});
  }
  return line;
}

// ---- reading ----

// Errors: kInvalidArgument "trace:LINE: MEMBER: what was expected", also for lines that say
// something that no callee says (a rank for a document that was not sent) or are written otherwise
// than a recorder does; kFailedPrecondition for another format.
absl::StatusOr<Trace> ParseTrace(std::string_view text);

}  // namespace foraker::agent::trace

#endif  // FORAKER_AGENT_TRACE_TRACE_LINE_H_
