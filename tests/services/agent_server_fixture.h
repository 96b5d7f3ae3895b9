// A server over a fake searcher that finds something new in every search, with clients of its
// agent.

#ifndef FORAKER_TESTS_SERVICES_AGENT_SERVER_FIXTURE_H_
#define FORAKER_TESTS_SERVICES_AGENT_SERVER_FIXTURE_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "fake_reranker.h"
#include "fake_searcher.h"
#include "foraker/v1/agent.grpc.pb.h"
#include "services/client/remote_agent.h"
#include "services/server/server.h"

namespace foraker::server {

class AgentServerTest : public testing::Test {
 protected:
  AgentServerTest() {
    searcher_->on_search = [this](const retrieval::SearchRequest&) { return Next(); };
  }

  void Start(config::Settings settings = {}) {
    settings.listen = settings.http_listen = "127.0.0.1:0";
    settings.slow_query = absl::ZeroDuration();
    auto server = Server::Start(settings, retrieval::RequestLimits(), log_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    server_->Open({searcher_, nullptr, nullptr}, [](ServerGauges&) {});
    if (!settings.rank_model.empty())
      server_->OpenRanker({reranker_, {}, [] { return ranker::SchedulerStats(); }});
    channel_ = grpc::CreateChannel(server_->grpc_address(), grpc::InsecureChannelCredentials());
    stub_ = v1::Agent::NewStub(channel_);
  }

  // One hit that no search found before.
  retrieval::SearchResult Next() {
    retrieval::SearchHit hit;
    const int number = ++found_;
    hit.document = {
        absl::StrCat("d", number), 1, absl::StrCat("Lens ", number), "A lens bends light.", {}};
    hit.score = 1;
    hit.passage_range = {0, 19};
    retrieval::SearchResult result;
    result.hits = {hit};
    result.generation = 7;
    result.postings_predicted = 100;
    return result;
  }

  // From the second search of a run on, searches go on until their deadline, or `release_`.
  void Hold() {
    searcher_->on_search =
        [this](const retrieval::SearchRequest& request) -> absl::StatusOr<retrieval::SearchResult> {
      if (!held_.HasBeenNotified()) held_.Notify();
      while (absl::Now() < request.deadline && !release_.HasBeenNotified()) {
        absl::SleepFor(absl::Milliseconds(1));
      }
      return Next();
    };
  }

  // A server that holds one run and lets another wait: both are there, and end with `release_`.
  std::vector<std::thread> StartFull() {
    Hold();
    config::Settings settings;
    settings.agent_threads = 1;
    settings.agent_queue = 1;
    Start(settings);
    std::vector<std::thread> callers;
    for (int i = 0; i < 2; ++i) {
      callers.emplace_back([this] { EXPECT_TRUE(Ask(Question()).status.ok()); });
      held_.WaitForNotification();  // the first has left the queue
    }
    while (Metric("foraker_agent_running") + Metric("foraker_agent_waiting") < 2) {
      absl::SleepFor(absl::Milliseconds(1));
    }
    return callers;
  }

  static v1::AskRequest Question() {
    v1::AskRequest request;
    request.set_collection("books");
    request.set_question("What bends light?");
    return request;
  }

  struct Asked {
    grpc::Status status;
    std::vector<v1::AskResponse> events;
    std::string retry_after;

    const v1::AskResult& result() const { return events.back().result(); }
  };

  Asked Ask(const v1::AskRequest& request, absl::Duration timeout = absl::Seconds(60)) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    return Ask(request, context);
  }

  Asked Ask(const v1::AskRequest& request, grpc::ClientContext& context) {
    Asked asked;
    const auto stream = stub_->Ask(&context, request);
    for (v1::AskResponse event; stream->Read(&event);) asked.events.push_back(event);
    asked.status = stream->Finish();
    const auto& trailing = context.GetServerTrailingMetadata();
    const auto found = trailing.find("retry-after-ms");
    if (found != trailing.end()) {
      asked.retry_after = std::string(found->second.data(), found->second.size());
    }
    return asked;
  }

  std::unique_ptr<agent::Agent> Connect(absl::Duration patience = client::kAskPatience) {
    client::ServerOptions options;
    options.address = server_->grpc_address();
    auto connected = client::ConnectAgent(options, patience);
    EXPECT_TRUE(connected.ok()) << connected.status();
    return *std::move(connected);
  }

  httplib::Client Http() {
    httplib::Client client("http://" + server_->http_address());
    client.set_read_timeout(60);  // of a busy machine
    return client;
  }

  // Of a metric with its labels.
  double Metric(const std::string& name) {
    const std::string text = "\n" + Http().Get("/metrics")->body;
    const size_t found = text.find("\n" + name + " ");
    return found == std::string::npos ? -1 : std::stod(text.substr(found + name.size() + 2));
  }

  const Log log_{LogLevel::kOff};
  const std::shared_ptr<FakeSearcher> searcher_ = std::make_shared<FakeSearcher>();
  const std::shared_ptr<FakeReranker> reranker_ = std::make_shared<FakeReranker>();
  std::atomic<int> found_ = 0;
  absl::Notification held_, release_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Agent::Stub> stub_;
};

}  // namespace foraker::server

#endif  // FORAKER_TESTS_SERVICES_AGENT_SERVER_FIXTURE_H_
