// What a run may spend, what it has spent, and which limit ended it.
//
// Every limit binds across retrieval, reranking and language-model calls. When one runs out the run
// ends well: with the best answer so far, the limit's name and the bill. Counting is as the paper
// counts: a *search* is a retrieval call whose documents enter the context. `retrieval_calls` has
// every query that the collection was asked to answer: searches, repeated ones, and those whose
// result nobody reads (a planner that compares candidate queries, which travel in one call).
//
// Plain structs; Meter is used by one thread at a time.

#ifndef FORAKER_AGENT_BUDGET_H_
#define FORAKER_AGENT_BUDGET_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/time/time.h"

namespace foraker::agent {

struct Budget {
  uint32_t searches = 5;   // at least 1: the question itself
  uint32_t passages = 10;  // read in all, at least 1
  // Of passages read and of a language model, in and out; 0: no limit.
  uint64_t tokens = 0;
  absl::Duration time = absl::Seconds(30);       // of the whole run, the answer included; above 0
  absl::Time deadline = absl::InfiniteFuture();  // the caller's
};

enum class StoppedBy {
  kFinished,   // the planner, or its stop policy, saw no worth in another search
  kExhausted,  // nothing was left to search for
  kSearches,   // the budget's
  kPassages,
  kTokens,
  kTime,
  kDeadline,     // the caller's came near
  kToolFailure,  // a tool went on failing
};
std::string_view StoppedByName(StoppedBy stopped_by);  // "finished", "tool_failure", ...

// Of the calls (`links`: titles and words looked up), waits for their repetition included; `plan`
// and `answer` are what planner and answerer took beside their calls.
struct StageTimes {
  absl::Duration plan, search, rank, links, chat, answer, total;
};

struct Bill {
  uint32_t searches = 0;
  uint32_t retrieval_calls = 0;
  uint32_t passages = 0;
  uint32_t documents = 0;  // distinct ones among the passages' documents
  uint64_t passage_tokens = 0;
  uint32_t chat_calls = 0;
  uint64_t chat_tokens_in = 0, chat_tokens_out = 0;
  uint64_t rank_tokens = 0;  // that the reranker read; not part of the budget's tokens
  StageTimes times;
};

// Keeps the bill and says what is left of the budget. Time is given to it, not read.
class Meter {
 public:
  Meter(const Budget& budget, absl::Time start);

  // When calls must have ended: the budget's time or the caller's deadline, whichever is sooner,
  // less a margin in which the answer is made and the reply travels (a tenth of the time there was
  // at the start, at most 50 ms).
  absl::Time ends() const { return ends_; }
  // The limit that allows no further search at `now`; none: go on.
  std::optional<StoppedBy> Spent(absl::Time now) const;
  // The limit that `now` lies behind: kTime or kDeadline.
  std::optional<StoppedBy> OutOfTime(absl::Time now) const;
  uint32_t searches_left() const;
  uint32_t passages_left() const;
  uint64_t tokens_left() const;  // the largest number when there is no limit
  // Time that calls took so far.
  absl::Duration calls() const;

  Bill& bill() { return bill_; }
  const Bill& bill() const { return bill_; }

 private:
  Budget budget_;
  absl::Time ends_;
  bool ends_by_deadline_ = false;
  Bill bill_;
};

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_BUDGET_H_
