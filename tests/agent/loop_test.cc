#include "agent/loop.h"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/agent/loop_fixture.h"

namespace foraker::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using LoopTest = LoopFixture;
using Move = ScriptedPlanner::Move;

Move Fail(absl::Status status) {
  return [status](const Trajectory&, Session&) { return status; };
}
Move Look(std::string query) {
  return [query](const Trajectory&, Session&) { return SearchFor(query); };
}

TEST_F(LoopTest, StepZeroPinsAndSearchesTheQuestionItself) {
  ScriptedPlanner planner({});
  const LoopResult run = *Run(planner);
  EXPECT_EQ(run.trajectory.question, "red fish");
  ASSERT_THAT(run.trajectory.steps, SizeIs(2));
  EXPECT_EQ(run.trajectory.steps[0].query.text, "red fish");
  EXPECT_THAT(ReadBy(run, 0), ElementsAre("a", "b"));
  EXPECT_EQ(run.trajectory.steps[1].tool, Tool::kFinish);
  EXPECT_EQ(run.trajectory.steps[1].number, 1u);
  EXPECT_EQ(run.stopped_by, StoppedBy::kFinished);
  EXPECT_EQ(backend_.calls[CallKind::kPin], 1);
  EXPECT_EQ(bill().searches, 1u);
  EXPECT_EQ(bill().passages, 2u);
  EXPECT_EQ(bill().documents, 2u);
  EXPECT_EQ(bill().passage_tokens, 16u);
}

TEST_F(LoopTest, AFinishWithNothingLeftToSearchForIsExhaustion) {
  ScriptedPlanner planner({[](const Trajectory&, Session&) {
    Action action;
    action.exhausted = true;
    return action;
  }});
  EXPECT_EQ(Run(planner)->stopped_by, StoppedBy::kExhausted);
}

TEST_F(LoopTest, AFinishMayReadOnInWhatTheLastSearchFound) {
  const Move finish = [](const Trajectory&, Session&) {
    Action action;
    action.read_on = 3;
    return action;
  };
  ScriptedPlanner planner({Look("thing"), finish});
  const LoopResult run = *Run(planner);
  EXPECT_THAT(ReadBy(run, 1), ElementsAre("c", "d"));
  EXPECT_THAT(ReadBy(run, 2), ElementsAre("e", "f")) << "more were not found";
  EXPECT_EQ(run.stopped_by, StoppedBy::kFinished);
  EXPECT_EQ(bill().searches, 2u);
  EXPECT_EQ(bill().retrieval_calls, 2u);

  request_.budget.passages = 5;
  ScriptedPlanner bound({Look("thing"), finish});
  EXPECT_THAT(ReadBy(*Run(bound), 2), ElementsAre("e"));
  request_.budget.passages = 20;
  request_.budget.tokens = 4 * 8 + 3;
  ScriptedPlanner poor({Look("thing"), finish});
  EXPECT_EQ(Run(poor)->stopped_by, StoppedBy::kTokens);
}

TEST_F(LoopTest, ThoughtsAndDecisionsStayWithTheirStep) {
  ScriptedPlanner planner({[](const Trajectory&, Session&) {
    Action action = SearchFor("blue");
    action.decision = {.features = {.searches = .2}, .probability = .3};
    return action;
  }});
  const LoopResult run = *Run(planner);
  EXPECT_EQ(run.trajectory.steps[1].thought, "look for blue");
  ASSERT_TRUE(run.trajectory.steps[1].decision.has_value());
  EXPECT_EQ(run.trajectory.steps[1].decision->probability, .3);
  EXPECT_FALSE(run.trajectory.steps[0].decision.has_value());
}

TEST_F(LoopTest, PassagesAreReadOnceAndKnownOnesCostNothing) {
  ScriptedPlanner planner(SearchesFor({"fish", "thing"}), 3);
  const LoopResult run = *Run(planner);
  EXPECT_THAT(ReadBy(run, 0), ElementsAre("a", "b", "c"));
  EXPECT_THAT(ReadBy(run, 1), ElementsAre("d", "e", "f"));
  EXPECT_EQ(run.trajectory.steps[1].observation.known, 3u);
  EXPECT_THAT(ReadBy(run, 2), IsEmpty());
  EXPECT_EQ(run.trajectory.steps[2].observation.known, 6u);
  EXPECT_EQ(bill().searches, 3u);
  EXPECT_EQ(bill().passages, 6u);
  EXPECT_EQ(bill().passage_tokens, 48u);
}

TEST_F(LoopTest, KnownHitsBelowTheLastOneThatWasReadAreNotCounted) {
  request_.question = "blue";  // c, d
  ScriptedPlanner planner({[](const Trajectory&, Session&) { return SearchFor("fish", 1); }});
  const LoopResult run = *Run(planner);
  EXPECT_THAT(ReadBy(run, 1), ElementsAre("a"));
  EXPECT_EQ(run.trajectory.steps[1].observation.known, 0u);
}

TEST_F(LoopTest, AnotherPassageOfAKnownDocumentIsNew) {
  Passage second = MakePassage("a", "Alpha", "purple fish");
  second.ordinal = 1;
  backend_.passages.push_back(second);
  ScriptedPlanner planner(SearchesFor({"purple"}));
  const LoopResult run = *Run(planner);
  EXPECT_THAT(ReadBy(run, 1), ElementsAre("a"));
  EXPECT_EQ(bill().passages, 3u);
  EXPECT_EQ(bill().documents, 2u);
}

TEST_F(LoopTest, ThePlannersNumberOfPassagesIsReadButTheRequestsBinds) {
  const auto planner = [] {
    return ScriptedPlanner({[](const Trajectory&, Session&) { return SearchFor("thing", 4); }}, 1);
  };
  ScriptedPlanner free = planner();
  EXPECT_THAT(ReadBy(*Run(free), 0), SizeIs(1));
  ScriptedPlanner bound = planner();
  request_.passages_per_search = 2;
  const LoopResult run = *Run(bound);
  EXPECT_THAT(ReadBy(run, 0), SizeIs(2));
  EXPECT_THAT(ReadBy(run, 1), SizeIs(2));
}

TEST_F(LoopTest, AQueryWithTheSameWordsIsRefusedWithAnObservation) {
  ScriptedPlanner planner(SearchesFor({"Fish, RED!", "blue", "BLUE blue", "green"}));
  const LoopResult run = *Run(planner);
  ASSERT_THAT(run.trajectory.steps, SizeIs(6));
  EXPECT_THAT(run.trajectory.steps[1].observation.error, HasSubstr("step 0 searched"));
  EXPECT_EQ(run.trajectory.steps[2].observation.error, "");
  EXPECT_THAT(run.trajectory.steps[3].observation.error, HasSubstr("step 2 searched for \"blue\""));
  EXPECT_THAT(ReadBy(run, 4), ElementsAre("e", "f"));
  EXPECT_EQ(bill().searches, 3u);
  EXPECT_EQ(bill().retrieval_calls, 3u);
}

TEST_F(LoopTest, AnEmptyQueryIsRefused) {
  ScriptedPlanner planner(SearchesFor({" \n"}));
  const LoopResult run = *Run(planner);
  EXPECT_THAT(run.trajectory.steps[1].observation.error, HasSubstr("empty"));
  EXPECT_EQ(bill().searches, 1u);
}

TEST_F(LoopTest, APlannerThatInsistsOnRefusedQueriesEndsTheRun) {
  ScriptedPlanner planner(std::vector<Move>(9, Look("red fish")));
  const LoopResult run = *Run(planner);
  EXPECT_EQ(run.stopped_by, StoppedBy::kToolFailure);
  EXPECT_THAT(run.trajectory.steps, SizeIs(5));
  EXPECT_EQ(planner.made(), 4u);
}

TEST_F(LoopTest, AFailedSearchIsAnObservationAndTheSameWordsMayBeTriedAgain) {
  int failures = 1;
  ScriptedPlanner planner(SearchesFor({"blue", "blue"}));
  backend_.fails = [this, &failures](CallKind kind) {
    const bool planned = kind == CallKind::kSearch && backend_.searches.size() > 1;
    return planned && failures-- > 0 ? absl::InvalidArgumentError("query: no such field")
                                     : absl::OkStatus();
  };
  const LoopResult run = *Run(planner);
  EXPECT_EQ(run.trajectory.steps[1].observation.error, "query: no such field");
  EXPECT_EQ(run.trajectory.steps[2].observation.error, "");
  EXPECT_THAT(ReadBy(run, 2), ElementsAre("c", "d"));
  EXPECT_EQ(bill().searches, 2u);
  EXPECT_EQ(bill().retrieval_calls, 3u);
}

TEST_F(LoopTest, FailuresInARowEndTheRunAndASuccessBetweenThemCounts) {
  const absl::Status failure = absl::DataLossError("no JSON");
  ScriptedPlanner recovers({Fail(failure), Fail(failure), Fail(failure), Look("blue"),
                            Fail(failure), Fail(failure), Fail(failure), Look("green")});
  const LoopResult run = *Run(recovers);
  EXPECT_EQ(run.stopped_by, StoppedBy::kFinished);
  EXPECT_EQ(run.trajectory.steps[1].observation.error, "no JSON");
  EXPECT_EQ(run.trajectory.steps[1].query.text, "");
  EXPECT_EQ(bill().searches, 3u);

  ScriptedPlanner fails(std::vector<Move>(9, Fail(failure)));
  const LoopResult ended = *Run(fails);
  EXPECT_EQ(ended.stopped_by, StoppedBy::kToolFailure);
  EXPECT_THAT(ended.trajectory.steps, SizeIs(5));
  EXPECT_THAT(ended.trajectory.passages, SizeIs(2)) << "what was read stays";
}

TEST_F(LoopTest, WhatIsDeniedIsNotAskedForAgain) {
  ScriptedPlanner denied(
      std::vector<Move>(9, Fail(absl::PermissionDeniedError("the endpoint refuses the key"))));
  const LoopResult run = *Run(denied);
  EXPECT_EQ(run.stopped_by, StoppedBy::kToolFailure);
  EXPECT_EQ(run.trajectory.steps.back().observation.error, "the endpoint refuses the key");
  EXPECT_EQ(denied.made(), 1u);
}

TEST_F(LoopTest, TheFailureOfPinningOrOfTheFirstSearchIsTheRuns) {
  for (const CallKind failing : {CallKind::kPin, CallKind::kSearch}) {
    backend_.fails = [failing](CallKind kind) {
      return kind == failing ? absl::NotFoundError("no collection \"x\"") : absl::OkStatus();
    };
    ScriptedPlanner planner(SearchesFor({"blue"}));
    EXPECT_EQ(Run(planner).status(), absl::NotFoundError("no collection \"x\""));
  }
}

TEST_F(LoopTest, AnUnreachableCollectionIsTriedAgainBeforeTheRunFails) {
  int failures = 2;
  backend_.fails = [&failures](CallKind) {
    return failures-- > 0 ? absl::UnavailableError("the server restarts") : absl::OkStatus();
  };
  ScriptedPlanner planner(SearchesFor({"blue"}));
  EXPECT_TRUE(Run(planner).ok());
  EXPECT_THAT(backend_.sleeps, SizeIs(2));
  backend_.fails = [](CallKind) { return absl::UnavailableError("the server is gone"); };
  EXPECT_TRUE(absl::IsUnavailable(Run(planner).status()));
}

TEST_F(LoopTest, ACallerWhoGoesEndsTheRunAtTheNextCall) {
  bool gone = false;
  request_.cancelled = [&gone] { return gone; };
  ScriptedPlanner planner({Look("blue"), [&gone](const Trajectory&, Session&) {
                             gone = true;
                             return SearchFor("green");
                           }});
  EXPECT_TRUE(absl::IsCancelled(Run(planner).status()));
  EXPECT_THAT(backend_.searches, SizeIs(2));
}

TEST_F(LoopTest, AQueryThatThePlannerTriedIsNotAskedAgain) {
  ScriptedPlanner planner({[](const Trajectory&, Session& session) -> absl::StatusOr<Action> {
    for (const char* query : {"blue", "green"}) {
      const absl::Status tried = session.Search(SearchFor(query).query, 6).status();
      if (!tried.ok()) return tried;
    }
    return SearchFor("green");
  }});
  const LoopResult run = *Run(planner);
  EXPECT_THAT(ReadBy(run, 1), ElementsAre("e", "f"));
  EXPECT_EQ(bill().searches, 2u);
  EXPECT_EQ(bill().retrieval_calls, 3u);
}

TEST_F(LoopTest, EventsComeAsThingsHappen) {
  std::vector<std::string> events;
  events_.on_thought = [&events](uint32_t step, std::string_view piece) {
    events.push_back(absl::StrCat("thought ", step, ": ", std::string(piece)));
  };
  events_.on_step = [&events](const Step& step, const Trajectory& trajectory) {
    events.push_back(absl::StrCat("step ", step.number, " of ", trajectory.steps.size()));
  };
  ScriptedPlanner planner(SearchesFor({"blue"}));
  ASSERT_TRUE(Run(planner).ok());
  EXPECT_THAT(events,
              ElementsAre("step 0 of 1", "thought 1: look for blue", "step 1 of 2", "step 2 of 3"));
}

TEST_F(LoopTest, ThePlannersOwnTimeIsBilledBesideItsCalls) {
  backend_.takes = [](CallKind) { return absl::Milliseconds(10); };
  ScriptedPlanner planner({[this](const Trajectory&, Session& session) {
    backend_.now += absl::Milliseconds(7);
    EXPECT_TRUE(session.Links({{"a", 0}}).ok());
    return SearchFor("blue");
  }});
  const LoopResult run = *Run(planner);
  EXPECT_EQ(bill().times.plan, absl::Milliseconds(7));
  EXPECT_EQ(bill().times.links, absl::Milliseconds(10));
  EXPECT_EQ(bill().times.search, absl::Milliseconds(30));  // pin, two searches
  EXPECT_EQ(run.trajectory.steps[0].took, absl::Milliseconds(20));
  EXPECT_EQ(run.trajectory.steps[1].took, absl::Milliseconds(27));
}

// ---- reranking ----

class RerankedLoopTest : public LoopFixture {
 protected:
  RerankedLoopTest() {
    request_.rerank = AgentRerank{.candidates = 5};
    backend_.rank_score = [](const retrieval::RankDocument& document) {
      return static_cast<float>(document.title.size());  // the longest title first
    };
  }
};

TEST_F(RerankedLoopTest, TheModelsOrderIsRead) {
  request_.question = "fish";
  ScriptedPlanner planner(SearchesFor({"thing"}));
  const LoopResult run = *Run(planner);
  EXPECT_THAT(ReadBy(run, 0), ElementsAre("e", "a"));  // of a to e
  EXPECT_EQ(run.trajectory.passages[0].passage.rank_score, 7);
  EXPECT_THAT(ReadBy(run, 1), ElementsAre("c", "d"));
  EXPECT_THAT(backend_.ranks.at(0).documents, SizeIs(5)) << "the candidates";
  EXPECT_THAT(backend_.ranks.at(1).documents, SizeIs(4)) << "known passages are not read again";
  EXPECT_EQ(backend_.ranks.at(1).query, "thing");
  EXPECT_EQ(bill().rank_tokens, 90u);
  EXPECT_EQ(bill().retrieval_calls, 2u);
}

TEST_F(RerankedLoopTest, WithoutTheModelTheSearchsOrderIsReadAndTheStepSaysSo) {
  backend_.fails = [](CallKind kind) {
    return kind == CallKind::kRank ? absl::UnavailableError("the GPU is away") : absl::OkStatus();
  };
  ScriptedPlanner planner({});
  const LoopResult run = *Run(planner);
  EXPECT_THAT(ReadBy(run, 0), ElementsAre("a", "b"));
  EXPECT_EQ(run.trajectory.steps[0].observation.rerank_error, "the GPU is away");
  EXPECT_EQ(run.trajectory.steps[0].observation.error, "");
  EXPECT_FALSE(run.trajectory.passages[0].passage.rank_score.has_value());
  EXPECT_EQ(backend_.calls[CallKind::kRank], 5) << "after its retries";
}

TEST_F(RerankedLoopTest, ACallerWhoGoesWhileTheModelReadsEndsTheRun) {
  bool gone = false;
  request_.cancelled = [&gone] { return gone; };
  backend_.fails = [&gone](CallKind kind) {
    gone = kind == CallKind::kRank;
    return gone ? absl::CancelledError("cancelled") : absl::OkStatus();
  };
  ScriptedPlanner planner({});
  EXPECT_TRUE(absl::IsCancelled(Run(planner).status()));
}

}  // namespace
}  // namespace foraker::agent
