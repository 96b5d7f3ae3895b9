#include "agent/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "agent/tokens.h"
#include "tests/agent/fake_backend.h"

namespace foraker::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

SearchQuery Text(std::string text) {
  SearchQuery query;
  query.text = std::move(text);
  return query;
}

// Pinned, with three passages.
class SessionTest : public ::testing::Test {
 protected:
  SessionTest()
      : backend_({MakePassage("a", "Alpha", "red fish"), MakePassage("b", "Beta", "blue fish"),
                  MakePassage("c", "Gamma", "red stone near Alpha")}) {
    backend_.pinned = true;
  }

  Session Make(const Budget& budget) {
    meter_.emplace(budget, backend_.now);
    return Session(backend_, *meter_, {.cancelled = [this] { return cancelled_; }});
  }

  // Fails the first `times` calls.
  void FailFirst(int times, absl::Status status) {
    backend_.fails = [times, status](CallKind) mutable {
      return times-- > 0 ? status : absl::OkStatus();
    };
  }

  FakeBackend backend_;
  std::optional<Meter> meter_;
  bool cancelled_ = false;
};

TEST_F(SessionTest, CallsCarryTheRunsEndAsTheirDeadline) {
  backend_.rank_score = [](const auto&) { return 1.0f; };
  backend_.chat = [](const ChatRequest&) { return ChatReply{}; };
  Session session = Make({.time = absl::Seconds(3)});
  ASSERT_TRUE(session.Search(Text("fish"), 2).ok());
  ASSERT_TRUE(session.Rank({.query = "fish", .documents = {{"t", "x"}}}).ok());
  ASSERT_TRUE(session.Chat({}, nullptr).ok());
  EXPECT_EQ(backend_.searches.at(0).deadline, meter_->ends());
  EXPECT_EQ(backend_.ranks.at(0).deadline, meter_->ends());
  EXPECT_EQ(backend_.chats.at(0).deadline, meter_->ends());
}

TEST_F(SessionTest, NothingIsCalledWhenTheTimeIsOver) {
  Session session = Make({.time = absl::Seconds(3)});
  backend_.now = meter_->ends();
  const std::vector<absl::Status> refused = {
      session.Pin(),
      session.Search(Text("fish"), 2).status(),
      session.Analyze("fish").status(),
      session.Links({{"a", 0}}).status(),
      session.Rank({}).status(),
      session.Chat({}, nullptr).status(),
  };
  for (const absl::Status& status : refused) {
    EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
    EXPECT_EQ(session.limit(), StoppedBy::kTime);
  }
  EXPECT_THAT(backend_.calls, IsEmpty());
  EXPECT_EQ(meter_->bill().retrieval_calls, 0u);
  EXPECT_EQ(meter_->bill().chat_calls, 0u);
}

TEST_F(SessionTest, NothingIsCalledWhenTheCallerHasGone) {
  Session session = Make({});
  cancelled_ = true;
  EXPECT_TRUE(absl::IsCancelled(session.Search(Text("fish"), 2).status()));
  EXPECT_TRUE(absl::IsCancelled(session.Chat({}, nullptr).status()));
  EXPECT_THAT(backend_.calls, IsEmpty());
}

TEST_F(SessionTest, ACancellationThatIsNotTheCallersIsAFailureThatMayPass) {
  FailFirst(1, absl::CancelledError("a proxy restarts"));
  Session session = Make({});
  EXPECT_TRUE(session.Search(Text("fish"), 2).ok());
  EXPECT_EQ(backend_.calls[CallKind::kSearch], 2);
}

TEST_F(SessionTest, WhatMayPassIsRepeatedAfterWaitsThatDouble) {
  for (const absl::Status& failure :
       {absl::UnavailableError("u"), absl::ResourceExhaustedError("r"), absl::AbortedError("a")}) {
    backend_.calls.clear();
    backend_.sleeps.clear();
    FailFirst(3, failure);
    Session session = Make({});
    EXPECT_TRUE(session.Search(Text("fish"), 2).ok()) << failure;
    EXPECT_EQ(backend_.calls[CallKind::kSearch], 4);
    EXPECT_EQ(meter_->bill().retrieval_calls, 4u);
    EXPECT_THAT(backend_.sleeps, ElementsAre(absl::Milliseconds(20), absl::Milliseconds(40),
                                             absl::Milliseconds(80)));
    EXPECT_EQ(meter_->bill().times.search, absl::Milliseconds(140));
  }
}

TEST_F(SessionTest, RepetitionsAreBoundedAndOtherFailuresAreNotRepeated) {
  FailFirst(100, absl::UnavailableError("the server restarts"));
  Session session = Make({});
  EXPECT_TRUE(absl::IsUnavailable(session.Links({{"a", 0}}).status()));
  EXPECT_EQ(backend_.calls[CallKind::kLinks], 5);
  EXPECT_EQ(session.limit(), std::nullopt);
  FailFirst(100, absl::NotFoundError("no collection"));
  EXPECT_TRUE(absl::IsNotFound(session.Analyze("x").status()));
  EXPECT_EQ(backend_.calls[CallKind::kAnalyze], 1);
}

TEST_F(SessionTest, AWaitThatDoesNotFitTheTimeLeftLetsTheFailureStand) {
  FailFirst(100, absl::UnavailableError("the server restarts"));
  Session session = Make({.time = absl::Milliseconds(100)});  // ends after 90
  EXPECT_TRUE(absl::IsUnavailable(session.Search(Text("fish"), 2).status()));
  EXPECT_THAT(backend_.sleeps, ElementsAre(absl::Milliseconds(20), absl::Milliseconds(40)));
  EXPECT_LT(backend_.now, meter_->ends());
}

TEST_F(SessionTest, AChatIsNotRepeated) {
  FailFirst(1, absl::UnavailableError("busy"));
  Session session = Make({});
  EXPECT_TRUE(absl::IsUnavailable(session.Chat({}, nullptr).status()));
  EXPECT_EQ(backend_.calls[CallKind::kChat], 1);
  EXPECT_EQ(meter_->bill().chat_calls, 1u);
}

TEST_F(SessionTest, ACallThatEndsAtTheDeadlineRanIntoTheLimitAndOneBeforeItDidNot) {
  backend_.takes = [](CallKind) { return absl::Seconds(5); };
  backend_.rank_score = [](const auto&) { return 1.0f; };
  Session session = Make({.time = absl::Seconds(3)});
  EXPECT_TRUE(absl::IsDeadlineExceeded(session.Rank({}).status()));
  EXPECT_EQ(session.limit(), StoppedBy::kTime);

  FailFirst(1, absl::DeadlineExceededError("the server's own limit"));
  backend_.takes = nullptr;
  Session another = Make({.time = absl::Seconds(3)});
  EXPECT_TRUE(absl::IsDeadlineExceeded(another.Rank({}).status()));
  EXPECT_EQ(another.limit(), std::nullopt);

  FailFirst(1, absl::DeadlineExceededError("a timer that fires early"));
  Session early = Make({.time = absl::Seconds(3)});
  backend_.now = meter_->ends() - absl::Milliseconds(2);
  EXPECT_TRUE(absl::IsDeadlineExceeded(early.Rank({}).status()));
  EXPECT_EQ(early.limit(), StoppedBy::kTime);
}

TEST_F(SessionTest, ASearchIsAskedOnceAndALongListServesAShortOne) {
  Session session = Make({});
  ASSERT_THAT(session.Search(Text("red fish"), 3)->passages, SizeIs(3));
  EXPECT_THAT(session.Search(Text("red fish"), 2)->passages, SizeIs(2));
  EXPECT_EQ(backend_.calls[CallKind::kSearch], 1);
  EXPECT_EQ(meter_->bill().retrieval_calls, 1u);
  ASSERT_TRUE(session.Search(Text("red fish"), 4).ok());
  EXPECT_EQ(backend_.calls[CallKind::kSearch], 2) << "four were not asked for before";
  ASSERT_TRUE(session.Search(Text("red fish"), 40).ok());
  EXPECT_EQ(backend_.calls[CallKind::kSearch], 2) << "there are but three";
}

TEST_F(SessionTest, WhatIsTriedHasNoTextsAndDoesNotServeWhoReads) {
  Session session = Make({});
  const absl::StatusOr<std::vector<Found>> lists = session.Try({Text("red fish")}, 3);
  ASSERT_THAT(*lists, SizeIs(1));
  const std::vector<Passage>& tried = lists->front().passages;
  ASSERT_THAT(tried, SizeIs(3));
  const absl::StatusOr<Found> found = session.Search(Text("red fish"), 3);
  ASSERT_THAT(found->passages, SizeIs(3));
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(tried[i].document_id, found->passages[i].document_id);
    EXPECT_EQ(tried[i].score, found->passages[i].score);
    EXPECT_EQ(tried[i].text, "");
    EXPECT_NE(found->passages[i].text, "");
  }
  EXPECT_THAT(session.Try({Text("red fish")}, 2)->front().passages, SizeIs(2));
  EXPECT_EQ(meter_->bill().retrieval_calls, 2u);
}

TEST_F(SessionTest, QueriesAreTriedInOneCallAndEachIsBilledOnce) {
  Session session = Make({});
  ASSERT_TRUE(session.Try({Text("blue")}, 3).ok());
  const absl::StatusOr<std::vector<Found>> lists =
      session.Try({Text("stone"), Text("blue"), Text("stone"), Text("nothing")}, 3);
  ASSERT_THAT(*lists, SizeIs(4));
  EXPECT_EQ(lists->at(0).passages.at(0).document_id, "c");
  EXPECT_EQ(lists->at(1).passages.at(0).document_id, "b");
  EXPECT_EQ(lists->at(2).passages.at(0).document_id, "c");
  EXPECT_THAT(lists->at(3).passages, IsEmpty());
  ASSERT_THAT(backend_.tries, SizeIs(2));
  EXPECT_THAT(backend_.tries[1].queries, SizeIs(2)) << "of which none was asked before";
  EXPECT_EQ(meter_->bill().retrieval_calls, 3u);
}

TEST_F(SessionTest, TriesThatFailAreAllAskedAgainAndBilledAgain) {
  Session session = Make({});
  backend_.fails = [this](CallKind) {
    return backend_.tries.size() == 1 ? absl::UnavailableError("busy") : absl::OkStatus();
  };
  ASSERT_THAT(*session.Try({Text("blue"), Text("stone")}, 3), SizeIs(2));
  EXPECT_THAT(backend_.tries, SizeIs(2));
  EXPECT_EQ(meter_->bill().retrieval_calls, 4u);
  EXPECT_THAT(backend_.sleeps, SizeIs(1));
}

TEST_F(SessionTest, AListThatWasCutShortIsNotTakenForAllThereIs) {
  backend_.takes = [this](CallKind) {
    return backend_.searches.size() == 1 ? absl::Seconds(100) : absl::ZeroDuration();
  };
  Session session = Make({.time = absl::Seconds(3)});
  ASSERT_FALSE(session.Search(Text("red fish"), 9)->exact);
  EXPECT_THAT(session.Search(Text("red fish"), 9)->passages, SizeIs(1)) << "the same is known";
  backend_.now -= absl::Seconds(1);  // as if a limit of its own had cut it
  EXPECT_THAT(session.Search(Text("red fish"), 10)->passages, SizeIs(3));
}

TEST_F(SessionTest, SearchesAreToldApartByTheirTermsNotByTheirText) {
  Session session = Make({});
  SearchQuery query = Text("what people read");
  query.terms = {{.kind = retrieval::NamedTerm::Kind::kStem, .text = "red", .weight = 1}};
  EXPECT_THAT(session.Search(query, 9)->passages, SizeIs(2));
  query.text = "other words";
  EXPECT_THAT(session.Search(query, 9)->passages, SizeIs(2));
  EXPECT_EQ(backend_.calls[CallKind::kSearch], 1);
  query.terms[0].weight = 2;
  EXPECT_EQ(session.Search(query, 9)->passages.at(0).score, 2);
  query.terms[0].kind = retrieval::NamedTerm::Kind::kTitle;
  EXPECT_THAT(session.Search(query, 9)->passages, IsEmpty());
  EXPECT_EQ(backend_.calls[CallKind::kSearch], 3);
}

TEST_F(SessionTest, WhatIsKnownIsAnsweredWhenTheTimeIsOver) {
  Session session = Make({});
  ASSERT_TRUE(session.Search(Text("fish"), 3).ok());
  ASSERT_TRUE(session.Analyze("red fish").ok());
  ASSERT_TRUE(session.Links({{"c", 0}}).ok());
  backend_.now = meter_->ends();
  EXPECT_THAT(session.Search(Text("fish"), 3)->passages, SizeIs(2));
  EXPECT_THAT(*session.Analyze("red fish"), SizeIs(2));
  EXPECT_THAT(*session.Links({{"c", 0}}), SizeIs(1));
  EXPECT_TRUE(absl::IsDeadlineExceeded(session.Links({{"c", 0}, {"a", 0}}).status()));
}

TEST_F(SessionTest, LinksAreAskedForOnceAPassageAndComeInOrder) {
  backend_.passages[0].text = "Gamma";
  Session session = Make({});
  EXPECT_THAT(*session.Links({{"c", 0}, {"b", 0}}), SizeIs(1));
  const auto links = session.Links({{"a", 0}, {"b", 0}, {"c", 0}});
  ASSERT_THAT(*links, SizeIs(2));
  EXPECT_EQ(links->at(0).source.document_id, "a");
  EXPECT_EQ(links->at(1).source.document_id, "c");
  EXPECT_EQ(backend_.calls[CallKind::kLinks], 2);
  ASSERT_TRUE(session.Links({{"b", 0}}).ok());
  EXPECT_EQ(backend_.calls[CallKind::kLinks], 2) << "that it has none was known";
}

TEST_F(SessionTest, AnotherSnapshotIsAnError) {
  Session session = Make({});
  ASSERT_TRUE(session.Search(Text("fish"), 3).ok());
  EXPECT_EQ(session.generation(), 7u);
  backend_.generation = 8;
  const absl::Status status = session.Search(Text("red"), 3).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("generation 8"));
}

TEST_F(SessionTest, AChatMayAskForTheTokensThatAreLeftBesideItsPrompt) {
  backend_.chat = [](const ChatRequest& request) {
    return ChatReply{.text = "x",
                     .finish_reason = "length",
                     .tokens_in = 20,
                     .tokens_out = request.max_tokens,
                     .counted_by_server = true};
  };
  ChatRequest request;
  request.messages = {{"user", std::string(100, 'w')}};  // at most 82 tokens
  ASSERT_EQ(PromptTokensAtMost(request.messages), 82u);
  request.max_tokens = 100;
  Session session = Make({.tokens = 272});
  ASSERT_TRUE(session.Chat(request, nullptr).ok());
  EXPECT_EQ(backend_.chats.at(0).max_tokens, 100u) << "190 would be left";
  ASSERT_TRUE(session.Chat(request, nullptr).ok());
  EXPECT_EQ(backend_.chats.at(1).max_tokens, 272u - 120 - 82);
  const absl::Status refused = session.Chat(request, nullptr).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(session.limit(), StoppedBy::kTokens);
  EXPECT_EQ(meter_->bill().chat_tokens_in, 40u);
  EXPECT_EQ(meter_->bill().chat_tokens_out, 170u);
  EXPECT_EQ(meter_->bill().chat_calls, 2u) << "the refused one was none";
}

TEST_F(SessionTest, TheLimitIsThatOfTheLastCall) {
  Session session = Make({.tokens = 10});
  ASSERT_FALSE(session.Chat({}, nullptr).ok());
  EXPECT_EQ(session.limit(), StoppedBy::kTokens);
  ASSERT_TRUE(session.Search(Text("fish"), 3).ok());
  EXPECT_EQ(session.limit(), std::nullopt);
}

TEST_F(SessionTest, TimesAreBilledToTheirStages) {
  backend_.takes = [](CallKind kind) {
    return absl::Milliseconds(kind == CallKind::kSearch  ? 1
                              : kind == CallKind::kLinks ? 2
                              : kind == CallKind::kRank  ? 3
                              : kind == CallKind::kChat  ? 4
                                                         : 5);
  };
  backend_.rank_score = [](const auto&) { return 1.0f; };
  backend_.chat = [](const ChatRequest&) { return ChatReply{}; };
  Session session = Make({});
  ASSERT_TRUE(session.Search(Text("fish"), 3).ok());
  ASSERT_TRUE(session.Links({{"a", 0}}).ok());
  ASSERT_TRUE(session.Rank({.query = "q", .documents = {{"t", "x"}, {"t", "y"}}}).ok());
  ASSERT_TRUE(session.Chat({}, nullptr).ok());
  const Bill& bill = meter_->bill();
  EXPECT_EQ(bill.times.search, absl::Milliseconds(1));
  EXPECT_EQ(bill.times.links, absl::Milliseconds(2));
  EXPECT_EQ(bill.times.rank, absl::Milliseconds(3));
  EXPECT_EQ(bill.times.chat, absl::Milliseconds(4));
  EXPECT_EQ(meter_->calls(), absl::Milliseconds(10));
  EXPECT_EQ(bill.rank_tokens, 20u);
}

}  // namespace
}  // namespace foraker::agent
