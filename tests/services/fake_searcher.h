// A Searcher that returns what a test gave it and keeps what it was asked.

#ifndef FORAKER_TESTS_SERVICES_FAKE_SEARCHER_H_
#define FORAKER_TESTS_SERVICES_FAKE_SEARCHER_H_

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "retrieval/api/searcher.h"

namespace foraker {

class FakeSearcher : public retrieval::Searcher {
 public:
  absl::StatusOr<retrieval::SearchResult> Search(const retrieval::SearchRequest& request) override {
    {
      absl::MutexLock lock(&mutex_);
      searches_.push_back(request);
    }
    if (on_search) return on_search(request);
    return result;
  }
  absl::StatusOr<uint64_t> PredictPostings(const retrieval::SearchRequest& request) override {
    absl::MutexLock lock(&mutex_);
    searches_.push_back(request);
    return 1234;
  }
  absl::StatusOr<retrieval::PinnedSnapshot> Pin(std::string_view collection,
                                                absl::Duration lease) override {
    absl::MutexLock lock(&mutex_);
    if (collection != "books") return absl::NotFoundError("there is no collection");
    pinned_.push_back(absl::StrCat("token-", pinned_.size() + 1));
    return retrieval::PinnedSnapshot{pinned_.back(), 7, absl::UnixEpoch() + lease};
  }
  absl::Status Release(std::string_view token) override {
    absl::MutexLock lock(&mutex_);
    released_.emplace_back(token);
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<retrieval::DocumentView>> Get(
      std::string_view, std::string_view, const std::vector<std::string>& ids) override {
    std::vector<retrieval::DocumentView> found;
    for (const std::string& id : ids) {
      if (id == "missing") return absl::NotFoundError("no document \"missing\"");
      found.push_back({id, 3, "Title", "Text", {{"year", {int64_t{1999}}}, {"tag", {"a"}}}});
    }
    return found;
  }
  absl::StatusOr<retrieval::ListResult> List(const retrieval::ListRequest& request) override {
    retrieval::ListResult listed;
    listed.documents.push_back({"a", 1, "Title", request.with_text ? "Text" : "", {}});
    if (request.page_token.empty()) listed.next_page_token = "more";
    return listed;
  }
  absl::StatusOr<std::vector<retrieval::AnalyzedTerm>> Analyze(std::string_view, std::string_view,
                                                               std::string_view) override {
    return std::vector<retrieval::AnalyzedTerm>{{"stem", "len", 2.5, 10, 2.0f, {0, 4}}};
  }
  absl::StatusOr<std::vector<retrieval::Link>> Links(
      std::string_view, std::string_view,
      const std::vector<retrieval::PassageName>& passages) override {
    return std::vector<retrieval::Link>{{passages.at(0), {3, 9}, "london", {"d1", "d2"}, 4.5}};
  }
  absl::StatusOr<std::vector<retrieval::CollectionSummary>> Collections() override {
    std::vector<retrieval::CollectionSummary> all(3);
    all[0].name = "c";
    all[1].name = "a";
    all[2].name = "b";
    all[0].documents = 12;
    return all;
  }
  absl::StatusOr<retrieval::CollectionSummary> Describe(std::string_view collection) override {
    if (collection != "books") return absl::NotFoundError("no collection \"films\"");
    retrieval::CollectionSummary summary;
    summary.name = "books";
    summary.generation = 7;
    summary.fields = {{"year", "integer"}, {"tag", "keyword"}};
    summary.section_bytes = {{"postings", 100}, {"text", 50}};
    return summary;
  }

  std::vector<retrieval::SearchRequest> searches() const {
    absl::MutexLock lock(&mutex_);
    return searches_;
  }
  std::vector<std::string> pinned() const {
    absl::MutexLock lock(&mutex_);
    return pinned_;
  }
  std::vector<std::string> released() const {
    absl::MutexLock lock(&mutex_);
    return released_;
  }

  retrieval::SearchResult result;
  std::function<absl::StatusOr<retrieval::SearchResult>(const retrieval::SearchRequest&)> on_search;

 private:
  mutable absl::Mutex mutex_;
  std::vector<retrieval::SearchRequest> searches_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> pinned_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> released_ ABSL_GUARDED_BY(mutex_);
};

// A result that has something in every member.
retrieval::SearchResult FullResult();

}  // namespace foraker

#endif  // FORAKER_TESTS_SERVICES_FAKE_SEARCHER_H_
