#include "agent/extractive/extractive_planner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "agent/loop.h"
#include "tests/agent/fake_backend.h"
#include "tests/agent/stem_analysis.h"

namespace foraker::agent {
namespace {

constexpr std::string_view kQuestion = "How many years was the birthplace of Lynn Hung a capital?";

// Analyses with places, as collections make them.
class AnalyzingBackend : public FakeBackend {
 public:
  using FakeBackend::FakeBackend;
  absl::StatusOr<std::vector<retrieval::AnalyzedTerm>> Analyze(std::string_view text) override {
    ++calls[CallKind::kAnalyze];
    return StemsOf(text);
  }
};

// The second hop shares one word with the question, as others do that lead nowhere.
std::vector<Passage> Collection(bool titles) {
  std::vector<Passage> passages = {
      MakePassage("hung", "Lynn Hung", "The model Lynn Hung has her birthplace in Nanjing."),
      MakePassage("nanjing", "Nanjing", "Nanjing was a capital of China."),
      MakePassage("a-paris", "Paris", "Paris is a capital in Europe."),
      MakePassage("b-rome", "Rome", "Rome is a capital in Europe."),
      MakePassage("c-oslo", "Oslo", "Oslo is a capital in Europe."),
      MakePassage("x-bread", "Bread", "Flour and water.")};
  for (Passage& passage : passages) {
    if (!titles) passage.title.clear();
  }
  return passages;
}

struct Outcome {
  LoopResult loop;
  Bill bill;
};

Outcome RunOn(FakeBackend& backend, const ExtractiveOptions& options, Budget budget) {
  AskRequest request;
  request.question = std::string(kQuestion);
  request.budget = budget;
  request.passages_per_search = options.passages_per_search;
  Meter meter(budget, backend.now);
  Session session(backend, meter, {});
  const std::unique_ptr<Planner> planner = MakeExtractivePlanner(options);
  absl::StatusOr<LoopResult> result = RunLoop(request, *planner, session, {});
  EXPECT_TRUE(result.ok()) << result.status();
  return {std::move(result).value_or(LoopResult{}), meter.bill()};
}

ExtractiveOptions OneByOne(StopMode stop = StopMode::kNever) {
  return {.stop_policy = StopPolicy({}, 0, 1, "a test"), .stop = stop, .passages_per_search = 1};
}

Budget BudgetOf(uint32_t searches, uint32_t passages) {
  return {.searches = searches, .passages = passages, .tokens = 0, .time = absl::Seconds(30)};
}

std::vector<std::string> DocumentsRead(const Outcome& run) {
  std::vector<std::string> documents;
  for (const ReadPassage& read : run.loop.trajectory.passages) {
    documents.push_back(read.passage.document_id);
  }
  return documents;
}

TEST(ExtractivePlannerTest, FollowsATitleThatWasMentioned) {
  AnalyzingBackend backend(Collection(/*titles=*/true));
  const Outcome run = RunOn(backend, OneByOne(), BudgetOf(2, 10));
  EXPECT_EQ(DocumentsRead(run), (std::vector<std::string>{"hung", "nanjing"}));
  const Step& hop = run.loop.trajectory.steps.at(1);
  EXPECT_TRUE(std::any_of(hop.query.terms.begin(), hop.query.terms.end(), [](const auto& term) {
    return term.kind == retrieval::NamedTerm::Kind::kTitle && term.text == "nanjing";
  })) << "the title is a term of the query";
  EXPECT_NE(hop.thought.find("\"Nanjing\""), std::string::npos) << hop.thought;
  EXPECT_NE(hop.thought.find("Still open: "), std::string::npos) << hop.thought;
  EXPECT_NE(hop.query.text.find("Nanjing"), std::string::npos) << hop.query.text;
}

TEST(ExtractivePlannerTest, FollowsANameWhereThereAreNoTitles) {
  AnalyzingBackend backend(Collection(/*titles=*/false));
  const Outcome run = RunOn(backend, OneByOne(), BudgetOf(2, 10));
  EXPECT_EQ(DocumentsRead(run), (std::vector<std::string>{"hung", "nanjing"}));
}

class LinklessBackend : public AnalyzingBackend {
 public:
  using AnalyzingBackend::AnalyzingBackend;
  absl::StatusOr<std::vector<retrieval::Link>> Links(
      const std::vector<retrieval::PassageName>&) override {
    return absl::FailedPreconditionError("its titles are not indexed");
  }
};

TEST(ExtractivePlannerTest, ACollectionThatCannotLinkIsNoError) {
  LinklessBackend backend(Collection(/*titles=*/true));
  const Outcome run = RunOn(backend, OneByOne(), BudgetOf(2, 10));
  EXPECT_EQ(DocumentsRead(run), (std::vector<std::string>{"hung", "nanjing"}));
}

TEST(ExtractivePlannerTest, EndsWhenNoUnreadPassageHoldsWhatIsOpen) {
  AnalyzingBackend backend(Collection(/*titles=*/true));
  const Outcome run = RunOn(backend, OneByOne(), BudgetOf(30, 30));
  EXPECT_EQ(run.loop.stopped_by, StoppedBy::kExhausted);
  EXPECT_EQ(DocumentsRead(run).size(), 5u) << "all but the one about bread";
  for (const Step& step : run.loop.trajectory.steps) EXPECT_EQ(step.observation.error, "");
}

TEST(ExtractivePlannerTest, EveryRetrievalCallIsBilledAndFewAreSearches) {
  AnalyzingBackend backend(Collection(/*titles=*/true));
  const Outcome run = RunOn(backend, OneByOne(), BudgetOf(3, 10));
  EXPECT_EQ(run.bill.searches, 3u);
  size_t calls = backend.searches.size();
  for (const TryCall& call : backend.tries) calls += call.queries.size();
  EXPECT_EQ(run.bill.retrieval_calls, calls);
  EXPECT_GT(run.bill.retrieval_calls, run.bill.searches) << "candidates were tried";
}

TEST(ExtractivePlannerTest, ThePolicyStopsTheRunWhereItIsAsked) {
  AnalyzingBackend backend(Collection(/*titles=*/true));
  ExtractiveOptions options = OneByOne(StopMode::kLearned);
  options.stop_policy = StopPolicy({}, 0, .5, "always stops: 1 / (1 + e^0)");
  const Outcome stopped = RunOn(backend, options, BudgetOf(5, 10));
  EXPECT_EQ(stopped.loop.stopped_by, StoppedBy::kFinished);
  EXPECT_EQ(stopped.bill.searches, 1u);
  ASSERT_TRUE(stopped.loop.trajectory.steps.back().decision.has_value());
  EXPECT_EQ(stopped.loop.trajectory.steps.back().decision->probability, .5);
  options.stop = StopMode::kNever;
  const Outcome on = RunOn(backend, options, BudgetOf(5, 10));
  EXPECT_EQ(on.bill.searches, 5u);
  EXPECT_TRUE(on.loop.trajectory.steps.at(1).decision.has_value()) << "a fit needs them too";
}

TEST(ExtractivePlannerTest, FeaturesAreScaled) {
  AnalyzingBackend backend(Collection(/*titles=*/true));
  const Outcome run = RunOn(backend, OneByOne(), BudgetOf(5, 10));
  for (const Step& step : run.loop.trajectory.steps) {
    if (!step.decision.has_value()) continue;
    EXPECT_DOUBLE_EQ(step.decision->features.searches, step.number / 5.0);
    for (const StopFeature& feature : AllStopFeatures()) {
      const double value = step.decision->features.*feature.value;
      EXPECT_TRUE(value >= 0 && value <= 1)
          << feature.name << " of step " << step.number << ": " << value;
    }
  }
}

TEST(ExtractivePlannerTest, SharesPassagesAmongTheSearches) {
  const auto planner = MakeExtractivePlanner({.stop_policy = StopPolicy({}, 0, 1, "a test"),
                                              .stop = StopMode::kNever,
                                              .passages_per_search = 0});
  EXPECT_EQ(planner->FirstPassages(BudgetOf(1, 10)), 10u) << "all of them in the only search";
  EXPECT_EQ(planner->FirstPassages(BudgetOf(5, 10)), 4u);
  EXPECT_EQ(planner->FirstPassages(BudgetOf(5, 1)), 1u);
  AnalyzingBackend backend(Collection(/*titles=*/true));
  ExtractiveOptions options = OneByOne();
  options.passages_per_search = 0;
  const Outcome all = RunOn(backend, options, BudgetOf(2, 5));
  EXPECT_EQ(all.bill.passages, 5u) << "the last search reads what is left";
}

TEST(ExtractivePlannerTest, TheSameRunTwiceIsTheSame) {
  AnalyzingBackend one(Collection(true)), two(Collection(true));
  const Outcome first = RunOn(one, OneByOne(), BudgetOf(4, 10));
  const Outcome second = RunOn(two, OneByOne(), BudgetOf(4, 10));
  ASSERT_EQ(first.loop.trajectory.steps.size(), second.loop.trajectory.steps.size());
  for (size_t i = 0; i < first.loop.trajectory.steps.size(); ++i) {
    EXPECT_EQ(first.loop.trajectory.steps[i].thought, second.loop.trajectory.steps[i].thought);
    EXPECT_EQ(first.loop.trajectory.steps[i].query.text,
              second.loop.trajectory.steps[i].query.text);
  }
  EXPECT_EQ(DocumentsRead(first), DocumentsRead(second));
}

TEST(ExtractivePlannerTest, AQuestionThatFindsNothingEndsTheRun) {
  AnalyzingBackend backend({MakePassage("x", "Bread", "Flour and water.")});
  const Outcome run = RunOn(backend, OneByOne(), BudgetOf(5, 10));
  EXPECT_EQ(run.loop.stopped_by, StoppedBy::kExhausted);
  EXPECT_EQ(run.bill.searches, 1u);
}

TEST(ExtractivePlannerTest, AFailureOfItsCallsIsThePlannersAndTheNextTryGoesOn) {
  AnalyzingBackend backend(Collection(/*titles=*/true));
  int failures = 0;
  backend.fails = [&](CallKind kind) {
    const bool fail = kind == CallKind::kLinks && failures < 1;
    failures += fail ? 1 : 0;
    return fail ? absl::InternalError("a broken index") : absl::OkStatus();
  };
  const Outcome run = RunOn(backend, OneByOne(), BudgetOf(2, 10));
  EXPECT_EQ(DocumentsRead(run), (std::vector<std::string>{"hung", "nanjing"}));
  EXPECT_EQ(run.loop.trajectory.steps.at(1).observation.error, "a broken index");
}

}  // namespace
}  // namespace foraker::agent
