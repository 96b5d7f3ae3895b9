#include "agent/answering.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace foraker::agent {
namespace {

absl::StatusOr<Answer> FirstAnswer(const std::vector<std::unique_ptr<Answerer>>& answerers,
                                   LoopResult& run, Session& session) {
  Answer answer;
  for (const std::unique_ptr<Answerer>& answerer : answerers) {
    absl::StatusOr<Answer> found = answerer->Find(run.trajectory, session);
    if (found.ok() || absl::IsCancelled(found.status())) return found;
    const bool wished =
        run.stopped_by == StoppedBy::kFinished || run.stopped_by == StoppedBy::kExhausted;
    if (wished) run.stopped_by = session.limit().value_or(run.stopped_by);
    answer.reason = absl::StrCat("no answer could be made: ", found.status().message());
  }
  return answer;
}

}  // namespace

absl::StatusOr<Answer> MakeAnswer(const std::vector<std::unique_ptr<Answerer>>& answerers,
                                  LoopResult& run, Session& session) {
  const absl::Time begin = session.Now();
  const absl::Duration calls = session.meter().calls();
  absl::StatusOr<Answer> answer = FirstAnswer(answerers, run, session);
  session.meter().bill().times.answer = (session.Now() - begin) - (session.meter().calls() - calls);
  return answer;
}

}  // namespace foraker::agent
