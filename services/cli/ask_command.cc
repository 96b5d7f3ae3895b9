// foraker ask: the answer of a question that needs several searches, its steps shown as they
// happen; and the replay of a run that was recorded.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "agent/trace/trace.h"
#include "base/file.h"
#include "base/status.h"
#include "services/cli/ask_json.h"
#include "services/cli/ask_options.h"
#include "services/cli/ask_text.h"
#include "services/cli/commands.h"
#include "services/cli/filter_expression.h"
#include "services/cli/target.h"

namespace foraker::cli {
namespace {

struct AskArguments {
  Target target;
  std::string collection;
  std::vector<std::string> words;
  AskFlags asking;
  RerankFlags reranking;
  std::string filter;
  std::string trace, replay;  // files
  bool json = false;
};

constexpr uint64_t kMaxTraceBytes = uint64_t{1} << 30;

// Shows a run to a person while it happens. Borrowed by its events.
class Display {
 public:
  agent::AskEvents events() {
    return {[this](uint32_t step, std::string_view piece) { ShowThought(step, piece); },
            [this](const agent::Step& step, const agent::Trajectory& trajectory) {
              ShowStep(step, trajectory);
            }};
  }

  void ShowResult(const agent::AskResult& result) const {
    Put(ResultText(result, style_, TerminalWidth(stdout)));
  }

 private:
  void ShowThought(uint32_t step, std::string_view piece) {
    if (!thought_ || thought_->step() != step)
      thought_.emplace(step, style_, TerminalWidth(stdout));
    Put(thought_->Add(piece));
  }

  void ShowStep(const agent::Step& step, const agent::Trajectory& trajectory) {
    bool shown = false;
    if (thought_ && thought_->step() == step.number) {
      Put(thought_->End());
      shown = !thought_->empty();
    }
    thought_.reset();
    Put(StepText(step, trajectory, shown, style_, TerminalWidth(stdout)));
  }

  static void Put(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
  }

  const Style style_ = Style::For(stdout);
  std::optional<ThoughtText> thought_;  // on the screen
};

absl::StatusOr<agent::AskResult> Replay(const AskArguments& arguments,
                                        const agent::AskEvents& events) {
  ASSIGN_OR_RETURN(const std::string trace, base::ReadFile(arguments.replay, kMaxTraceBytes));
  ASSIGN_OR_RETURN(const agent::AgentOptions options, arguments.asking.ToAgentOptions());
  absl::StatusOr<agent::AskResult> result = agent::ReplayTrace(trace, options, events);
  if (!result.ok()) return base::Annotate(result.status(), arguments.replay);
  return result;
}

absl::StatusOr<agent::AskResult> Ask(const AskArguments& arguments,
                                     const agent::AskEvents& events) {
  agent::AskRequest request = arguments.asking.ToRequest(arguments.reranking);
  request.collection = arguments.collection;
  request.question = absl::StrJoin(arguments.words, " ");
  if (!arguments.filter.empty()) {
    ASSIGN_OR_RETURN(request.filter, ParseFilter(arguments.filter));
  }
  request.want_trace = !arguments.trace.empty();
  ASSIGN_OR_RETURN(const std::unique_ptr<agent::Agent> agent,
                   arguments.asking.OpenAgent(arguments.target, arguments.reranking));
  return agent->Ask(request, events);
}

absl::Status RunAsk(const AskArguments& arguments) {
  const bool asks = !arguments.collection.empty() && !arguments.words.empty();
  if (arguments.replay.empty() && !asks)
    return absl::InvalidArgumentError("give a question and its --collection, or --replay FILE");
  if (!arguments.replay.empty() && (!arguments.collection.empty() || !arguments.words.empty()))
    return absl::InvalidArgumentError("--replay takes question and collection from its file");

  Display display;
  const agent::AskEvents events = arguments.json ? agent::AskEvents() : display.events();
  ASSIGN_OR_RETURN(const agent::AskResult result,
                   arguments.replay.empty() ? Ask(arguments, events) : Replay(arguments, events));
  if (!arguments.trace.empty()) RETURN_IF_ERROR(base::WriteFile(arguments.trace, result.trace));
  if (arguments.json) {
    std::printf("%s\n", ToJson(result).c_str());
  } else {
    display.ShowResult(result);
  }
  return absl::OkStatus();
}

}  // namespace

void AddAskCommand(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<AskArguments>();
  CLI::App* command = app.add_subcommand("ask", "Answer a question by a series of searches");
  command->add_option("question", arguments->words, "The question");
  command->add_option("-c,--collection", arguments->collection, "Collection or alias")
      ->type_name("NAME");
  AddTargetOptions(*command, arguments->target);
  arguments->asking.AddTo(*command, "Agent");
  command->add_option("--filter", arguments->filter, "Find only these, e.g. 'section = \"libs\"'")
      ->type_name("EXPR")
      ->group("Agent");
  arguments->reranking.AddTo(*command, "Rerank");
  constexpr const char* kGroup = "Output";
  command->add_option("--trace", arguments->trace, "Write the run's trace to this file")
      ->type_name("FILE")
      ->group(kGroup);
  command
      ->add_option("--replay", arguments->replay,
                   "Repeat the run of this trace: the same bytes, or where it first differs")
      ->type_name("FILE")
      ->group(kGroup);
  command->add_flag("--json", arguments->json, "Print one JSON object")->group(kGroup);
  command->callback([arguments, &chosen] { chosen = [arguments] { return RunAsk(*arguments); }; });
}

}  // namespace foraker::cli
