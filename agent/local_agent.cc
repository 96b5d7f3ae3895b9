#include "agent/local_agent.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/answer/extractive_answerer.h"
#include "agent/answering.h"
#include "agent/check_request.h"
#include "agent/extractive/extractive_planner.h"
#include "agent/llm/llm_answerer.h"
#include "agent/llm/llm_planner.h"
#include "agent/loop.h"
#include "agent/trace/trace.h"
#include "base/status.h"

namespace foraker::agent {
namespace {

constexpr const char* kNoModel =
    ": there is no language model; name its endpoint (foraker ask --llm-url, setting llm.url)";

absl::StatusOr<std::unique_ptr<Planner>> MakePlanner(const AskRequest& request,
                                                     const AgentOptions& options) {
  if (request.planner == PlannerKind::kLlm) {
    return MakeLlmPlanner({.examples = options.examples,
                           .stop = request.stop.mode,
                           .passages_per_search = request.passages_per_search});
  }
  ExtractiveOptions extractive{.stop_policy = options.stop_policy,
                               .stop = request.stop.mode,
                               .passages_per_search = request.passages_per_search};
  if (request.stop.threshold.has_value()) {
    extractive.stop_policy = options.stop_policy.WithThreshold(*request.stop.threshold);
  }
  return MakeExtractivePlanner(extractive);
}

// In the order in which they are tried.
std::vector<std::unique_ptr<Answerer>> MakeAnswerers(AnswererKind kind) {
  std::vector<std::unique_ptr<Answerer>> answerers;
  if (kind == AnswererKind::kLlm) answerers.push_back(MakeLlmAnswerer());
  if (kind != AnswererKind::kNone) answerers.push_back(MakeExtractiveAnswerer());
  return answerers;
}

// What the request asks for must be there before anything is paid for.
absl::Status CheckServices(const AskRequest& request, const Services& services) {
  if (request.planner == PlannerKind::kLlm && services.chat == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat("planner", kNoModel));
  }
  if (request.answerer == AnswererKind::kLlm && services.chat == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat("answerer", kNoModel));
  }
  if (request.rerank.has_value() && services.reranker == nullptr) {
    return absl::FailedPreconditionError("rerank: there is no ranking model");
  }
  return absl::OkStatus();
}

class LocalAgent : public Agent {
 public:
  LocalAgent(ServicesOf services, AgentOptions options)
      : services_(std::move(services)), options_(std::move(options)) {}

  absl::StatusOr<AskResult> Ask(const AskRequest& request, const AskEvents& events) override {
    RETURN_IF_ERROR(CheckRequest(request, options_));
    ASSIGN_OR_RETURN(const Services services, services_(request));
    RETURN_IF_ERROR(CheckServices(request, services));
    const std::unique_ptr<Backend> backend = MakeLiveBackend(services, request);
    if (!request.want_trace) return RunQuestion(request, options_, *backend, events);
    const std::unique_ptr<TraceRecorder> recorder =
        TraceRecorder::Make(*backend, request, options_);
    ASSIGN_OR_RETURN(AskResult result, RunQuestion(request, options_, *recorder, events));
    result.trace = recorder->Finish(result);
    return result;
  }

 private:
  const ServicesOf services_;
  const AgentOptions options_;
};

}  // namespace

std::unique_ptr<Agent> MakeLocalAgent(ServicesOf services, AgentOptions options) {
  return std::make_unique<LocalAgent>(std::move(services), std::move(options));
}

absl::StatusOr<AskResult> RunQuestion(const AskRequest& request, const AgentOptions& options,
                                      Backend& backend, const AskEvents& events) {
  RETURN_IF_ERROR(CheckRequest(request, options));
  ASSIGN_OR_RETURN(const std::unique_ptr<Planner> planner, MakePlanner(request, options));
  const absl::Time start = backend.Now();
  Meter meter(request.budget, start);
  Session session(backend, meter, {.cancelled = request.cancelled});
  ASSIGN_OR_RETURN(LoopResult run, RunLoop(request, *planner, session, events));

  ASSIGN_OR_RETURN(Answer answer, MakeAnswer(MakeAnswerers(request.answerer), run, session));
  meter.bill().times.total = session.Now() - start;
  return AskResult{.answer = std::move(answer),
                   .stopped_by = run.stopped_by,
                   .trajectory = std::move(run.trajectory),
                   .bill = meter.bill(),
                   .generation = session.generation(),
                   .trace = {}};
}

}  // namespace foraker::agent
