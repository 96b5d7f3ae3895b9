// A server over a fake searcher and a fake reranker, with stubs and clients.

#ifndef FORAKER_TESTS_SERVICES_RANK_SERVER_FIXTURE_H_
#define FORAKER_TESTS_SERVICES_RANK_SERVER_FIXTURE_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "fake_reranker.h"
#include "fake_searcher.h"
#include "foraker/v1/rank.grpc.pb.h"
#include "foraker/v1/search.grpc.pb.h"
#include "services/client/remote_reranker.h"
#include "services/server/server.h"

namespace foraker::server {

class RankServerTest : public testing::Test {
 protected:
  // Without `open` the model is still being loaded.
  void Start(config::Settings settings = {}, bool open = true) {
    settings.listen = settings.http_listen = "127.0.0.1:0";
    settings.slow_query = absl::ZeroDuration();
    settings.rank_model = "models/fake";
    StartServer(settings);
    if (open) server_->OpenRanker(Ranker());
  }

  void StartServer(const config::Settings& settings) {
    auto server = Server::Start(settings, retrieval::RequestLimits(), log_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    server_->Open({searcher_, nullptr, nullptr}, [](ServerGauges&) {});
    channel_ = grpc::CreateChannel(server_->grpc_address(), grpc::InsecureChannelCredentials());
    rank_ = v1::Rank::NewStub(channel_);
    search_ = v1::Search::NewStub(channel_);
  }

  ServedRanker Ranker() {
    v1::RankModel model;
    model.set_name("fake");
    model.set_layers(4);
    model.set_max_documents(40);
    ranker::SchedulerStats stats;
    stats.passes = 3;
    stats.tokens = 700;
    stats.waiting_lists = 2;
    return {reranker_, model, [stats] { return stats; }};
  }

  grpc::Status Rank(const v1::RankRequest& request, v1::RankResponse* response = nullptr) {
    grpc::ClientContext context;
    v1::RankResponse ignored;
    return rank_->Rank(&context, request, response == nullptr ? &ignored : response);
  }

  grpc::Status Search(const v1::SearchRequest& request, v1::SearchResponse* response = nullptr) {
    grpc::ClientContext context;
    v1::SearchResponse ignored;
    return search_->Search(&context, request, response == nullptr ? &ignored : response);
  }

  std::unique_ptr<retrieval::Reranker> Connect() {
    client::ServerOptions options;
    options.address = server_->grpc_address();
    auto connected = client::ConnectReranker(options);
    EXPECT_TRUE(connected.ok()) << connected.status();
    return *std::move(connected);
  }

  httplib::Client Http() {
    httplib::Client client("http://" + server_->http_address());
    client.set_read_timeout(60);  // of a busy machine
    return client;
  }

  static v1::RankRequest Texts() {
    v1::RankRequest request;
    request.set_query("lens");
    for (const char* text : {"aa", "aaaa", "a"}) {
      request.add_documents()->mutable_text()->set_text(text);
    }
    return request;
  }

  static v1::SearchRequest Reranked() {
    v1::SearchRequest request;
    request.set_collection("books");
    request.mutable_query()->set_text("lens");
    request.mutable_rerank()->set_candidates(20);
    return request;
  }

  static v1::SearchRequest Plain() {
    v1::SearchRequest request = Reranked();
    request.clear_rerank();
    return request;
  }

  // A reranker that ranks only when it is released, and tells that it was begun.
  void Hold() {
    reranker_->on_rank = [this](const retrieval::RankRequest& request) {
      std::call_once(once_, [this] { started_.Notify(); });
      release_.WaitForNotification();
      return FakeReranker::ByLength(request);
    };
  }

  // A reranker that goes on until nobody wants its list.
  void RunUntilCancelled() {
    reranker_->on_rank =
        [this](const retrieval::RankRequest& request) -> absl::StatusOr<retrieval::RankResult> {
      started_.Notify();
      while (!request.options.cancelled()) absl::SleepFor(absl::Milliseconds(1));
      return absl::CancelledError("nobody wants it");
    };
  }

  const Log log_{LogLevel::kOff};
  const std::shared_ptr<FakeSearcher> searcher_ = std::make_shared<FakeSearcher>();
  const std::shared_ptr<FakeReranker> reranker_ = std::make_shared<FakeReranker>();
  absl::Notification started_, release_;
  std::once_flag once_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Rank::Stub> rank_;
  std::unique_ptr<v1::Search::Stub> search_;
};

}  // namespace foraker::server

#endif  // FORAKER_TESTS_SERVICES_RANK_SERVER_FIXTURE_H_
