// Everything that a run gets from outside, the clock included: the one seam between the agent and
// the world. A trace records its calls and replies in order; a replay serves them from the trace
// (agent/trace).
//
// Implementations: LiveBackend (agent/live_backend.h) over a Searcher, a Reranker and a chat
// endpoint, which may each be remote; the recorder and the replayer. One backend serves one run and
// is called by one thread at a time. Errors are the callee's, unchanged.

#ifndef FORAKER_AGENT_BACKEND_H_
#define FORAKER_AGENT_BACKEND_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "agent/llm/chat.h"
#include "agent/trajectory.h"
#include "retrieval/api/reranker.h"
#include "retrieval/api/searcher.h"

namespace foraker::agent {

// On the run's collection, snapshot and filter.
struct SearchCall {
  SearchQuery query;                             // `passages` is not looked at
  uint32_t k = 10;                               // documents, each with its best passage
  absl::Time deadline = absl::InfiniteFuture();  // the scan stops there with what it has
};
struct Found {
  std::vector<Passage> passages;
  bool exact = true;
  uint64_t generation = 0;  // of the snapshot that was searched
};

// Queries that are compared by what they find. Titles and texts are left out, which are most of a
// search's cost and of its memory.
struct TryCall {
  std::vector<SearchQuery> queries;
  uint32_t k = 10;
  absl::Time deadline = absl::InfiniteFuture();
};

struct RankCall {
  std::string query;
  std::vector<retrieval::RankDocument> documents;
  absl::Time deadline = absl::InfiniteFuture();
};

class Backend {
 public:
  virtual ~Backend() = default;

  virtual absl::Time Now() = 0;
  // Waits before a call is repeated; a replay does not.
  virtual void Sleep(absl::Duration duration) { absl::SleepFor(duration); }

  // Before the other calls, until it succeeds once: pins the collection's snapshot (or takes the
  // one that the run was given), on which every later call works.
  virtual absl::Status Pin() = 0;
  virtual absl::StatusOr<Found> Search(const SearchCall& call) = 0;
  // One for each query, in their order; one round trip where retrieval is remote. The first failure
  // among them fails the call.
  virtual absl::StatusOr<std::vector<Found>> Try(const TryCall& call) = 0;
  virtual absl::StatusOr<std::vector<retrieval::AnalyzedTerm>> Analyze(std::string_view text) = 0;
  // Empty where the collection has no titles.
  virtual absl::StatusOr<std::vector<retrieval::Link>> Links(
      const std::vector<retrieval::PassageName>& passages) = 0;
  // kFailedPrecondition without a reranker.
  virtual absl::StatusOr<retrieval::RankResult> Rank(const RankCall& call) = 0;
  // `on_text` (may be null) gets the reply as it comes. kFailedPrecondition without an endpoint.
  virtual absl::StatusOr<ChatReply> Chat(const ChatRequest& request, const OnText& on_text) = 0;
};

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_BACKEND_H_
