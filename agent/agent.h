// Answers questions by a loop of searches under a budget: the interface that the command line and
// the gRPC service share. Implementations: LocalAgent (agent/local_agent.h) and a gRPC client
// (services/client).
//
// Plain structs, no protobuf. Thread-safe: one agent runs many questions at once. Errors:
// kInvalidArgument naming the field; those of step 0's search (kNotFound for the collection,
// kFailedPrecondition for an expired snapshot, ...); kCancelled. A budget that runs out is no
// error: the result says `stopped_by`.

#ifndef FORAKER_AGENT_AGENT_H_
#define FORAKER_AGENT_AGENT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "agent/answer/answerer.h"
#include "agent/budget.h"
#include "agent/trajectory.h"
#include "retrieval/api/searcher.h"

namespace foraker::agent {

enum class PlannerKind { kExtractive, kLlm };
enum class AnswererKind { kExtractive, kLlm, kNone };

enum class StopMode {
  kLearned,  // the stop policy (extractive), or the model's own finish (llm)
  kNever,    // explore until a limit of the budget, the paper's no-finish variant
};

struct StopOptions {
  StopMode mode = StopMode::kLearned;
  std::optional<double> threshold;  // instead of the policy's own, in [0, 1]
};

// Lists are read by a reranker before the agent reads them.
struct AgentRerank {
  uint32_t candidates = 50;
};

struct AskRequest {
  std::string collection;
  std::string snapshot;  // token of Pin; empty: the newest, pinned for the run
  std::string question;  // at most 16,384 bytes
  Budget budget;
  PlannerKind planner = PlannerKind::kExtractive;
  AnswererKind answerer = AnswererKind::kExtractive;
  StopOptions stop;
  uint32_t passages_per_search = 0;  // 0: the planner's choice
  std::optional<AgentRerank> rerank;
  std::optional<retrieval::Filter> filter;  // on every search
  bool want_trace = false;
  std::function<bool()> cancelled;  // may be null
  std::string caller;               // whose turn it is at a shared reranker
};

struct AskResult {
  Answer answer;
  StoppedBy stopped_by = StoppedBy::kFinished;
  Trajectory trajectory;
  Bill bill;
  uint64_t generation = 0;  // of the snapshot
  std::string trace;        // of want_trace: JSON lines (agent/trace/trace.h)
};

// As things happen, on the thread that called Ask; members may be null.
struct AskEvents {
  // Pieces of the thought of the step that comes next.
  std::function<void(uint32_t step, std::string_view piece)> on_thought;
  // A step that is done; what it read stands in the trajectory.
  std::function<void(const Step& step, const Trajectory& trajectory)> on_step;
};

class Agent {
 public:
  virtual ~Agent() = default;
  virtual absl::StatusOr<AskResult> Ask(const AskRequest& request, const AskEvents& events) = 0;
};

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_AGENT_H_
