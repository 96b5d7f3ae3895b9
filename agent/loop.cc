#include "agent/loop.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "agent/hits.h"
#include "agent/reranking.h"
#include "agent/searched_words.h"
#include "agent/tokens.h"
#include "base/status.h"
#include "base/string_view.h"

namespace foraker::agent {
namespace {

// What a planner needs is not to be had: to ask again would change nothing.
bool IsRefused(const absl::Status& status) {
  return absl::IsPermissionDenied(status) || absl::IsFailedPrecondition(status) ||
         absl::IsUnauthenticated(status);
}

class Loop {
 public:
  Loop(const AskRequest& request, Planner& planner, Session& session, const AskEvents& events,
       const LoopOptions& options)
      : request_(request),
        planner_(planner),
        session_(session),
        events_(events),
        options_(options),
        passages_a_search_(request.passages_per_search != 0
                               ? request.passages_per_search
                               : std::max(1u, planner.FirstPassages(request.budget))) {
    trajectory_.question = request.question;
  }

  absl::StatusOr<LoopResult> Run() {
    RETURN_IF_ERROR(SearchQuestion());
    while (!stopped_by_.has_value()) {
      stopped_by_ = session_.meter().Spent(session_.Now());
      if (!stopped_by_.has_value()) RETURN_IF_ERROR(NextStep());
    }
    return LoopResult{.trajectory = std::move(trajectory_), .stopped_by = *stopped_by_};
  }

 private:
  absl::Status SearchQuestion() {
    Step step;
    step.query.text = request_.question;
    const absl::Time begin = session_.Now();
    absl::Status status = session_.Pin();
    if (status.ok()) status = Search(step);
    if (!status.ok() && !session_.limit().has_value()) return status;
    return End(std::move(step), begin, status);
  }

  absl::Status NextStep() {
    Step step;
    step.number = static_cast<uint32_t>(trajectory_.steps.size());
    const absl::Time begin = session_.Now();
    absl::StatusOr<Action> action = Plan(step.number, begin);
    if (!action.ok()) {
      if (IsRefused(action.status())) stopped_by_ = StoppedBy::kToolFailure;
      return End(std::move(step), begin, action.status());
    }
    step.thought = std::move(action->thought);
    step.tool = action->tool;
    step.decision = action->decision;
    if (step.tool == Tool::kFinish) {
      // A planner that a limit left without means may put it politely.
      stopped_by_ = session_.limit().value_or(action->exhausted ? StoppedBy::kExhausted
                                                                : StoppedBy::kFinished);
      Read(std::min(action->read_on, session_.meter().passages_left()), std::move(unread_), step);
      return End(std::move(step), begin, absl::OkStatus());
    }
    step.query = std::move(action->query);
    absl::Status status = Refusal(step.query);
    if (status.ok()) status = Search(step);
    return End(std::move(step), begin, status);
  }

  absl::StatusOr<Action> Plan(uint32_t step, absl::Time begin) {
    OnText on_thought;
    if (events_.on_thought) {
      on_thought = [this, step](std::string_view piece) { events_.on_thought(step, piece); };
    }
    const absl::Duration calls = session_.meter().calls();
    absl::StatusOr<Action> action = planner_.Next(trajectory_, session_, on_thought);
    session_.meter().bill().times.plan +=
        (session_.Now() - begin) - (session_.meter().calls() - calls);
    return action;
  }

  absl::Status Refusal(const SearchQuery& query) const {
    if (absl::StripAsciiWhitespace(query.text).empty()) {
      return absl::InvalidArgumentError("refused: the query is empty");
    }
    const std::optional<uint32_t> step = searched_.StepOf(query.text);
    if (!step.has_value()) return absl::OkStatus();
    return absl::AlreadyExistsError(absl::StrCat("refused: step ", *step, " searched for \"",
                                                 trajectory_.steps[*step].query.text,
                                                 "\" already"));
  }

  absl::Status Search(Step& step) {
    const uint32_t wanted = Wanted(step.query);
    uint32_t k = HitsFor(wanted, session_.meter());
    if (request_.rerank.has_value()) k = std::max(k, request_.rerank->candidates);
    ASSIGN_OR_RETURN(Found found, session_.Search(step.query, k));
    ++session_.meter().bill().searches;
    searched_.Add(step.query.text, step.number);
    step.observation.exact = found.exact;
    std::vector<Passage> passages = TakeNew(wanted, std::move(found.passages), step.observation);
    if (request_.rerank.has_value()) {
      if (const uint32_t most = std::max(wanted, request_.rerank->candidates);
          passages.size() > most) {
        passages.resize(most);
      }
      const absl::Status status = Rerank(step.query.text, session_, passages);
      if (absl::IsCancelled(status)) return status;
      step.observation.rerank_error = std::string(status.message());
    }
    Read(wanted, std::move(passages), step);
    return absl::OkStatus();
  }

  uint32_t Wanted(const SearchQuery& query) const {
    uint32_t wanted = query.passages != 0 ? query.passages : passages_a_search_;
    if (request_.passages_per_search != 0) wanted = std::min(wanted, request_.passages_per_search);
    return std::min(wanted, session_.meter().passages_left());
  }

  // Those that were not read, and how many known ones stand among the best `wanted` of them.
  std::vector<Passage> TakeNew(uint32_t wanted, std::vector<Passage> found,
                               Observation& observation) const {
    std::vector<Passage> taken;
    for (Passage& passage : found) {
      if (!read_.contains({passage.document_id, passage.ordinal})) {
        taken.push_back(std::move(passage));
      } else if (taken.size() < wanted) {
        ++observation.known;
      }
    }
    return taken;
  }

  // Reads the best `wanted`, and keeps the others for a run that ends here.
  void Read(uint32_t wanted, std::vector<Passage> passages, Step& step) {
    unread_.clear();
    if (passages.size() > wanted) {
      const auto rest = passages.begin() + wanted;
      unread_.assign(std::make_move_iterator(rest), std::make_move_iterator(passages.end()));
      passages.erase(rest, passages.end());
    }
    Bill& bill = session_.meter().bill();
    for (Passage& passage : passages) {
      const uint32_t tokens = CountTokens(passage.title) + CountTokens(passage.text);
      if (tokens > session_.meter().tokens_left()) {
        stopped_by_ = StoppedBy::kTokens;
        return;
      }
      ++bill.passages;
      bill.passage_tokens += tokens;
      read_.insert({passage.document_id, passage.ordinal});
      documents_.insert(passage.document_id);
      bill.documents = static_cast<uint32_t>(documents_.size());
      step.observation.read.push_back(trajectory_.passages.size());
      trajectory_.passages.push_back(
          {.passage = std::move(passage), .step = step.number, .tokens = tokens});
    }
  }

  absl::Status End(Step step, absl::Time begin, const absl::Status& status) {
    if (absl::IsCancelled(status)) return status;
    failures_ = status.ok() ? 0 : failures_ + 1;
    if (!status.ok()) {
      step.observation.error = std::string(status.message());
      if (session_.limit().has_value()) stopped_by_ = session_.limit();
      if (!stopped_by_.has_value() && failures_ == options_.failures) {
        stopped_by_ = StoppedBy::kToolFailure;
      }
    }
    step.took = session_.Now() - begin;
    trajectory_.steps.push_back(std::move(step));
    if (events_.on_step) events_.on_step(trajectory_.steps.back(), trajectory_);
    return absl::OkStatus();
  }

  const AskRequest& request_;
  Planner& planner_;
  Session& session_;
  const AskEvents& events_;
  const LoopOptions options_;
  const uint32_t passages_a_search_;

  Trajectory trajectory_;
  std::optional<StoppedBy> stopped_by_;
  uint32_t failures_ = 0;  // in a row
  SearchedWords searched_;
  std::vector<Passage> unread_;  // that the last search found, the best first
  absl::flat_hash_set<std::pair<std::string, uint32_t>> read_;  // document and ordinal
  absl::flat_hash_set<std::string> documents_;
};

}  // namespace

absl::StatusOr<LoopResult> RunLoop(const AskRequest& request, Planner& planner, Session& session,
                                   const AskEvents& events, const LoopOptions& options) {
  return Loop(request, planner, session, events, options).Run();
}

}  // namespace foraker::agent
