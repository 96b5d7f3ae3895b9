#include "agent/llm/llm_planner.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/llm/cut_text.h"
#include "agent/llm/examples.h"
#include "agent/llm/prompt.h"
#include "agent/llm/react_parser.h"
#include "agent/llm/thought_stream.h"
#include "base/status.h"
#include "base/string_view.h"

namespace foraker::agent {
namespace {

constexpr uint32_t kPassages = 3;  // a search; FrugalRAG's over Wikipedia's abstracts
constexpr uint32_t kMaxReplyTokens = 512;
constexpr double kRetryTemperature = 0.5;
constexpr size_t kMaxQuotedBytes = 2000;  // of a reply that could not be understood

void AddCorrection(std::string_view reply, const absl::Status& problem,
                   std::vector<ChatMessage>& messages) {
  const std::string_view quoted = CutText(reply, kMaxQuotedBytes);
  messages.push_back({"assistant", quoted.empty() ? "(nothing)" : std::string(quoted)});
  messages.push_back(
      {"user", absl::StrCat("That could not be understood: ", problem.message(),
                            ". Write the step again, as the three lines Thought, Tool Name and "
                            "Tool Args and nothing else.")});
}

Action ActionOf(ReactStep step) {
  Action action;
  action.thought = std::move(step.thought);
  action.tool = step.tool;
  action.query.text = std::move(step.query);
  return action;
}

class LlmPlanner final : public Planner {
 public:
  LlmPlanner(LlmPlannerOptions options, std::vector<Example> examples)
      : options_(std::move(options)), examples_(std::move(examples)) {}

  uint32_t FirstPassages(const Budget& budget) const override {
    const uint32_t wanted =
        options_.passages_per_search != 0 ? options_.passages_per_search : kPassages;
    return std::min(wanted, budget.passages);
  }

  absl::StatusOr<Action> Next(const Trajectory& trajectory, Session& session,
                              const OnText& on_thought) override {
    ChatRequest request;
    request.messages = ReactPrompt(trajectory, examples_, may_finish());
    request.stop = {"\nObservation:", "\nQuestion:"};
    request.max_tokens = kMaxReplyTokens;
    const bool refused =
        !trajectory.steps.empty() && !trajectory.steps.back().observation.error.empty();
    request.temperature = refused ? kRetryTemperature : 0;

    absl::Status problem;
    bool spoken = false;
    for (uint32_t i = 0; i < std::max(1u, options_.tries); ++i) {
      absl::StatusOr<ChatReply> reply = Ask(request, session, on_thought, spoken);
      // What broke off may come whole the next time.
      if (!reply.ok() && !absl::IsDataLoss(reply.status())) return reply.status();
      if (reply.ok()) {
        absl::StatusOr<ReactStep> step = ParseReactReply(reply->text, may_finish());
        if (step.ok()) return ActionOf(*std::move(step));
        AddCorrection(reply->text, step.status(), request.messages);
        problem = step.status();
      } else {
        problem = reply.status();
      }
      request.temperature = kRetryTemperature;
    }
    return absl::DataLossError(
        absl::StrCat("no step in the language model's reply: ", problem.message()));
  }

 private:
  bool may_finish() const { return options_.stop != StopMode::kNever; }

  // `spoken`: a thought of this step has been passed on before.
  static absl::StatusOr<ChatReply> Ask(const ChatRequest& request, Session& session,
                                       const OnText& on_thought, bool& spoken) {
    if (!on_thought) return session.Chat(request, nullptr);
    bool new_line = spoken;
    ThoughtStream thought([&](std::string_view piece) {
      if (std::exchange(new_line, false)) on_thought("\n");
      on_thought(piece);
      spoken = true;
    });
    return session.Chat(request, [&](std::string_view piece) { thought.Feed(piece); });
  }

  const LlmPlannerOptions options_;
  const std::vector<Example> examples_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Planner>> MakeLlmPlanner(const LlmPlannerOptions& options) {
  const std::string_view text =
      options.examples.empty() ? BuiltInExamples() : std::string_view(options.examples);
  ASSIGN_OR_RETURN(std::vector<Example> examples, ParseExamples(text, "examples"));
  return std::make_unique<LlmPlanner>(options, std::move(examples));
}

}  // namespace foraker::agent
