// A reranker whose orders a test knows: by a number that is made of each document's text. It
// remembers what it was asked.

#ifndef FORAKER_TESTS_RETRIEVAL_FAKE_RERANKER_H_
#define FORAKER_TESTS_RETRIEVAL_FAKE_RERANKER_H_

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "retrieval/api/reranker.h"

namespace foraker::retrieval {

class FakeReranker : public Reranker {
 public:
  using ScoreOf = std::function<float(const RankDocument&)>;

  explicit FakeReranker(ScoreOf score_of) : score_of_(std::move(score_of)) {}

  absl::StatusOr<RankResult> Rank(const RankRequest& request) override {
    base::MutexLock lock(&mutex_);
    requests_.push_back(request);
    if (!answer_.ok()) return answer_;
    RankResult result;
    for (uint32_t i = 0; i < request.documents.size(); ++i) {
      result.documents.push_back({.index = i,
                                  .score = score_of_(request.documents[i]),
                                  .tokens_read = 10,
                                  .tokens_dropped = 2});
    }
    std::stable_sort(result.documents.begin(), result.documents.end(),
                     [](const auto& a, const auto& b) { return a.score > b.score; });
    result.tokens = 100 + 10 * static_cast<uint32_t>(request.documents.size());
    result.model = "fake";
    if (spoil_) spoil_(result);
    return result;
  }
  absl::Duration RetryAfter() const override { return absl::Seconds(3); }

  void Fail(absl::Status status) {
    base::MutexLock lock(&mutex_);
    answer_ = std::move(status);
  }
  // Changes every result that follows.
  void Spoil(std::function<void(RankResult&)> spoil) {
    base::MutexLock lock(&mutex_);
    spoil_ = std::move(spoil);
  }
  std::vector<RankRequest> requests() const {
    base::MutexLock lock(&mutex_);
    return requests_;
  }

 private:
  const ScoreOf score_of_;
  mutable base::Mutex mutex_;
  absl::Status answer_ ABSL_GUARDED_BY(mutex_);
  std::function<void(RankResult&)> spoil_ ABSL_GUARDED_BY(mutex_);
  std::vector<RankRequest> requests_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace foraker::retrieval

#endif  // FORAKER_TESTS_RETRIEVAL_FAKE_RERANKER_H_
