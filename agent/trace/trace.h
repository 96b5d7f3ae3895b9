// A run as a file: JSON lines with the request, the fingerprints of what decided (stop policy,
// examples, the chat model's name), every call to the backend with its reply, clock readings
// included, and the result. Line by line: agent/trace/trace_line.h.
//
//   {"trace": 1, "request": {...}, "stop_policy": "...", "examples": "...", "chat_model": "..."}
//   {"now": "2026-01-02T03:04:05.678901234Z"}
//   {"search": {...}, "reply": {...}}            or "error": {"code", "message"}
//   ...
//   {"result": {...}}
//
// Replaying runs the same code on the recorded replies and must give the same bytes, or says at
// which line and member the run first differs: another call than the one recorded, or another
// result. Replays touch no network and no clock. A trace has one spelling, so that a run which asks
// and gives what its lines say would write those lines again, byte for byte.
//
// Errors: kInvalidArgument "trace:LINE: MEMBER: what was expected" for a file that is no trace;
// kFailedPrecondition when it was made in another format, with another stop policy or other
// examples, or by another chat model than the one the options name (they may name none); kDataLoss
// with the first difference.

#ifndef FORAKER_AGENT_TRACE_TRACE_H_
#define FORAKER_AGENT_TRACE_TRACE_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "agent/agent.h"
#include "agent/backend.h"
#include "agent/local_agent.h"

namespace foraker::agent {

// Passes calls on to `backend` (borrowed) and appends them to a trace.
class TraceRecorder : public Backend {
 public:
  static std::unique_ptr<TraceRecorder> Make(Backend& backend, const AskRequest& request,
                                             const AgentOptions& options);
  // The trace, ended by the result. Once.
  virtual std::string Finish(const AskResult& result) = 0;
};

// The result holds the trace of the replay.
absl::StatusOr<AskResult> ReplayTrace(std::string_view trace, const AgentOptions& options,
                                      const AskEvents& events);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_TRACE_TRACE_H_
