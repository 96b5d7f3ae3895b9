// The agent through the HTTP side of the server: JSON lines.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_split.h"
#include "agent_server_fixture.h"

namespace foraker::server {
namespace {

using Json = nlohmann::json;
using AgentHttpTest = AgentServerTest;

constexpr char kPath[] = "/v1/collections/books:ask";
constexpr char kQuestion[] = R"({"question": "What bends light?", "budget": {"searches": 2}})";

std::vector<Json> Lines(const std::string& body) {
  std::vector<Json> lines;
  for (const auto line : absl::StrSplit(body, '\n', absl::SkipEmpty())) {
    lines.push_back(Json::parse(line.begin(), line.end()));
  }
  return lines;
}

TEST_F(AgentHttpTest, EventsAreLinesAndTheLastIsTheResult) {
  Start();
  httplib::Client http = Http();
  http.set_default_headers({{"X-Request-Id", "trace-17"}});
  const auto reply = http.Post(kPath, kQuestion, "application/json");
  ASSERT_TRUE(reply);
  ASSERT_EQ(reply->status, 200) << reply->body;
  EXPECT_EQ(reply->get_header_value("Content-Type"), "application/x-ndjson");
  EXPECT_EQ(reply->get_header_value("X-Request-Id"), "trace-17");
  const std::vector<Json> lines = Lines(reply->body);
  ASSERT_GE(lines.size(), 2u);
  EXPECT_EQ(lines[0]["step"]["query"], "What bends light?");
  EXPECT_EQ(lines[0]["step"]["passages"][0]["text"], "A lens bends light.");
  EXPECT_TRUE(lines.back()["result"].contains("answer")) << lines.back();
  EXPECT_TRUE(lines.back()["result"].contains("stoppedBy")) << lines.back();
  EXPECT_GT(http.Post(kPath, kQuestion, "application/json")->body.size(), 0u)
      << "the connection is kept";
}

TEST_F(AgentHttpTest, ACallThatFailsBeforeItsFirstStepHasItsStatus) {
  Start();
  httplib::Client http = Http();
  EXPECT_EQ(http.Post(kPath, R"({"quastion": "q"})", "application/json")->status, 400);
  EXPECT_EQ(http.Post(kPath, "{}", "application/json")->status, 400);
  const auto missing = http.Post("/v1/collections/films:ask", kQuestion, "application/json");
  EXPECT_EQ(missing->status, 404);
  EXPECT_EQ(Json::parse(missing->body)["status"], "NOT_FOUND");
  const auto model =
      http.Post(kPath, R"({"question": "q", "planner": "PLANNER_LLM"})", "application/json");
  EXPECT_EQ(model->status, 400);
  EXPECT_EQ(Json::parse(model->body)["status"], "FAILED_PRECONDITION");
}

TEST_F(AgentHttpTest, StepsAreSentAsTheyHappen) {
  // The first search answers at once, those behind it when they are released.
  searcher_->on_search = [this](const retrieval::SearchRequest&) {
    if (searcher_->searches().size() > 1) release_.WaitForNotification();
    return Next();
  };
  Start();
  std::string body;
  httplib::Client http = Http();
  httplib::Request request;
  request.method = "POST";
  request.path = kPath;
  request.body = kQuestion;
  request.content_receiver = [&](const char* data, size_t size, uint64_t, uint64_t) {
    body.append(data, size);
    if (!release_.HasBeenNotified()) {
      EXPECT_NE(body.find("\"step\""), std::string::npos);
      release_.Notify();
    }
    return true;
  };
  const auto reply = http.send(request);
  ASSERT_TRUE(reply) << httplib::to_string(reply.error());
  EXPECT_TRUE(Lines(body).back().contains("result"));
}

TEST_F(AgentHttpTest, AClientThatGoesAwayEndsItsRun) {
  searcher_->on_search =
      [this](const retrieval::SearchRequest&) -> absl::StatusOr<retrieval::SearchResult> {
    if (found_ == 0) return Next();
    return absl::UnavailableError("it is away");  // so the run tries again
  };
  config::Settings settings;
  settings.drain = absl::Seconds(60);
  Start(settings);
  httplib::Client http = Http();
  httplib::Request request;
  request.method = "POST";
  request.path = kPath;
  request.body = R"({"question": "What bends light?", "stop": {"never": true}})";
  request.content_receiver = [](const char*, size_t, uint64_t, uint64_t) { return false; };
  EXPECT_FALSE(http.send(request));
  http.stop();
  while (Metric("foraker_agent_running") > 0) absl::SleepFor(absl::Milliseconds(1));
}

TEST_F(AgentHttpTest, RunsLeaveThreadsOfTheListenerToOthers) {
  Hold();
  config::Settings settings;
  settings.agent_threads = 40;
  Start(settings);
  std::vector<std::thread> callers;
  for (int i = 0; i < 32; ++i) {
    callers.emplace_back([this] {
      const auto reply = Http().Post(kPath, kQuestion, "application/json");
      ASSERT_TRUE(reply) << httplib::to_string(reply.error());
      EXPECT_EQ(reply->status, 200) << reply->body;
    });
  }
  while (Metric("foraker_agent_running") < 32) absl::SleepFor(absl::Milliseconds(1));
  const auto refused = Http().Post(kPath, kQuestion, "application/json");
  EXPECT_EQ(refused->status, 429) << refused->body;
  EXPECT_EQ(refused->get_header_value("Retry-After"), "1");
  EXPECT_EQ(Http().Get("/readyz")->status, 200);
  release_.Notify();
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(Http().Post(kPath, kQuestion, "application/json")->status, 200);
}

}  // namespace
}  // namespace foraker::server
