#include "agent/live_backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/loop.h"
#include "tests/agent/scripted_planner.h"
#include "tests/services/fake_searcher.h"

namespace foraker::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Also keeps what its other calls were asked.
class Searcher : public FakeSearcher {
 public:
  absl::StatusOr<retrieval::PinnedSnapshot> Pin(std::string_view collection,
                                                absl::Duration lease) override {
    leases.push_back(lease);
    return FakeSearcher::Pin(collection, lease);
  }
  absl::StatusOr<std::vector<retrieval::AnalyzedTerm>> Analyze(std::string_view collection,
                                                               std::string_view snapshot,
                                                               std::string_view text) override {
    places.push_back(absl::StrCat(std::string(collection), "@", std::string(snapshot)));
    return FakeSearcher::Analyze(collection, snapshot, text);
  }
  absl::StatusOr<std::vector<retrieval::Link>> Links(
      std::string_view collection, std::string_view snapshot,
      const std::vector<retrieval::PassageName>& passages) override {
    places.push_back(absl::StrCat(std::string(collection), "@", std::string(snapshot)));
    link_lists.push_back(passages.size());
    return FakeSearcher::Links(collection, snapshot, passages);
  }

  std::vector<absl::StatusOr<retrieval::SearchResult>> BatchSearch(
      const std::vector<retrieval::SearchRequest>& requests) override {
    ++batches;
    return FakeSearcher::BatchSearch(requests);
  }

  int batches = 0;
  std::vector<absl::Duration> leases;
  std::vector<std::string> places;
  std::vector<size_t> link_lists;
};

class Ranker : public retrieval::Reranker {
 public:
  absl::StatusOr<retrieval::RankResult> Rank(const retrieval::RankRequest& request) override {
    requests.push_back(request);
    retrieval::RankResult result;
    for (uint32_t i = 0; i < request.documents.size(); ++i)
      result.documents.push_back({.index = i});
    return result;
  }
  absl::Duration RetryAfter() const override { return absl::ZeroDuration(); }

  std::vector<retrieval::RankRequest> requests;
};

retrieval::SearchHit Hit(std::string id, std::string text, uint32_t begin, uint32_t end) {
  retrieval::SearchHit hit;
  hit.document.id = std::move(id);
  hit.document.title = "Title";
  hit.document.text = std::move(text);
  hit.score = 2.5f;
  hit.passage = 3;
  hit.passage_range = {begin, end};
  return hit;
}

class LiveBackendTest : public ::testing::Test {
 protected:
  LiveBackendTest() {
    request_.collection = "books";
    request_.question = "who wrote it";
    searcher_->result.generation = 7;
  }
  std::unique_ptr<Backend> Make() {
    return MakeLiveBackend({searcher_, ranker_, nullptr}, request_);
  }

  std::shared_ptr<Searcher> searcher_ = std::make_shared<Searcher>();
  std::shared_ptr<Ranker> ranker_ = std::make_shared<Ranker>();
  AskRequest request_;
};

TEST_F(LiveBackendTest, PassagesAreCutOutOfTheirDocuments) {
  searcher_->result.hits = {Hit("d", "One. Two. Three.", 5, 9)};
  searcher_->result.exact = false;
  const auto backend = Make();
  ASSERT_TRUE(backend->Pin().ok());
  const Found found = *backend->Search({});
  ASSERT_THAT(found.passages, SizeIs(1));
  const Passage& passage = found.passages[0];
  EXPECT_EQ(passage.document_id, "d");
  EXPECT_EQ(passage.ordinal, 3u);
  EXPECT_EQ(passage.text, "Two.");
  EXPECT_EQ(passage.title, "Title");
  EXPECT_EQ(passage.range.begin, 5u);
  EXPECT_EQ(passage.range.end, 9u);
  EXPECT_EQ(passage.score, 2.5f);
  EXPECT_FALSE(found.exact);
  EXPECT_EQ(found.generation, 7u);
}

TEST_F(LiveBackendTest, ARangeBeyondTheTextIsCutAndNoCrash) {
  searcher_->result.hits = {Hit("d", "short", 3, 99), Hit("e", "short", 50, 60),
                            Hit("f", "short", 4, 2)};
  const auto backend = Make();
  const Found found = *backend->Search({});
  EXPECT_EQ(found.passages[0].text, "rt");
  EXPECT_EQ(found.passages[1].text, "");
  EXPECT_EQ(found.passages[2].text, "");
}

TEST_F(LiveBackendTest, EveryCallIsOnThePinnedSnapshotWhichIsReleased) {
  {
    const auto backend = Make();
    ASSERT_TRUE(backend->Pin().ok());
    ASSERT_TRUE(backend->Search({}).ok());
    ASSERT_TRUE(backend->Analyze("x").ok());
    ASSERT_TRUE(backend->Links({{"d", 0}}).ok());
    EXPECT_EQ(searcher_->searches().at(0).snapshot, "token-1");
    EXPECT_THAT(searcher_->places, ElementsAre("books@token-1", "books@token-1"));
    EXPECT_THAT(searcher_->released(), IsEmpty());
  }
  EXPECT_THAT(searcher_->released(), ElementsAre("token-1"));
}

TEST_F(LiveBackendTest, TheLeaseOutlastsTheRun) {
  request_.budget.time = absl::Minutes(9);
  ASSERT_TRUE(Make()->Pin().ok());
  EXPECT_GT(searcher_->leases.at(0), absl::Minutes(9));
  EXPECT_LT(searcher_->leases.at(0), absl::Hours(1)) << "the longest that a server gives";
}

TEST_F(LiveBackendTest, ASnapshotOfTheCallersIsUsedAndStaysTheirs) {
  request_.snapshot = "mine";
  {
    const auto backend = Make();
    ASSERT_TRUE(backend->Pin().ok());
    ASSERT_TRUE(backend->Search({}).ok());
    EXPECT_EQ(searcher_->searches().at(0).snapshot, "mine");
  }
  EXPECT_THAT(searcher_->pinned(), IsEmpty());
  EXPECT_THAT(searcher_->released(), IsEmpty());
}

TEST_F(LiveBackendTest, NothingIsReleasedThatWasNotPinned) {
  request_.collection = "films";
  EXPECT_TRUE(absl::IsNotFound(Make()->Pin()));
  EXPECT_THAT(searcher_->released(), IsEmpty());
}

TEST_F(LiveBackendTest, ASearchIsOfTheTextOrOfTheTermsUnderTheFilter) {
  retrieval::Filter filter;
  filter.kind = retrieval::Filter::Kind::kExists;
  filter.field = "year";
  request_.filter = filter;
  const auto backend = Make();
  const absl::Time deadline = absl::Now() + absl::Seconds(3);
  SearchCall call;
  call.query.text = "the text";
  call.k = 4;
  call.deadline = deadline;
  ASSERT_TRUE(backend->Search(call).ok());
  call.query.terms = {{.kind = retrieval::NamedTerm::Kind::kTitle, .text = "rome", .weight = 2}};
  ASSERT_TRUE(backend->Search(call).ok());
  const std::vector<retrieval::SearchRequest> asked = searcher_->searches();
  EXPECT_EQ(std::get<retrieval::TextQuery>(asked[0].query).text, "the text");
  EXPECT_EQ(std::get<retrieval::SparseQuery>(asked[1].query).terms.at(0).text, "rome");
  for (const retrieval::SearchRequest& request : asked) {
    EXPECT_EQ(request.collection, "books");
    EXPECT_EQ(request.k, 4u);
    EXPECT_EQ(request.deadline, deadline);
    ASSERT_TRUE(request.filter.has_value());
    EXPECT_EQ(request.filter->field, "year");
    EXPECT_EQ(request.collapse, retrieval::CollapseMode::kDocument);
    EXPECT_TRUE(request.with_text);
    EXPECT_FALSE(request.with_fields);
  }
}

TEST_F(LiveBackendTest, QueriesAreTriedInOneBatchWithoutTexts) {
  searcher_->result.hits = {Hit("d", "", 0, 0)};
  SearchQuery terms;
  terms.terms = {{retrieval::NamedTerm::Kind::kStem, "whale", 2}};
  SearchQuery text;
  text.text = "the text";
  const auto tried = Make()->Try({.queries = {terms, text}, .k = 4});
  ASSERT_THAT(*tried, SizeIs(2));
  EXPECT_EQ(tried->at(1).passages.at(0).document_id, "d");
  EXPECT_EQ(searcher_->batches, 1);
  const std::vector<retrieval::SearchRequest> asked = searcher_->searches();
  ASSERT_THAT(asked, SizeIs(2));
  EXPECT_EQ(std::get<retrieval::SparseQuery>(asked[0].query).terms.at(0).text, "whale");
  EXPECT_EQ(std::get<retrieval::TextQuery>(asked[1].query).text, "the text");
  for (const retrieval::SearchRequest& request : asked) {
    EXPECT_EQ(request.k, 4u);
    EXPECT_FALSE(request.with_text);
    EXPECT_FALSE(request.with_title);
  }
}

TEST_F(LiveBackendTest, AFailureAmongTriesIsTheCalls) {
  searcher_->on_search = [](const retrieval::SearchRequest& request) {
    const bool bad = std::get<retrieval::TextQuery>(request.query).text == "bad";
    return bad ? absl::StatusOr<retrieval::SearchResult>(absl::UnavailableError("busy"))
               : retrieval::SearchResult();
  };
  SearchQuery good, bad;
  good.text = "good";
  bad.text = "bad";
  EXPECT_TRUE(absl::IsUnavailable(Make()->Try({.queries = {good, bad}}).status()));
}

TEST_F(LiveBackendTest, LinksOfManyPassagesAreAskedForInLists) {
  const auto backend = Make();
  const auto links = backend->Links(std::vector<retrieval::PassageName>(300, {"d", 0}));
  EXPECT_THAT(searcher_->link_lists, ElementsAre(256, 44));
  EXPECT_THAT(*links, SizeIs(2));
  EXPECT_THAT(*backend->Links({}), IsEmpty());
}

TEST_F(LiveBackendTest, ARerankCarriesDeadlineCallerAndCancellation) {
  request_.caller = "key-1";
  request_.cancelled = [] { return true; };
  const auto backend = Make();
  const absl::Time deadline = absl::Now() + absl::Seconds(3);
  ASSERT_TRUE(backend->Rank({.query = "q", .documents = {{"t", "x"}}, .deadline = deadline}).ok());
  const retrieval::RankRequest& asked = ranker_->requests.at(0);
  EXPECT_EQ(asked.query, "q");
  EXPECT_THAT(asked.documents, SizeIs(1));
  EXPECT_EQ(asked.options.deadline, deadline);
  EXPECT_EQ(asked.options.caller, "key-1");
  EXPECT_TRUE(asked.options.cancelled());
  EXPECT_EQ(asked.options.top_n, 0u);
}

TEST_F(LiveBackendTest, WithoutModelsTheirCallsSaySo) {
  ranker_ = nullptr;
  const auto backend = Make();
  EXPECT_EQ(backend->Rank({}).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(backend->Chat({}, nullptr).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(LiveBackendTest, ItsClockStartsAtTheTimeOfTheWallAndNeverGoesBack) {
  const absl::Time before = absl::Now();
  const auto backend = Make();
  absl::Time last = backend->Now();
  EXPECT_GE(last, before - absl::Milliseconds(1));
  EXPECT_LE(last, absl::Now() + absl::Milliseconds(1));
  for (int i = 0; i < 1'000; ++i) {
    const absl::Time now = backend->Now();
    EXPECT_GE(now, last);
    last = now;
  }
}

TEST_F(LiveBackendTest, AllHopsOfARunReadOneSnapshotAndARunThatFailsReleasesItToo) {
  for (const bool fails : {false, true}) {
    searcher_ = std::make_shared<Searcher>();
    searcher_->on_search =
        [fails](const retrieval::SearchRequest&) -> absl::StatusOr<retrieval::SearchResult> {
      if (fails) return absl::FailedPreconditionError("the snapshot expired");
      retrieval::SearchResult result;
      result.generation = 7;
      return result;
    };
    {
      const auto backend = Make();
      Meter meter(request_.budget, backend->Now());
      Session session(*backend, meter, {});
      ScriptedPlanner planner(SearchesFor({"one", "two", "three"}));
      EXPECT_EQ(RunLoop(request_, planner, session, {}).ok(), !fails);
    }
    EXPECT_THAT(searcher_->pinned(), ElementsAre("token-1"));
    EXPECT_THAT(searcher_->released(), ElementsAre("token-1"));
    const std::vector<retrieval::SearchRequest> asked = searcher_->searches();
    EXPECT_THAT(asked, SizeIs(fails ? 1 : 4));
    for (const retrieval::SearchRequest& request : asked) EXPECT_EQ(request.snapshot, "token-1");
  }
}

}  // namespace
}  // namespace foraker::agent
