// The agent through the server: gRPC by the client and by stubs.

#include <gmock/gmock.h>

#include <thread>

#include "agent_server_fixture.h"
#include "base/string_view.h"
#include "services/auth/key.h"
#include "services/auth/key_file.h"
#include "tests/support/temporary_directory.h"

namespace foraker::server {
namespace {

using ::testing::HasSubstr;

TEST_F(AgentServerTest, StepsComeBeforeTheAnswer) {
  Start();
  v1::AskRequest request = Question();
  request.mutable_budget()->set_searches(2);
  request.mutable_stop()->set_never(true);
  const Asked asked = Ask(request);
  ASSERT_TRUE(asked.status.ok()) << asked.status.error_message();
  ASSERT_GE(asked.events.size(), 2u);
  EXPECT_EQ(asked.events[0].step().query(), "What bends light?");
  ASSERT_EQ(asked.events[0].step().passages_size(), 1);
  EXPECT_EQ(asked.events[0].step().passages(0).text(), "A lens bends light.");
  ASSERT_TRUE(asked.events.back().has_result());
  EXPECT_EQ(asked.result().generation(), 7u);
  EXPECT_GE(asked.result().bill().searches(), 1u);
  EXPECT_LE(asked.result().bill().searches(), 2u);
  EXPECT_EQ(asked.result().trace(), "");
  EXPECT_EQ(searcher_->released(), searcher_->pinned());
  for (const auto& search : searcher_->searches()) EXPECT_EQ(search.snapshot, "token-1");
}

TEST_F(AgentServerTest, WhatTheRequestGetsWrongIsNamed) {
  Start();
  const auto refusal = [this](const v1::AskRequest& request) {
    const Asked asked = Ask(request);
    EXPECT_TRUE(asked.events.empty());
    EXPECT_EQ(asked.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    return asked.status.error_message();
  };
  v1::AskRequest request = Question();
  request.mutable_budget()->set_searches(33);
  EXPECT_THAT(refusal(request), testing::StartsWith("budget.searches: "));
  request = Question();
  request.mutable_budget()->mutable_time()->set_seconds(3'600);
  EXPECT_THAT(refusal(request), testing::StartsWith("budget.time: "));
  request = Question();
  request.set_question(std::string(16'385, 'a'));
  EXPECT_THAT(refusal(request), testing::StartsWith("question: "));
  request = Question();
  request.mutable_budget()
      ->GetReflection()
      ->MutableUnknownFields(request.mutable_budget())
      ->AddVarint(77, 1);
  EXPECT_THAT(refusal(request), HasSubstr("budget: unknown field 77"));
  EXPECT_TRUE(searcher_->searches().empty());
}

TEST_F(AgentServerTest, TheSettingsBoundTheBudgetAndItsDefaults) {
  config::Settings settings;
  settings.agent_max_searches = 2;
  settings.agent_max_passages = 3;
  settings.agent_max_time = absl::Seconds(20);
  Start(settings);
  v1::AskRequest request = Question();
  request.mutable_stop()->set_never(true);
  const Asked asked = Ask(request);
  ASSERT_TRUE(asked.status.ok()) << asked.status.error_message();
  EXPECT_LE(asked.result().bill().searches(), 2u);
  request.mutable_budget()->set_searches(3);
  EXPECT_THAT(Ask(request).status.error_message(), HasSubstr("budget.searches"));
}

TEST_F(AgentServerTest, ModelsThatAreNotThereAreNamedBySetting) {
  Start();
  v1::AskRequest request = Question();
  request.mutable_rerank()->set_candidates(20);
  Asked asked = Ask(request);
  EXPECT_EQ(asked.status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(asked.status.error_message(), HasSubstr("set rank.model"));
  request = Question();
  request.set_planner(v1::PLANNER_LLM);
  asked = Ask(request);
  EXPECT_EQ(asked.status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(asked.status.error_message(), HasSubstr("set llm.url"));
}

TEST_F(AgentServerTest, ListsAreRankedForTheCaller) {
  config::Settings settings;
  settings.rank_model = "models/fake";
  Start(settings);
  v1::AskRequest request = Question();
  request.mutable_rerank()->set_candidates(20);
  const Asked asked = Ask(request);
  ASSERT_TRUE(asked.status.ok()) << asked.status.error_message();
  EXPECT_TRUE(asked.events[0].step().passages(0).has_rank_score());
  ASSERT_FALSE(reranker_->requests().empty());
  EXPECT_EQ(reranker_->requests()[0].options.caller, "ipv4:127.0.0.1");
  EXPECT_GT(asked.result().bill().rank_tokens(), 0u);
  EXPECT_GT(Metric("foraker_rank_seconds_count"), 0);
}

TEST_F(AgentServerTest, AnUnknownCollectionIsNotFound) {
  Start();
  v1::AskRequest request = Question();
  request.set_collection("films");
  EXPECT_EQ(Ask(request).status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Metric("foraker_agent_runs_total{stopped_by=\"error\"}"), 1);
}

// A machine that is busy enough is late all the same, so there are several tries.
TEST_F(AgentServerTest, ADeadlineThatComesNearIsAnsweredInTime) {
  Hold();
  Start();
  Asked asked;
  for (int millis = 250; millis <= 8'000; millis *= 2) {
    asked = Ask(Question(), absl::Milliseconds(millis));
    if (asked.status.ok()) break;
    EXPECT_EQ(asked.status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  }
  ASSERT_TRUE(asked.status.ok()) << asked.status.error_message();
  ASSERT_TRUE(asked.events.back().has_result());
  EXPECT_EQ(asked.result().stopped_by(), v1::STOPPED_BY_DEADLINE);
  EXPECT_EQ(asked.events[0].step().passages_size(), 1) << "what the stopped search had found";
}

TEST_F(AgentServerTest, TheBudgetsTimeEndsARunWithoutADeadline) {
  Hold();
  Start();
  v1::AskRequest request = Question();
  request.mutable_budget()->mutable_time()->set_nanos(200'000'000);
  const Asked asked = Ask(request);
  ASSERT_TRUE(asked.status.ok()) << asked.status.error_message();
  EXPECT_EQ(asked.result().stopped_by(), v1::STOPPED_BY_TIME);
}

// Searches hold their threads here until `release_`; a run that goes away ends after the search.
TEST_F(AgentServerTest, AClientThatGoesAwayEndsItsRun) {
  Hold();
  Start();
  grpc::ClientContext context;
  Asked asked;
  std::thread caller([&] { asked = Ask(Question(), context); });
  held_.WaitForNotification();
  context.TryCancel();
  caller.join();
  EXPECT_EQ(asked.status.error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(Metric("foraker_agent_running"), 1);
  release_.Notify();
  while (Metric("foraker_agent_running") > 0) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_LE(searcher_->searches().size(), 1u);
  EXPECT_EQ(searcher_->released(), searcher_->pinned());
}

TEST_F(AgentServerTest, MoreRunsThanThereIsRoomForAreToldWhenToComeAgain) {
  std::vector<std::thread> callers = StartFull();
  const Asked asked = Ask(Question());
  EXPECT_EQ(asked.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_FALSE(asked.retry_after.empty());
  EXPECT_EQ(Http().Get("/readyz")->status, 200) << "everything else goes on";
  release_.Notify();
  for (std::thread& caller : callers) caller.join();
}

TEST_F(AgentServerTest, TheClientWaitsForItsTurnAndTriesAgain) {
  std::vector<std::thread> callers = StartFull();
  agent::AskRequest request;
  request.collection = "books";
  request.question = "What bends light?";
  EXPECT_EQ(Connect(absl::ZeroDuration())->Ask(request, {}).status().code(),
            absl::StatusCode::kResourceExhausted);
  callers.emplace_back([&] {
    const auto result = Connect()->Ask(request, {});
    EXPECT_TRUE(result.ok()) << result.status();
  });
  while (Metric("foraker_requests_total{code=\"RESOURCE_EXHAUSTED\",method=\"Ask\"}") < 2) {
    absl::SleepFor(absl::Milliseconds(1));
  }
  release_.Notify();
  for (std::thread& caller : callers) caller.join();
}

TEST_F(AgentServerTest, TheRemoteAgentIsCancelledByItsCaller) {
  Hold();
  Start();
  agent::AskRequest request;
  request.collection = "books";
  request.question = "What bends light?";
  request.cancelled = [this] { return held_.HasBeenNotified(); };
  EXPECT_EQ(Connect()->Ask(request, {}).status().code(), absl::StatusCode::kCancelled);
  release_.Notify();
}

TEST_F(AgentServerTest, RunsThatOutliveTheDrainEndWithTheServer) {
  searcher_->on_search =
      [this](const retrieval::SearchRequest&) -> absl::StatusOr<retrieval::SearchResult> {
    if (!held_.HasBeenNotified()) held_.Notify();
    return absl::UnavailableError("it is away");  // so the run tries again
  };
  config::Settings settings;
  settings.drain = absl::Milliseconds(20);
  Start(settings);
  grpc::ClientContext context;
  Asked asked;
  std::thread caller([&] { asked = Ask(Question(), context); });
  held_.WaitForNotification();
  server_->Stop();
  caller.join();
  EXPECT_EQ(asked.status.error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(AgentServerTest, AClientThatReadsNothingHoldsItsRunUpForItsTimeAlone) {
  const std::string text(256 << 10, 'a');  // more than flow control lets through unread
  searcher_->on_search = [this, &text](const retrieval::SearchRequest&) {
    retrieval::SearchResult result = Next();
    result.hits[0].document.text = text;
    result.hits[0].passage_range = {0, static_cast<uint32_t>(text.size())};
    return result;
  };
  Start();
  v1::AskRequest request = Question();
  request.mutable_budget()->set_searches(32);
  request.mutable_budget()->set_passages(500);
  request.mutable_budget()->mutable_time()->set_seconds(1);
  request.mutable_stop()->set_never(true);
  grpc::ClientContext context;
  const auto stream = stub_->Ask(&context, request);
  const auto ended = [this] {
    const std::string metrics = Http().Get("/metrics")->body;
    return metrics.find("foraker_agent_seconds_count 1") != std::string::npos;
  };
  while (!ended()) absl::SleepFor(absl::Milliseconds(5));
  v1::AskResponse event, last;
  int steps = 0;
  while (stream->Read(&event)) {
    steps += event.has_step() ? 1 : 0;
    last = event;
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_TRUE(last.has_result()) << "after " << steps << " steps";
  EXPECT_GE(steps, 1);
}

TEST_F(AgentServerTest, AKeyReachesItsCollectionsAndPaysForItsSearches) {
  const TemporaryDirectory directory;
  auth::Key key;
  key.name = "reader";
  key.scope = auth::Scope::kReadOnly;
  key.collections = {"books"};
  key.hash = auth::HashToken("token");
  key.quota.postings = 1'000'000;
  config::Settings settings;
  settings.keys_file = directory.File("keys.jsonl");
  ASSERT_TRUE(auth::WriteKeyFile({key}, settings.keys_file).ok());
  Start(settings);
  EXPECT_EQ(Ask(Question()).status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  const auto ask = [this](const v1::AskRequest& request) {
    grpc::ClientContext context;
    context.AddMetadata("api-key", "token");
    return Ask(request, context);
  };
  v1::AskRequest films = Question();
  films.set_collection("films");
  EXPECT_EQ(ask(films).status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_TRUE(ask(Question()).status.ok());
  searcher_->on_search = [this](const retrieval::SearchRequest&) {
    retrieval::SearchResult result = Next();
    result.postings_predicted = 100'000'000;
    return result;
  };
  EXPECT_TRUE(ask(Question()).status.ok()) << "a run may overdraw the quota";
  const Asked refused = ask(Question());
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_FALSE(refused.retry_after.empty());
}

TEST_F(AgentServerTest, MetricsTellWhatRunsDid) {
  Start();
  ASSERT_TRUE(Ask(Question()).status.ok());
  const std::string text = Http().Get("/metrics")->body;
  for (const char* line :
       {"foraker_requests_total{code=\"OK\",method=\"Ask\"} 1", "foraker_agent_seconds_count 1",
        "foraker_agent_searches_count 1", "foraker_agent_running 0", "foraker_agent_waiting 0",
        "foraker_agent_chat_calls_total 0", "foraker_agent_tokens_total{kind=\"passages\"}",
        "foraker_agent_stage_seconds_total{stage=\"search\"}"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_GE(Metric("foraker_agent_retrieval_calls_total"), 1);
  EXPECT_GE(Metric("foraker_agent_passages_total"), 1);
  EXPECT_GE(Metric("foraker_postings_total{kind=\"predicted\"}"), 100);
}

TEST_F(AgentServerTest, WhatTheSettingsNameMustBeThereAndMakeSense) {
  const TemporaryDirectory directory;
  const auto refusal = [this](const config::Settings& given) {
    config::Settings settings = given;
    settings.listen = settings.http_listen = "127.0.0.1:0";
    const auto server = Server::Start(settings, retrieval::RequestLimits(), log_);
    EXPECT_FALSE(server.ok());
    return std::string(base::ToStd(server.status().message()));
  };
  config::Settings settings;
  settings.agent_stop_policy = directory.Write("policy.json", "{\"format\": 99}");
  EXPECT_THAT(refusal(settings), testing::StartsWith("agent.stop_policy: "));
  settings = {};
  settings.llm_url = "ftp://nowhere";
  settings.llm_model = "m";
  EXPECT_THAT(refusal(settings), HasSubstr("llm"));
}

}  // namespace
}  // namespace foraker::server
