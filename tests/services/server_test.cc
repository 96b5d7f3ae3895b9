// The server over a fake searcher, through real sockets: gRPC by the client and by stubs, HTTP by
// httplib.

#include "services/server/server.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "fake_searcher.h"
#include "foraker/v1/index.grpc.pb.h"
#include "foraker/v1/search.grpc.pb.h"
#include "services/client/remote_searcher.h"

namespace foraker::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ServerTest : public testing::Test {
 protected:
  void Start(config::Settings settings = {}, bool open = true) {
    settings.listen = "127.0.0.1:0";
    settings.http_listen = "127.0.0.1:0";
    settings.slow_query = absl::ZeroDuration();
    auto server = Server::Start(settings, retrieval::RequestLimits(), log_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    if (open)
      server_->Open({searcher_, nullptr, nullptr}, [](ServerGauges& gauges) { gauges.leases = 3; });
    channel_ = grpc::CreateChannel(server_->grpc_address(), grpc::InsecureChannelCredentials());
    search_ = v1::Search::NewStub(channel_);
    index_ = v1::Index::NewStub(channel_);
  }

  std::unique_ptr<retrieval::Searcher> Connect() {
    client::ServerOptions options;
    options.address = server_->grpc_address();
    auto connected = client::ConnectSearcher(options);
    EXPECT_TRUE(connected.ok()) << connected.status();
    return *std::move(connected);
  }

  httplib::Client Http() { return httplib::Client("http://" + server_->http_address()); }

  static v1::SearchRequest Request() {
    v1::SearchRequest request;
    request.set_collection("books");
    request.mutable_query()->set_text("lens");
    return request;
  }

  const Log log_{LogLevel::kOff};
  const std::shared_ptr<FakeSearcher> searcher_ = std::make_shared<FakeSearcher>();
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Search::Stub> search_;
  std::unique_ptr<v1::Index::Stub> index_;
};

TEST_F(ServerTest, TheClientSeesWhatTheSearcherReturned) {
  searcher_->result = FullResult();
  Start();
  const auto client = Connect();
  retrieval::SearchRequest request;
  request.collection = "books";
  request.query = retrieval::DocumentQuery{"d9"};
  const auto result = client->Search(request);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->hits[0].document.fields, FullResult().hits[0].document.fields);
  EXPECT_EQ(result->next_page_token, "next");
  EXPECT_EQ(std::get<retrieval::DocumentQuery>(searcher_->searches()[0].query).document_id, "d9");
  EXPECT_EQ(*client->PredictPostings(request), 1234u);
  EXPECT_EQ(client->Pin("books", absl::Seconds(9))->expires, absl::FromUnixSeconds(9));
  EXPECT_TRUE(client->Release("token-1").ok());
  EXPECT_THAT(searcher_->released(), ElementsAre("token-1"));
  EXPECT_EQ((*client->Get("books", "", {"x", "y"}))[1].id, "y");
  EXPECT_EQ(client->Get("books", "", {"missing"}).status().message(), "no document \"missing\"");
  EXPECT_EQ(client->List({"books", "", "", 10, true})->documents[0].text, "Text");
  EXPECT_EQ((*client->Analyze("books", "", "lens"))[0].term, "len");
  EXPECT_EQ((*client->Links("books", "", {{"d7", 2}}))[0].source.passage, 2u);
  EXPECT_EQ(client->Collections()->size(), 3u);
  EXPECT_EQ(client->Describe("films").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ServerTest, TheClientsBatchIsOneCallAndEachSearchHasItsOutcome) {
  searcher_->on_search =
      [](const retrieval::SearchRequest& request) -> absl::StatusOr<retrieval::SearchResult> {
    const auto& id = std::get<retrieval::DocumentQuery>(request.query).document_id;
    if (id == "missing") return absl::NotFoundError("no document \"missing\"");
    retrieval::SearchResult result;
    result.hits.emplace_back().document.id = id;
    return result;
  };
  Start();
  const auto client = Connect();
  std::vector<retrieval::SearchRequest> requests(3);
  for (retrieval::SearchRequest& request : requests) {
    request.collection = "books";
    request.snapshot = "token-9";
    request.query = retrieval::DocumentQuery{"d9"};
  }
  requests[1].query = retrieval::DocumentQuery{"missing"};
  const auto results = client->BatchSearch(requests);
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0]->hits.at(0).document.id, "d9");
  EXPECT_EQ(results[1].status(), absl::NotFoundError("no document \"missing\""));
  EXPECT_EQ(results[2]->hits.at(0).document.id, "d9");
  for (const auto& search : searcher_->searches()) EXPECT_EQ(search.snapshot, "token-9");
  EXPECT_THAT(Http().Get("/metrics")->body, HasSubstr("method=\"BatchSearch\""));
  EXPECT_TRUE(client->BatchSearch({}).empty());
  requests[0].page_token = "x";
  for (const auto& result : client->BatchSearch(requests)) {
    EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(ServerTest, ASearchIsStoppedBeforeTheCallsDeadline) {
  Start();
  grpc::ClientContext context;
  const absl::Time deadline = absl::Now() + absl::Seconds(5);
  context.set_deadline(absl::ToChronoTime(deadline));
  v1::SearchResponse response;
  ASSERT_TRUE(search_->Search(&context, Request(), &response).ok());
  EXPECT_LT(searcher_->searches()[0].deadline, deadline);
  EXPECT_GT(searcher_->searches()[0].deadline, deadline - absl::Seconds(1));
}

TEST_F(ServerTest, CallsAreUnavailableWhileTheDataIsOpened) {
  Start({}, /*open=*/false);
  grpc::ClientContext context;
  v1::SearchResponse response;
  const grpc::Status status = search_->Search(&context, Request(), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), HasSubstr("still being opened"));
  EXPECT_EQ(Http().Get("/readyz")->status, 503);
  EXPECT_EQ(Http().Get("/livez")->status, 200);
}

TEST_F(ServerTest, AFullQueueAnswersWithTheTimeToRetry) {
  absl::Notification release, started;
  searcher_->on_search = [&](const retrieval::SearchRequest&) {
    if (!started.HasBeenNotified()) started.Notify();
    release.WaitForNotification();
    return retrieval::SearchResult();
  };
  config::Settings settings;
  settings.threads = 1;
  settings.queue = 1;
  Start(settings);
  std::vector<std::thread> waiting;
  const auto search = [&] {
    grpc::ClientContext context;
    v1::SearchResponse response;
    EXPECT_TRUE(search_->Search(&context, Request(), &response).ok());
  };
  waiting.emplace_back(search);
  started.WaitForNotification();
  waiting.emplace_back(search);
  while (Http().Get("/metrics")->body.find("foraker_queue_depth 1") == std::string::npos) {
    absl::SleepFor(absl::Milliseconds(5));
  }
  grpc::ClientContext context;
  v1::SearchResponse response;
  const grpc::Status status = search_->Search(&context, Request(), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(context.GetServerTrailingMetadata().count("retry-after-ms"), 1u);
  release.Notify();
  for (std::thread& thread : waiting) thread.join();
}

TEST_F(ServerTest, TheRequestIdComesBack) {
  Start();
  grpc::ClientContext context;
  context.AddMetadata("x-request-id", "trace-17");
  v1::SearchResponse response;
  ASSERT_TRUE(search_->Search(&context, Request(), &response).ok());
  const auto& metadata = context.GetServerInitialMetadata();
  ASSERT_EQ(metadata.count("x-request-id"), 1u);
  const grpc::string_ref id = metadata.find("x-request-id")->second;
  EXPECT_EQ(std::string(id.data(), id.size()), "trace-17");
}

TEST_F(ServerTest, ABatchRunsOnOneSnapshotAndOneFailureLeavesTheOthersAlone) {
  Start();
  v1::BatchSearchRequest batch;
  batch.set_collection("books");
  for (int i = 0; i < 20; ++i) batch.add_requests()->mutable_query()->set_text("lens");
  batch.mutable_requests(7)->clear_query();
  grpc::ClientContext context;
  v1::BatchSearchResponse response;
  const grpc::Status status = search_->BatchSearch(&context, batch, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.results_size(), 20);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(response.results(i).has_error(), i == 7) << i;
  EXPECT_EQ(response.results(7).error().code(), grpc::StatusCode::INVALID_ARGUMENT);
  ASSERT_EQ(searcher_->searches().size(), 19u);
  for (const auto& search : searcher_->searches()) EXPECT_EQ(search.snapshot, "token-1");
  EXPECT_THAT(searcher_->released(), ElementsAre("token-1"));
}

TEST_F(ServerTest, ABatchNamesWhatDoesNotBelongInIt) {
  Start();
  v1::BatchSearchRequest batch;
  batch.set_collection("books");
  batch.add_requests()->set_page_token("x");
  grpc::ClientContext context;
  v1::BatchSearchResponse response;
  EXPECT_THAT(search_->BatchSearch(&context, batch, &response).error_message(),
              HasSubstr("requests[0].page_token: a batch does not"));
  batch.clear_requests();
  for (int i = 0; i < 11; ++i) batch.add_requests()->set_page_size(10'000);
  grpc::ClientContext second;
  EXPECT_THAT(search_->BatchSearch(&second, batch, &response).error_message(),
              HasSubstr("requests: expected page sizes of at most 100000 together, got 110000"));
}

TEST_F(ServerTest, CollectionsComePageByPageInTheOrderOfTheirNames) {
  Start();
  v1::ListCollectionsRequest request;
  request.set_page_size(2);
  std::vector<std::string> names;
  do {
    grpc::ClientContext context;
    v1::ListCollectionsResponse response;
    ASSERT_TRUE(index_->ListCollections(&context, request, &response).ok());
    for (const v1::Collection& collection : response.collections()) {
      names.push_back(collection.name());
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ElementsAre("a", "b", "c"));
}

TEST_F(ServerTest, DocumentsHoldWhatTheMaskNames) {
  Start();
  v1::GetDocumentsRequest request;
  request.set_collection("books");
  request.add_ids("d1");
  request.mutable_read_mask()->add_paths("fields");
  request.add_field_names("year");
  grpc::ClientContext context;
  v1::GetDocumentsResponse response;
  ASSERT_TRUE(index_->GetDocuments(&context, request, &response).ok());
  const v1::Document& document = response.documents(0);
  EXPECT_EQ(document.id(), "d1");
  EXPECT_EQ(document.version(), 3u);
  EXPECT_EQ(document.title() + document.text(), "");
  ASSERT_EQ(document.fields().size(), 1u);
  EXPECT_EQ(document.fields().at("year").values(0).integer(), 1999);
}

TEST_F(ServerTest, TheGatewaySpeaksProtobufsJson) {
  searcher_->result = FullResult();
  Start();
  httplib::Client http = Http();
  const auto found = http.Post("/v1/collections/books:search",
                               R"({"query": {"text": "lens"}, "pageSize": 3})", "application/json");
  ASSERT_TRUE(found);
  ASSERT_EQ(found->status, 200) << found->body;
  const auto json = nlohmann::json::parse(found->body);
  EXPECT_EQ(json["hits"][0]["document"]["id"], "d1");
  EXPECT_EQ(json["hits"][0]["document"]["fields"]["year"]["values"][0]["integer"], "-44");
  EXPECT_EQ(searcher_->searches()[0].k, 3u);
  EXPECT_EQ(searcher_->searches()[0].collection, "books");
  const auto document = http.Get("/v1/collections/books/documents/a/b%3Ac");
  ASSERT_EQ(document->status, 200) << document->body;
  EXPECT_EQ(nlohmann::json::parse(document->body)["id"], "a/b:c");
  EXPECT_EQ(http.Get("/v1/collections/books/documents/missing")->status, 404);
  EXPECT_EQ(nlohmann::json::parse(http.Get("/v1/collections?pageSize=1")->body)["nextPageToken"],
            "a");
}

TEST_F(ServerTest, TheGatewayRefusesWhatItDoesNotKnow) {
  Start();
  httplib::Client http = Http();
  const auto refused =
      http.Post("/v1/collections/books:search", R"({"query": {"text": "lens"}, "pagesize": 3})",
                "application/json");
  EXPECT_EQ(refused->status, 400);
  EXPECT_EQ(nlohmann::json::parse(refused->body)["status"], "INVALID_ARGUMENT");
  EXPECT_THAT(refused->body, HasSubstr("pagesize"));
  EXPECT_THAT(http.Get("/v1/collections?size=1")->body, HasSubstr("unknown parameter"));
  EXPECT_EQ(http.Get("/v2/collections")->status, 404);
}

TEST_F(ServerTest, MetricsTellWhatHappened) {
  searcher_->result = FullResult();
  Start();
  retrieval::SearchRequest request;
  request.collection = "books";
  ASSERT_TRUE(Connect()->Search(request).ok());
  const std::string text = Http().Get("/metrics")->body;
  for (const char* line :
       {"foraker_requests_total{code=\"OK\",method=\"Search\"} 1", "foraker_leases 3",
        "foraker_request_seconds_count{method=\"Search\"} 1", "foraker_ready 1",
        "foraker_postings_total{kind=\"scanned\"} 400", "foraker_inexact_searches_total 1",
        "foraker_collection_documents{collection=\"c\"} 12", "foraker_build_info{version="}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST_F(ServerTest, ASecondServerOnAPortIsAnErrorThatSaysSo) {
  Start();
  config::Settings settings;
  settings.listen = server_->grpc_address();
  const auto second = Server::Start(settings, retrieval::RequestLimits(), log_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(second.status().message(), HasSubstr("cannot listen on " + settings.listen));
}

TEST_F(ServerTest, CallsUnderWayEndBeforeTheServerStops) {
  absl::Notification started;
  searcher_->on_search = [&](const retrieval::SearchRequest&) {
    started.Notify();
    absl::SleepFor(absl::Milliseconds(300));
    return FullResult();
  };
  Start();
  grpc::Status status(grpc::StatusCode::UNKNOWN, "");
  std::thread caller([&] {
    grpc::ClientContext context;
    v1::SearchResponse response;
    status = search_->Search(&context, Request(), &response);
  });
  started.WaitForNotification();
  server_->Stop();
  caller.join();
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST(RemoteSearcherTest, NobodyAtTheAddressIsAnErrorThatSaysSo) {
  client::ServerOptions options;
  options.address = "127.0.0.1:1";
  const auto searcher = client::ConnectSearcher(options);
  EXPECT_EQ(searcher.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(searcher.status().message(),
            "cannot reach 127.0.0.1:1: is `foraker serve` running there?");
  options.address = "7411";
  EXPECT_THAT(client::ConnectSearcher(options).status().message(),
              HasSubstr("server: expected HOST:PORT"));
}

}  // namespace
}  // namespace foraker::server
