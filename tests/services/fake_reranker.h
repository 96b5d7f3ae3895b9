// A Reranker that puts longer documents first, or does what a test gave it, and keeps what it was
// asked.

#ifndef FORAKER_TESTS_SERVICES_FAKE_RERANKER_H_
#define FORAKER_TESTS_SERVICES_FAKE_RERANKER_H_

#include <algorithm>
#include <functional>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "retrieval/api/reranker.h"

namespace foraker {

class FakeReranker : public retrieval::Reranker {
 public:
  absl::StatusOr<retrieval::RankResult> Rank(const retrieval::RankRequest& request) override {
    {
      absl::MutexLock lock(&mutex_);
      requests_.push_back(request);
    }
    return on_rank ? on_rank(request) : ByLength(request);
  }
  absl::Duration RetryAfter() const override { return absl::Milliseconds(1'234); }

  static retrieval::RankResult ByLength(const retrieval::RankRequest& request) {
    retrieval::RankResult result;
    for (uint32_t i = 0; i < request.documents.size(); ++i) {
      const retrieval::RankDocument& document = request.documents[i];
      const auto length = static_cast<uint32_t>(document.title.size() + document.text.size());
      result.documents.push_back({i, 1.0f - 1.0f / static_cast<float>(length + 1), length, 3, 2});
      result.tokens += length;
    }
    std::stable_sort(result.documents.begin(), result.documents.end(),
                     [](const auto& a, const auto& b) { return a.score > b.score; });
    if (request.options.top_n > 0 && request.options.top_n < result.documents.size()) {
      result.documents.resize(request.options.top_n);
    }
    result.variant = request.options.variant.value_or(retrieval::RankVariant::kAllKeys);
    result.precision = request.options.precision.value_or(retrieval::RankPrecision::kBf16);
    result.model = "fake";
    result.timing = {1, 2, 3'000'004, 5'000'006};
    return result;
  }

  std::vector<retrieval::RankRequest> requests() const {
    absl::MutexLock lock(&mutex_);
    return requests_;
  }

  std::function<absl::StatusOr<retrieval::RankResult>(const retrieval::RankRequest&)> on_rank;

 private:
  mutable absl::Mutex mutex_;
  std::vector<retrieval::RankRequest> requests_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace foraker

#endif  // FORAKER_TESTS_SERVICES_FAKE_RERANKER_H_
