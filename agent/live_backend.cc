#include "agent/live_backend.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "base/status.h"
#include "retrieval/api/limits.h"

namespace foraker::agent {
namespace {

// Beyond the run's time, in which a lease is not used while a model thinks.
constexpr absl::Duration kLeaseSlack = absl::Minutes(1);

Passage ToPassage(retrieval::SearchHit hit) {
  std::string& text = hit.document.text;
  const size_t begin = std::min<size_t>(hit.passage_range.begin, text.size());
  const size_t end = std::clamp<size_t>(hit.passage_range.end, begin, text.size());
  return {.document_id = std::move(hit.document.id),
          .ordinal = hit.passage,
          .range = hit.passage_range,
          .title = std::move(hit.document.title),
          .text = text.substr(begin, end - begin),
          .score = hit.score,
          .rank_score = std::nullopt};
}

Found ToFound(retrieval::SearchResult result) {
  Found found{.passages = {}, .exact = result.exact, .generation = result.generation};
  found.passages.reserve(result.hits.size());
  for (retrieval::SearchHit& hit : result.hits) {
    found.passages.push_back(ToPassage(std::move(hit)));
  }
  return found;
}

class LiveBackend : public Backend {
 public:
  LiveBackend(Services services, const AskRequest& request)
      : services_(std::move(services)), request_(request), snapshot_(request.snapshot) {}

  ~LiveBackend() override {
    // Nobody hears of a failure; a lease that stays runs out by itself.
    if (pinned_) services_.searcher->Release(snapshot_).IgnoreError();
  }

  LiveBackend(const LiveBackend&) = delete;
  LiveBackend& operator=(const LiveBackend&) = delete;

  // The time of the wall at the beginning, counted on by a clock that nobody sets.
  absl::Time Now() override {
    return began_ + absl::FromChrono(std::chrono::steady_clock::now() - steady_began_);
  }

  absl::Status Pin() override {
    if (!snapshot_.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(
        retrieval::PinnedSnapshot pinned,
        services_.searcher->Pin(request_.collection, request_.budget.time + kLeaseSlack));
    snapshot_ = std::move(pinned.token);
    pinned_ = true;
    return absl::OkStatus();
  }

  absl::StatusOr<Found> Search(const SearchCall& call) override {
    ASSIGN_OR_RETURN(retrieval::SearchResult result,
                     services_.searcher->Search(RequestFor(call.query, call.k, call.deadline)));
    return ToFound(std::move(result));
  }

  absl::StatusOr<std::vector<Found>> Try(const TryCall& call) override {
    std::vector<retrieval::SearchRequest> requests;
    requests.reserve(call.queries.size());
    for (const SearchQuery& query : call.queries) {
      requests.push_back(RequestFor(query, call.k, call.deadline));
      requests.back().with_title = requests.back().with_text = false;
    }
    std::vector<Found> all;
    all.reserve(requests.size());
    for (absl::StatusOr<retrieval::SearchResult>& result :
         services_.searcher->BatchSearch(requests)) {
      RETURN_IF_ERROR(result.status());
      all.push_back(ToFound(*std::move(result)));
    }
    return all;
  }

  absl::StatusOr<std::vector<retrieval::AnalyzedTerm>> Analyze(std::string_view text) override {
    return services_.searcher->Analyze(request_.collection, snapshot_, text);
  }

  absl::StatusOr<std::vector<retrieval::Link>> Links(
      const std::vector<retrieval::PassageName>& passages) override {
    const size_t most = retrieval::RequestLimits().link_passages;
    std::vector<retrieval::Link> links;
    for (std::span<const retrieval::PassageName> left = passages; !left.empty();) {
      const auto part = left.first(std::min(left.size(), most));
      left = left.subspan(part.size());
      ASSIGN_OR_RETURN(
          std::vector<retrieval::Link> of_part,
          services_.searcher->Links(request_.collection, snapshot_, {part.begin(), part.end()}));
      std::move(of_part.begin(), of_part.end(), std::back_inserter(links));
    }
    return links;
  }

  absl::StatusOr<retrieval::RankResult> Rank(const RankCall& call) override {
    if (services_.reranker == nullptr) {
      return absl::FailedPreconditionError("there is no ranking model");
    }
    retrieval::RankOptions options;
    options.deadline = call.deadline;
    options.cancelled = request_.cancelled;
    options.caller = request_.caller;
    return services_.reranker->Rank(
        {.query = call.query, .documents = call.documents, .options = std::move(options)});
  }

  absl::StatusOr<ChatReply> Chat(const ChatRequest& request, const OnText& on_text) override {
    if (services_.chat == nullptr) {
      return absl::FailedPreconditionError("there is no language model");
    }
    return services_.chat->Chat(request, on_text);
  }

 private:
  retrieval::SearchRequest RequestFor(const SearchQuery& query, uint32_t k,
                                      absl::Time deadline) const {
    retrieval::SearchRequest request;
    request.collection = request_.collection;
    request.snapshot = snapshot_;
    if (query.terms.empty()) {
      retrieval::TextQuery text;
      text.text = query.text;
      request.query = std::move(text);
    } else {
      request.query = retrieval::SparseQuery{.terms = query.terms};
    }
    request.filter = request_.filter;
    request.k = k;
    request.with_fields = false;
    request.deadline = deadline;
    return request;
  }

  const Services services_;
  const AskRequest request_;
  const absl::Time began_ = absl::Now();
  const std::chrono::steady_clock::time_point steady_began_ = std::chrono::steady_clock::now();
  std::string snapshot_;
  bool pinned_ = false;  // by us
};

}  // namespace

std::unique_ptr<Backend> MakeLiveBackend(const Services& services, const AskRequest& request) {
  return std::make_unique<LiveBackend>(services, request);
}

}  // namespace foraker::agent
