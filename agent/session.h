// One run's access to its backend: every call that planners, tools and answerers make goes through
// here, so that limits of time bind everywhere, everything is billed, and nothing is asked twice.
//
//   planner, search tool, answerer ─► Session ─► Backend ─► retrieval, ranking, language model
//
// A call is made only while there is time, carries the run's end as its own deadline, and is
// repeated when it failed in a way that may pass (kUnavailable, kResourceExhausted, kAborted), at
// most Options::retries times, with waits that fit the time left. A chat is not repeated: its
// client has done that, and pieces of the reply may be out. What was asked before is answered from
// memory, even when the time is over: searches by their terms, links by passage, analyses by text.
//
// One thread. Errors: the backend's; kDeadlineExceeded for a call that the time does not allow, and
// kResourceExhausted for a chat whose prompt may exceed the tokens left (both: see limit());
// kCancelled when the caller has gone, and only then; kDataLoss when a search answers from another
// snapshot than the one before it.

#ifndef FORAKER_AGENT_SESSION_H_
#define FORAKER_AGENT_SESSION_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/backend.h"
#include "agent/budget.h"

namespace foraker::agent {

class Session {
 public:
  struct Options {
    uint32_t retries = 4;                                // FrugalRAG's
    absl::Duration first_wait = absl::Milliseconds(20);  // doubles with each retry
    std::function<bool()> cancelled;                     // may be null
  };

  // Borrows both.
  Session(Backend& backend, Meter& meter, Options options);

  absl::Time Now() { return backend_.Now(); }
  Meter& meter() { return meter_; }
  // The limit that the last call ran into; none when it did not.
  std::optional<StoppedBy> limit() const { return limit_; }
  // Of the snapshot; 0 before the first search.
  uint64_t generation() const { return generation_; }

  absl::Status Pin();
  // The best k documents. A list that was made for a larger k serves a smaller one.
  absl::StatusOr<Found> Search(const SearchQuery& query, uint32_t k);
  // The best k of each query, in their order and without titles and texts: for who compares
  // queries. Those not asked before are asked in one call.
  absl::StatusOr<std::vector<Found>> Try(const std::vector<SearchQuery>& queries, uint32_t k);
  absl::StatusOr<std::vector<retrieval::AnalyzedTerm>> Analyze(std::string_view text);
  // In the order of `passages`.
  absl::StatusOr<std::vector<retrieval::Link>> Links(
      const std::vector<retrieval::PassageName>& passages);
  absl::StatusOr<retrieval::RankResult> Rank(RankCall call);
  // Lowers max_tokens to what the budget leaves beside the prompt; deadline and cancelled are set
  // here. A chat that fails is billed as a call without tokens: nobody counted them.
  absl::StatusOr<ChatReply> Chat(ChatRequest request, const OnText& on_text);

 private:
  struct Listed {
    uint32_t k = 0;  // asked for
    Found found;
  };
  using Stage = absl::Duration StageTimes::*;

  using Lists = absl::flat_hash_map<std::string, Listed>;  // by terms

  // The k best as far as `lists` knows them.
  static std::optional<Found> Known(const Lists& lists, const std::string& key, uint32_t k);
  // All of a run's searches answer from one generation.
  absl::Status CheckGeneration(const Found& found);
  // Whether a call may begin.
  absl::Status Admit(absl::Time now);
  // What a failed call means for the run: sets limit_ where the time ended it.
  absl::Status Judge(const absl::Status& failure, absl::Time now);
  // Makes the call, again after failures that may pass, and bills the time to `stage`.
  absl::Status Call(Stage stage, uint32_t retries, absl::FunctionRef<absl::Status()> attempt);

  Backend& backend_;
  Meter& meter_;
  const Options options_;
  std::optional<StoppedBy> limit_;
  uint64_t generation_ = 0;
  Lists searches_, tries_;
  absl::flat_hash_map<std::string, std::vector<retrieval::AnalyzedTerm>> analyses_;
  absl::flat_hash_map<std::string, std::vector<retrieval::Link>> links_;  // by passage
};

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_SESSION_H_
