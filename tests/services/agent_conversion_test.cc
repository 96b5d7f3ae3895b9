#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/string_view.h"
#include "services/convert/agent.h"

namespace foraker::convert {
namespace {

using agent::AnswererKind;
using agent::PlannerKind;
using retrieval::NamedTerm;

v1::AskRequest Minimal() {
  v1::AskRequest request;
  request.set_collection("books");
  request.set_question("Who wrote it?");
  return request;
}

absl::StatusOr<agent::AskRequest> Read(const v1::AskRequest& request) {
  return FromProto(request, agent::Budget(), retrieval::RequestLimits());
}

std::string ErrorOf(const v1::AskRequest& request) {
  return std::string(base::ToStd(Read(request).status().message()));
}

TEST(AgentConversionTest, WhatIsNotSetIsTheServersDefault) {
  agent::Budget unset;
  unset.searches = 3;
  unset.time = absl::Seconds(7);
  const auto request = FromProto(Minimal(), unset, retrieval::RequestLimits());
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->budget.searches, 3u);
  EXPECT_EQ(request->budget.passages, 10u);
  EXPECT_EQ(request->budget.tokens, 0u);
  EXPECT_EQ(request->budget.time, absl::Seconds(7));
  EXPECT_EQ(request->planner, PlannerKind::kExtractive);
  EXPECT_EQ(request->answerer, AnswererKind::kExtractive);
  EXPECT_EQ(request->stop.mode, agent::StopMode::kLearned);
  EXPECT_FALSE(request->stop.threshold.has_value());
  EXPECT_FALSE(request->rerank.has_value() || request->filter.has_value() || request->want_trace);
}

TEST(AgentConversionTest, TheAnswererIsOfThePlannersKindUnlessItIsGiven) {
  v1::AskRequest request = Minimal();
  request.set_planner(v1::PLANNER_LLM);
  EXPECT_EQ(Read(request)->answerer, AnswererKind::kLlm);
  request.set_answerer(v1::ANSWERER_EXTRACTIVE);
  EXPECT_EQ(Read(request)->answerer, AnswererKind::kExtractive);
}

TEST(AgentConversionTest, ErrorsNameTheirPath) {
  v1::AskRequest request = Minimal();
  request.clear_question();
  EXPECT_EQ(ErrorOf(request), "question: must be given");
  request = Minimal();
  request.clear_collection();
  EXPECT_EQ(ErrorOf(request), "collection: must be given");
  request = Minimal();
  request.mutable_budget()->mutable_time()->set_seconds(0);
  EXPECT_EQ(ErrorOf(request), "budget.time: expected a duration above 0");
  request.mutable_budget()->mutable_time()->set_nanos(-1'500'000'000);
  EXPECT_THAT(ErrorOf(request), testing::StartsWith("budget.time: expected a duration"));
  request = Minimal();
  request.set_planner(static_cast<v1::Planner>(9));
  EXPECT_EQ(ErrorOf(request), "planner: expected a Planner, got the number 9");
  request = Minimal();
  request.set_answerer(static_cast<v1::Answerer>(9));
  EXPECT_EQ(ErrorOf(request), "answerer: expected a Answerer, got the number 9");
  request = Minimal();
  for (const double bad : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    request.mutable_stop()->set_threshold(bad);
    EXPECT_THAT(ErrorOf(request), testing::StartsWith("stop.threshold: expected 0 to 1, got "));
  }
  request = Minimal();
  request.mutable_rerank()->set_candidates(501);
  EXPECT_EQ(ErrorOf(request), "rerank.candidates: expected 1 to 500, got 501");
  request = Minimal();
  request.mutable_filter()->mutable_equals()->set_field("year");
  EXPECT_THAT(ErrorOf(request), testing::StartsWith("filter.equals.value: "));
}

TEST(AgentConversionTest, WhatABudgetHasByDefaultIsLeftToTheServer) {
  agent::AskRequest request;
  request.collection = "books";
  request.question = "Who wrote it?";
  request.budget.passages = 7;
  v1::AskRequest wire;
  ToProto(request, wire);
  agent::Budget allowed;
  allowed.searches = 2;
  allowed.time = absl::Seconds(3);
  const auto read = FromProto(wire, allowed, retrieval::RequestLimits());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->budget.searches, 2u);
  EXPECT_EQ(read->budget.passages, 7u);
  EXPECT_EQ(read->budget.time, absl::Seconds(3));
}

TEST(AgentConversionTest, ARequestSurvivesTheRoundTrip) {
  agent::AskRequest request;
  request.collection = "books";
  request.snapshot = std::string("a\0b", 3);
  request.question = "Who wrote it?";
  request.budget = {4, 17, 900, absl::Milliseconds(1'500), absl::InfiniteFuture()};
  request.stop = {agent::StopMode::kNever, 0.0};
  request.passages_per_search = 3;
  request.rerank = agent::AgentRerank{77};
  request.filter.emplace();
  request.want_trace = true;
  for (const PlannerKind planner : {PlannerKind::kExtractive, PlannerKind::kLlm}) {
    for (const AnswererKind answerer :
         {AnswererKind::kExtractive, AnswererKind::kLlm, AnswererKind::kNone}) {
      request.planner = planner;
      request.answerer = answerer;
      v1::AskRequest wire, again;
      ToProto(request, wire);
      const auto back = Read(wire);
      ASSERT_TRUE(back.ok()) << back.status();
      EXPECT_EQ(back->planner, planner);
      EXPECT_EQ(back->answerer, answerer);
      EXPECT_EQ(back->budget.time, absl::Milliseconds(1'500));
      EXPECT_EQ(back->stop.threshold, 0.0);
      ToProto(*back, again);
      EXPECT_EQ(again.SerializeAsString(), wire.SerializeAsString());
    }
  }
}

// Two steps with something in every member.
agent::Trajectory FullTrajectory() {
  agent::Trajectory trajectory;
  trajectory.question = "Who wrote it?";
  const auto read = [&](uint32_t step, const char* id, std::optional<float> rank_score) {
    trajectory.passages.push_back({{id, 2, {10, 14}, "Title", "Text", 1.25f, rank_score}, step, 7});
    return trajectory.passages.size() - 1;
  };
  agent::Step first;
  first.query.text = trajectory.question;
  first.observation.read = {read(0, "a", std::nullopt), read(0, "b", 0.5f)};
  first.took = absl::Microseconds(1'234);
  agent::Step second;
  second.number = 1;
  second.thought = "Look for the title.";
  second.query = {"it title",
                  {{NamedTerm::Kind::kToken, "##it", 1.5f},
                   {NamedTerm::Kind::kStem, "titl", 2.5f},
                   {NamedTerm::Kind::kTitle, "the title", 3.5f},
                   {NamedTerm::Kind::kImported, "x", 4.5f}},
                  4};
  second.observation = {"it failed", {read(1, "c", 0.25f)}, 3, false, "no model"};
  second.decision.emplace();
  second.decision->probability = 0.125;
  double value = 0;
  for (const agent::StopFeature& feature : agent::AllStopFeatures()) {
    second.decision->features.*feature.value = value += 0.0625;
  }
  agent::Step last;
  last.number = 2;
  last.tool = agent::Tool::kFinish;
  trajectory.steps = {first, second, last};
  return trajectory;
}

TEST(AgentConversionTest, AClientPutsTheTrajectoryTogetherFromItsSteps) {
  const agent::Trajectory trajectory = FullTrajectory();
  agent::Trajectory built;
  built.question = trajectory.question;
  for (const agent::Step& step : trajectory.steps) {
    v1::Step wire, again;
    ToProto(step, trajectory, wire);
    ASSERT_TRUE(AddStep(wire, built).ok());
    ToProto(built.steps.back(), built, again);
    EXPECT_EQ(again.DebugString(), wire.DebugString());  // the bytes of a map have no order
  }
  ASSERT_EQ(built.passages.size(), 3u);
  EXPECT_EQ(built.passages[2].step, 1u);
  EXPECT_EQ(built.passages[2].tokens, 7u);
  EXPECT_EQ(built.passages[2].passage.rank_score, 0.25f);
  EXPECT_EQ(built.passages[0].passage.rank_score, std::nullopt);
  const agent::Step& step = built.steps[1];
  EXPECT_EQ(step.observation.read, std::vector<size_t>{2});
  EXPECT_EQ(step.observation.error, "it failed");
  EXPECT_EQ(step.observation.rerank_error, "no model");
  EXPECT_EQ(step.query.passages, 4u);
  EXPECT_EQ(step.query.terms[0].kind, NamedTerm::Kind::kToken);
  EXPECT_EQ(step.query.terms[3].kind, NamedTerm::Kind::kImported);
  EXPECT_EQ(step.decision->features.coverage, trajectory.steps[1].decision->features.coverage);
  EXPECT_EQ(built.steps[0].took, absl::Microseconds(1'234));
  EXPECT_EQ(built.steps[2].tool, agent::Tool::kFinish);
}

TEST(AgentConversionTest, AStepOutOfOrderMakesNoSense) {
  const agent::Trajectory trajectory = FullTrajectory();
  v1::Step wire;
  ToProto(trajectory.steps[1], trajectory, wire);
  agent::Trajectory built;
  EXPECT_EQ(AddStep(wire, built).code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(built.steps.empty() && built.passages.empty());
}

TEST(AgentConversionTest, AResultSurvivesTheRoundTrip) {
  agent::AskResult result;
  result.answer = {true,
                   "Mary Shelley",
                   "Mary Shelley wrote it.",
                   {{"a", "Title", 1, {3, 9}, "Shelley"}, {"b", "Other", 0, {0, 0}, ""}},
                   "",
                   0.75,
                   "extractive"};
  result.bill = {3, 9, 8, 6, 1'200, 2, 300, 40, 5'000, {}};
  result.bill.times.chat = absl::Milliseconds(1'250);
  result.bill.times.total = absl::Milliseconds(1'500);
  result.generation = 12;
  result.trace = "{\"trace\": 1}\n";
  for (int i = 0; i <= static_cast<int>(agent::StoppedBy::kToolFailure); ++i) {
    result.stopped_by = static_cast<agent::StoppedBy>(i);
    v1::AskResult wire, again;
    ToProto(result, wire);
    const auto back = FromProto(wire);
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(back->stopped_by, result.stopped_by);
    EXPECT_EQ(back->answer.citations[0].quote, "Shelley");
    EXPECT_EQ(back->answer.answerer, "extractive");
    EXPECT_EQ(back->bill.retrieval_calls, 9u);
    EXPECT_EQ(back->bill.times.chat, absl::Milliseconds(1'250));
    ToProto(*back, again);
    EXPECT_EQ(again.SerializeAsString(), wire.SerializeAsString());
  }
}

TEST(AgentConversionTest, ADurationThatIsNoneIsTheServersFault) {
  v1::AskResult wire;
  wire.mutable_bill()->mutable_timing()->mutable_plan()->set_nanos(2'000'000'000);
  EXPECT_EQ(FromProto(wire).status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace foraker::convert
