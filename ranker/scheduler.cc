#include "ranker/scheduler.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/mutex.h"
#include "base/status.h"
#include "ranker/pass_speed.h"
#include "ranker/rank_queue.h"
#include "ranker/rank_ticket.h"

namespace foraker::ranker {
namespace {

using Ticket = RankQueue::Ticket;

// Turns a pass has room for, when callers' lists are short: each gets that share of it at a time.
constexpr uint32_t kTurnsOfAPass = 4;

constexpr absl::Duration kLeastRetry = absl::Milliseconds(50);
constexpr absl::Duration kUnknownRetry = absl::Seconds(1);  // no pass has been measured yet

absl::Status Ending() { return absl::CancelledError("the reranker is shutting down"); }

class PassScheduler : public Scheduler {
 public:
  PassScheduler(std::shared_ptr<const Decoder> decoder, const SchedulerOptions& options)
      : decoder_(std::move(decoder)),
        options_(options),
        queue_(std::max(1u, options.pass_tokens / kTurnsOfAPass), options.queue_tokens),
        thread_([this] { RunPasses(); }) {}

  // Callers that wait leave with kCancelled, the last of them before this returns.
  ~PassScheduler() override {
    {
      base::MutexLock lock(&mutex_);
      ending_ = true;
      for (const Ticket& ticket : queue_.TakeAll()) ticket->Answer(Ending());
    }
    thread_.join();
    base::MutexLock lock(&mutex_);
    mutex_.Await([this] {
      mutex_.AssertHeld();
      return callers_ == 0;
    });
  }

  absl::StatusOr<RankScores> Run(RankJob job) override {
    // A list that does not fit the model must not fail those that share its pass.
    Pass alone;
    alone.Add(job.prompt);
    RETURN_IF_ERROR(decoder_->Check(alone));
    const auto ticket = std::make_shared<RankTicket>(std::move(job));
    RETURN_IF_ERROR(ticket->StillWanted());
    std::vector<Ticket> evicted;
    {
      base::MutexLock lock(&mutex_);
      RETURN_IF_ERROR(Admit(ticket, evicted));
      ++callers_;
    }
    for (const Ticket& out : evicted) {
      out->Answer(absl::ResourceExhaustedError(
          "the list lost its place in the queue to a caller that has fewer there; retry later"));
    }
    absl::StatusOr<RankScores> scores = ticket->Wait();
    base::MutexLock lock(&mutex_);
    if (!scores.ok()) queue_.Remove(*ticket);
    --callers_;
    return scores;
  }

  absl::Duration RetryAfter() const override {
    base::MutexLock lock(&mutex_);
    // When the pass that is under way has ended, the next one makes room in the queue.
    const std::optional<absl::Duration> pass =
        speed_.TimeOf(std::min<uint64_t>(queue_.tokens(), options_.pass_tokens));
    if (!pass.has_value()) return kUnknownRetry;
    return std::max(kLeastRetry, *pass + RestOfPass());
  }

  SchedulerStats Stats() const override {
    base::MutexLock lock(&mutex_);
    SchedulerStats stats = stats_;
    stats.waiting_lists = queue_.lists();
    stats.waiting_tokens = queue_.tokens();
    return stats;
  }

 private:
  absl::Status Admit(const Ticket& ticket, std::vector<Ticket>& evicted)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (ending_) return Ending();
    const RankJob& job = ticket->job();
    const absl::Duration wait =
        speed_.TimeOf(queue_.TokensAhead(job.caller, ticket->tokens())).value_or(absl::Duration()) +
        RestOfPass();
    if (absl::Now() + wait > job.deadline) {
      ++stats_.refused;
      return absl::ResourceExhaustedError(
          absl::StrCat("the list would wait ", absl::FormatDuration(absl::Ceil(wait, kPrecision)),
                       " for its turn, which is beyond its deadline; retry later"));
    }
    if (!queue_.Push(ticket, evicted)) {
      ++stats_.refused;
      return absl::ResourceExhaustedError(absl::StrCat(
          queue_.tokens(), " tokens of ", queue_.lists(), " lists wait already, at most ",
          options_.queue_tokens, " may; retry later"));
    }
    stats_.refused += evicted.size();
    return absl::OkStatus();
  }

  // What is left of the pass under way, by the speed of those before.
  absl::Duration RestOfPass() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const std::optional<absl::Duration> whole = speed_.TimeOf(running_tokens_);
    if (!whole.has_value() || running_tokens_ == 0) return absl::ZeroDuration();
    return std::max(absl::ZeroDuration(), *whole - (absl::Now() - running_since_));
  }

  void RunPasses() {
    Decoder::Runner runner = decoder_->NewRunner();
    for (std::vector<Ticket> tickets; NextPass(tickets);) {
      if (!tickets.empty()) RunPass(runner, tickets);
    }
  }

  // Waits for lists; false when the scheduler ends.
  bool NextPass(std::vector<Ticket>& tickets) {
    base::MutexLock lock(&mutex_);
    mutex_.Await([this] {
      mutex_.AssertHeld();
      return ending_ || !queue_.empty();
    });
    if (ending_) return false;
    tickets = queue_.TakePass(options_.pass_tokens);
    std::erase_if(tickets, [](const Ticket& ticket) { return ticket->gone(); });
    for (const Ticket& ticket : tickets) running_tokens_ += ticket->tokens();
    running_since_ = absl::Now();
    return true;
  }

  void RunPass(Decoder::Runner& runner, const std::vector<Ticket>& tickets) {
    Pass pass;
    for (const Ticket& ticket : tickets) pass.Add(ticket->job().prompt);
    const auto wanted = [this, &tickets] {
      return !ending_ && !std::all_of(tickets.begin(), tickets.end(),
                                      [](const Ticket& ticket) { return ticket->gone(); });
    };
    const absl::Time start = absl::Now();
    auto scores = runner.Score(pass, wanted);
    const absl::Duration compute = absl::Now() - start;
    CountPass(tickets.size(), pass.rows(), compute, scores.ok());
    for (size_t i = 0; i < tickets.size(); ++i) {
      if (scores.ok()) {
        tickets[i]->Answer(RankScores{.scores = std::move((*scores)[i]),
                                      .queue = start - tickets[i]->arrival(),
                                      .compute = compute,
                                      .pass_lists = static_cast<uint32_t>(tickets.size())});
      } else {
        tickets[i]->Answer(ending_ ? Ending() : scores.status());
      }
    }
  }

  void CountPass(size_t lists, uint64_t tokens, absl::Duration compute, bool whole) {
    base::MutexLock lock(&mutex_);
    running_tokens_ = 0;
    stats_.compute += compute;
    if (!whole) return;
    ++stats_.passes;
    stats_.lists += lists;
    stats_.tokens += tokens;
    speed_.Add(tokens, compute);
  }

  static constexpr absl::Duration kPrecision = absl::Milliseconds(1);  // of times in messages

  const std::shared_ptr<const Decoder> decoder_;
  const SchedulerOptions options_;
  mutable base::Mutex mutex_;
  RankQueue queue_ ABSL_GUARDED_BY(mutex_);
  PassSpeed speed_ ABSL_GUARDED_BY(mutex_);
  SchedulerStats stats_ ABSL_GUARDED_BY(mutex_);
  uint64_t running_tokens_ ABSL_GUARDED_BY(mutex_) = 0;  // of the pass under way
  absl::Time running_since_ ABSL_GUARDED_BY(mutex_);
  size_t callers_ ABSL_GUARDED_BY(mutex_) = 0;  // inside Run
  std::atomic<bool> ending_ = false;            // set with the mutex held, so that waiters wake
  std::thread thread_;                          // last: it uses the rest
};

}  // namespace

std::unique_ptr<Scheduler> Scheduler::Start(std::shared_ptr<const Decoder> decoder,
                                            const SchedulerOptions& options) {
  return std::make_unique<PassScheduler>(std::move(decoder), options);
}

}  // namespace foraker::ranker
