#include "agent/extractive/hop.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "agent/extractive/wording.h"
#include "tests/agent/fake_backend.h"
#include "tests/agent/stem_analysis.h"

namespace foraker::agent {
namespace {

constexpr std::string_view kQuestion = "capital years";

// One passage was read; it names two places, of which each has a passage of its own.
class HopTest : public ::testing::Test {
 protected:
  HopTest()
      : backend_({MakePassage("read", "Hung", "Nanjing and Lhasa saw the capital years."),
                  MakePassage("n", "", "Nanjing years"), MakePassage("l", "", "Lhasa years"),
                  MakePassage("o", "", "capital years")}),
        question_(kQuestion, StemsOf(kQuestion)),
        meter_({.searches = 5, .passages = 10, .tokens = 0, .time = absl::Seconds(9)},
               backend_.now),
        session_(backend_, meter_, {}) {
    backend_.pinned = true;
    Passage passage = backend_.passages[0];
    passage.score = 2;
    trajectory_.question = std::string(kQuestion);
    trajectory_.steps.push_back({});
    trajectory_.steps[0].query.text = trajectory_.question;
    trajectory_.passages.push_back({.passage = passage, .step = 0, .tokens = 0});
    const std::vector<retrieval::AnalyzedTerm> terms = StemsOf(passage.text);
    question_.Cover(terms, 1);
    bridges_.Add(0, passage, 1, question_, terms, {});
  }

  Hop Choose(uint32_t passages) {
    absl::StatusOr<std::optional<Hop>> hop = ChooseHop({.trajectory = trajectory_,
                                                        .question = question_,
                                                        .bridges = bridges_,
                                                        .best_score = 2,
                                                        .passages = passages},
                                                       session_);
    EXPECT_TRUE(hop.ok()) << hop.status();
    return hop.ok() && hop->has_value() ? **hop : Hop{};
  }

  FakeBackend backend_;
  QuestionTerms question_;
  Bridges bridges_;
  Trajectory trajectory_;
  Meter meter_;
  Session session_;
};

TEST_F(HopTest, TheBestCandidateIsTheOneWhosePassageScoresHighest) {
  const Hop hop = Choose(1);
  ASSERT_EQ(hop.names.size(), 1u);
  // Both terms of the question are covered: .4 each. A name adds .5.
  EXPECT_NEAR(hop.gain, (.4 + .5) / 2, 1e-6);
}

TEST_F(HopTest, AHopOfTwoPassagesJoinsTheNamesThatLeadToTwo) {
  const Hop hop = Choose(2);
  ASSERT_EQ(hop.names.size(), 2u);
  EXPECT_NE(hop.names[0].name, hop.names[1].name);
  EXPECT_EQ(hop.terms.size(), 4u) << "two of the question, one of each name";
}

TEST_F(HopTest, EveryCandidateIsOneRetrievalCallAndAllOfThemAreOneRoundTrip) {
  Choose(1);
  ASSERT_EQ(backend_.tries.size(), 1u);
  EXPECT_EQ(backend_.tries[0].queries.size(), 1 + bridges_.names().size());
  EXPECT_EQ(meter_.bill().retrieval_calls, 1 + bridges_.names().size());
}

TEST_F(HopTest, ThereIsNoHopWhereNothingUnreadIsFound) {
  backend_.passages.resize(1);
  EXPECT_TRUE(Choose(1).terms.empty());
}

TEST_F(HopTest, WordsThatWereSearchedForAreNotSearchedForAgain) {
  const Hop hop = Choose(1);
  const std::string first = QueryText(hop, question_, trajectory_);
  EXPECT_NE(first.find(hop.names[0].name), std::string::npos) << first;
  Step step;
  step.query.text = first;
  trajectory_.steps.push_back(step);
  EXPECT_EQ(QueryText(hop, question_, trajectory_), "") << "there are no other words";
}

TEST_F(HopTest, ThoughtsSayWhatIsOpenAndWhereANameStands) {
  const Hop hop = Choose(1);
  const std::string thought = SearchThought(hop, question_, trajectory_);
  EXPECT_EQ(thought, "Still open: capital, years. \"" + hop.names[0].name +
                         "\" stands in \"Hung\" and may lead on.");
}

}  // namespace
}  // namespace foraker::agent
