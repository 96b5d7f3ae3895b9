// One run's access to its backend: every call that planners, tools and answerers make goes through
// here, so that limits of time bind everywhere, everything is billed, and nothing is asked twice.
//
//   planner, search tool, answerer ─► Session ─► Backend ─► retrieval, ranking, language model
//
// A call is made only while there is time (kDeadlineExceeded else, and out_of_time() says which
// limit it was), carries the run's end as its own deadline, and is repeated when it failed in a way
// that may pass (kUnavailable, kResourceExhausted, kAborted), at most Options::retries times in a
// row, with waits that fit the time left. A search with the same terms and k is answered from
// memory: a planner may try a query that the loop then makes.
//
// One thread. Errors: the backend's; kCancelled when the caller has gone; kResourceExhausted naming
// the budget when a chat's prompt alone would exceed the tokens left.

#ifndef FORAKER_AGENT_SESSION_H_
#define FORAKER_AGENT_SESSION_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
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
    std::function<void(absl::Duration)> sleep = absl::SleepFor;
  };

  // Borrows both.
  Session(Backend& backend, Meter& meter, Options options);

  absl::Time Now() { return backend_.Now(); }
  Meter& meter() { return meter_; }
  // The limit that a call ran into, once it has.
  std::optional<StoppedBy> out_of_time();

  absl::StatusOr<Found> Search(const SearchQuery& query, uint32_t k);
  absl::StatusOr<std::vector<retrieval::AnalyzedTerm>> Analyze(std::string_view text);
  absl::StatusOr<std::vector<retrieval::Link>> Links(
      const std::vector<retrieval::PassageName>& passages);
  absl::StatusOr<retrieval::RankResult> Rank(RankCall call);
  // Lowers max_tokens to what the budget leaves; deadline and cancelled are set here.
  absl::StatusOr<ChatReply> Chat(ChatRequest request, const OnText& on_text);

 private:
  Backend& backend_;
  Meter& meter_;
  Options options_;
  absl::flat_hash_map<std::string, Found> searches_;  // by terms and k
};

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_SESSION_H_
