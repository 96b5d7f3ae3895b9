#include "services/server/agent_meters.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/clock.h"

namespace foraker::server {
namespace {

using retrieval::Searcher;

class MeteredSearcher final : public Searcher {
 public:
  MeteredSearcher(std::shared_ptr<Searcher> searcher, CallNotes& notes, Metrics* metrics)
      : searcher_(std::move(searcher)), notes_(notes), metrics_(metrics) {}

  absl::StatusOr<retrieval::SearchResult> Search(const retrieval::SearchRequest& request) override {
    absl::StatusOr<retrieval::SearchResult> result = searcher_->Search(request);
    Count(result);
    return result;
  }

  std::vector<absl::StatusOr<retrieval::SearchResult>> BatchSearch(
      const std::vector<retrieval::SearchRequest>& requests) override {
    std::vector<absl::StatusOr<retrieval::SearchResult>> results = searcher_->BatchSearch(requests);
    for (const auto& result : results) Count(result);
    return results;
  }

  absl::StatusOr<uint64_t> PredictPostings(const retrieval::SearchRequest& request) override {
    return searcher_->PredictPostings(request);
  }
  absl::StatusOr<retrieval::PinnedSnapshot> Pin(std::string_view collection,
                                                absl::Duration lease) override {
    return searcher_->Pin(collection, lease);
  }
  absl::Status Release(std::string_view token) override { return searcher_->Release(token); }
  absl::StatusOr<std::vector<retrieval::DocumentView>> Get(
      std::string_view collection, std::string_view snapshot,
      const std::vector<std::string>& ids) override {
    return searcher_->Get(collection, snapshot, ids);
  }
  absl::StatusOr<retrieval::ListResult> List(const retrieval::ListRequest& request) override {
    return searcher_->List(request);
  }
  absl::StatusOr<std::vector<retrieval::AnalyzedTerm>> Analyze(std::string_view collection,
                                                               std::string_view snapshot,
                                                               std::string_view text) override {
    return searcher_->Analyze(collection, snapshot, text);
  }
  absl::StatusOr<std::vector<retrieval::Link>> Links(
      std::string_view collection, std::string_view snapshot,
      const std::vector<retrieval::PassageName>& passages) override {
    return searcher_->Links(collection, snapshot, passages);
  }
  absl::StatusOr<std::vector<retrieval::CollectionSummary>> Collections() override {
    return searcher_->Collections();
  }
  absl::StatusOr<retrieval::CollectionSummary> Describe(std::string_view collection) override {
    return searcher_->Describe(collection);
  }
  absl::StatusOr<std::string> Resolve(std::string_view collection) override {
    return searcher_->Resolve(collection);
  }

 private:
  void Count(const absl::StatusOr<retrieval::SearchResult>& result) {
    ++notes_.searches;
    if (!result.ok()) return;
    notes_.postings_predicted += result->postings_predicted;
    notes_.postings_scanned += result->postings_scanned;
    if (metrics_ != nullptr) {
      metrics_->CountSearch(result->postings_predicted, result->postings_scanned, result->exact);
    }
  }

  const std::shared_ptr<Searcher> searcher_;
  CallNotes& notes_;
  Metrics* const metrics_;
};

class MeteredReranker final : public retrieval::Reranker {
 public:
  MeteredReranker(std::shared_ptr<retrieval::Reranker> reranker, Metrics& metrics)
      : reranker_(std::move(reranker)), metrics_(metrics) {}

  absl::StatusOr<retrieval::RankResult> Rank(const retrieval::RankRequest& request) override {
    const absl::Time start = absl::Now();
    absl::StatusOr<retrieval::RankResult> result = reranker_->Rank(request);
    if (result.ok()) metrics_.CountRank(absl::Now() - start);
    return result;
  }

  absl::Duration RetryAfter() const override { return reranker_->RetryAfter(); }

 private:
  const std::shared_ptr<retrieval::Reranker> reranker_;
  Metrics& metrics_;
};

}  // namespace

std::shared_ptr<Searcher> MeterSearches(std::shared_ptr<Searcher> searcher, CallNotes& notes,
                                        Metrics* metrics) {
  return std::make_shared<MeteredSearcher>(std::move(searcher), notes, metrics);
}

std::shared_ptr<retrieval::Reranker> MeterRanking(std::shared_ptr<retrieval::Reranker> reranker,
                                                  Metrics& metrics) {
  return std::make_shared<MeteredReranker>(std::move(reranker), metrics);
}

}  // namespace foraker::server
