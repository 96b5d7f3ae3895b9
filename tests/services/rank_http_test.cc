// Ranking through the HTTP side of the server: the JSON gateway, its threads, the metrics.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "rank_server_fixture.h"

namespace foraker::server {
namespace {

using ::testing::HasSubstr;

using RankHttpTest = RankServerTest;

TEST_F(RankHttpTest, AListThatOutlivesTheDrainIsCancelled) {
  RunUntilCancelled();
  config::Settings settings;
  settings.drain = absl::Milliseconds(50);
  Start(settings);
  std::thread caller([this] {  // over HTTP, where nothing else would end it
    Http().Post("/v1/rank", R"({"query": "q", "documents": [{"text": {"text": "t"}}]})",
                "application/json");
  });
  started_.WaitForNotification();
  server_->Stop();
  caller.join();
}

TEST_F(RankHttpTest, TheGatewayRanks) {
  searcher_->result = FullResult();
  Start();
  httplib::Client http = Http();
  const auto ranked =
      http.Post("/v1/collections/books:rank",
                R"({"query": "q", "documents": [{"text": {"text": "t"}}, {"id": "d1"}],
          "options": {"precision": "RANK_PRECISION_INT8"}})",
                "application/json");
  ASSERT_EQ(ranked->status, 200) << ranked->body;
  const auto json = nlohmann::json::parse(ranked->body);
  EXPECT_EQ(json["documents"][0]["id"], "d1");
  EXPECT_EQ(json["precision"], "RANK_PRECISION_INT8");
  const auto model = nlohmann::json::parse(http.Get("/v1/rank/model")->body);
  EXPECT_EQ(model["maxDocuments"], 40);
  const auto found =
      http.Post("/v1/collections/books:search",
                R"({"query": {"text": "lens"}, "rerank": {"candidates": 20}})", "application/json");
  ASSERT_EQ(found->status, 200) << found->body;
  EXPECT_TRUE(nlohmann::json::parse(found->body)["hits"][0].contains("rankScore"));
  EXPECT_EQ(http.Post("/v1/rank", R"({"quary": "q"})", "application/json")->status, 400);
}

TEST_F(RankHttpTest, ListsOverHttpLeaveThreadsOfTheListenerToOthers) {
  Hold();
  Start();
  const auto rank = [this] {
    return Http().Post("/v1/rank", R"({"query": "q", "documents": [{"text": {"text": "t"}}]})",
                       "application/json");
  };
  std::vector<std::thread> callers;
  for (int i = 0; i < 32; ++i) {
    callers.emplace_back([&] {
      const auto ranked = rank();
      ASSERT_TRUE(ranked) << httplib::to_string(ranked.error());
      EXPECT_EQ(ranked->status, 200);
    });
  }
  while (reranker_->requests().size() < 32) absl::SleepFor(absl::Milliseconds(1));
  const auto refused = rank();
  EXPECT_EQ(refused->status, 429) << refused->body;
  EXPECT_EQ(refused->get_header_value("Retry-After"), "1");
  EXPECT_EQ(Http().Get("/readyz")->status, 200);
  release_.Notify();
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(rank()->status, 200);
}

TEST_F(RankHttpTest, MetricsTellWhatTheModelDid) {
  searcher_->result = FullResult();
  Start();
  ASSERT_TRUE(Rank(Texts()).ok());
  EXPECT_THAT(Http().Get("/metrics")->body, HasSubstr("foraker_rank_seconds_count 1"));
  ASSERT_TRUE(Search(Reranked()).ok());
  const std::string text = Http().Get("/metrics")->body;
  for (const char* line : {"foraker_requests_total{code=\"OK\",method=\"Rank\"} 1",
                           "foraker_requests_total{code=\"OK\",method=\"Search.rerank\"} 1",

                           "foraker_rank_passes_total 3", "foraker_rank_tokens_total 700",
                           "foraker_rank_waiting_lists 2", "foraker_rank_refused_total 0"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

}  // namespace
}  // namespace foraker::server
