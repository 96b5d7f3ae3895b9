#include "services/cli/question_runs.h"

#include <chrono>
#include <utility>

#include "base/status.h"
#include "services/cli/interrupt.h"
#include "services/cli/progress_bar.h"

namespace foraker::cli {

absl::StatusOr<QuestionRuns> AskQuestions(agent::Agent& agent, agent::AskRequest request,
                                          std::span<const agent::JudgedQuestion> questions,
                                          const std::string& stage) {
  using Clock = std::chrono::steady_clock;
  QuestionRuns runs;
  ProgressBar progress;
  for (const agent::JudgedQuestion& question : questions) {
    if (StopRequested()) return absl::CancelledError("interrupted");
    request.question = question.text;
    const Clock::time_point start = Clock::now();
    absl::StatusOr<agent::AskResult> result = agent.Ask(request, {});
    if (!result.ok()) return base::Annotate(result.status(), "query " + question.id);
    runs.latency.Add(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    runs.results.push_back(*std::move(result));
    const size_t done = runs.results.size();
    progress.Update(stage, static_cast<double>(done) / static_cast<double>(questions.size()), done,
                    "questions", 1000 / runs.latency.mean());
  }
  return runs;
}

}  // namespace foraker::cli
