// Writing and administering through real sockets, over a fake writer and a fake administrator.

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "absl/strings/str_format.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "fake_searcher.h"
#include "fake_writer.h"
#include "foraker/v1/index.grpc.pb.h"
#include "services/client/bulk_writer.h"
#include "services/client/remote_administrator.h"
#include "services/client/remote_writer.h"
#include "services/server/server.h"

namespace foraker::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ServerWriteTest : public testing::Test {
 protected:
  void Start(bool read_only = false) {
    settings_.listen = OwnLoopback() + ":0";
    settings_.http_listen = "127.0.0.1:0";
    auto server = Server::Start(settings_, retrieval::RequestLimits(), log_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    ServedData data{searcher_, writer_, administrator_};
    if (read_only) data = {searcher_, nullptr, nullptr};
    server_->Open(std::move(data), [](ServerGauges& gauges) {
      LiveGauges live{"books", {}};
      live.stats.buffer_bytes = 4096;
      live.stats.flushes = 3;
      gauges.live = {live};
    });
    options_.address = server_->grpc_address();
    stub_ = v1::Index::NewStub(
        grpc::CreateChannel(server_->grpc_address(), grpc::InsecureChannelCredentials()));
  }

  // An address of this process alone: its ports stay free while a server is away, since nobody else
  // listens there, or connects from there.
  static std::string OwnLoopback() {
    const auto pid = static_cast<unsigned>(getpid());
    return absl::StrFormat("127.%d.%d.%d", 1 + (pid >> 16) % 254, (pid >> 8) % 256, 1 + pid % 254);
  }

  httplib::Client Http() { return httplib::Client("http://" + server_->http_address()); }

  static retrieval::WriteRequest Batch(std::string id, std::string collection = "books") {
    retrieval::WriteRequest request;
    request.collection = std::move(collection);
    request.writes.push_back({retrieval::PutRequest{std::move(id), "", "Text", {}, {}}, {}});
    return request;
  }

  std::vector<std::string> WrittenIds() const {
    std::vector<std::string> ids;
    for (const auto& request : writer_->writes()) {
      for (const auto& write : request.writes) {
        ids.push_back(std::get<retrieval::PutRequest>(write.change).id);
      }
    }
    return ids;
  }

  const Log log_{LogLevel::kOff};
  config::Settings settings_;
  client::ServerOptions options_;
  const std::shared_ptr<FakeSearcher> searcher_ = std::make_shared<FakeSearcher>();
  const std::shared_ptr<FakeWriter> writer_ = std::make_shared<FakeWriter>();
  const std::shared_ptr<FakeAdministrator> administrator_ = std::make_shared<FakeAdministrator>();
  std::unique_ptr<Server> server_;
  std::unique_ptr<v1::Index::Stub> stub_;
};

TEST_F(ServerWriteTest, TheClientsWritesReachTheWriter) {
  Start();
  const auto client = client::ConnectWriter(options_);
  ASSERT_TRUE(client.ok()) << client.status();
  const auto reply = (*client)->Write(Batch("d1"));
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->outcomes[0].version, 1u);
  EXPECT_EQ(writer_->writes()[0].request_id.size(), 32u) << "made by the client";
  retrieval::DeleteMatchingRequest matching;
  matching.collection = "books";
  EXPECT_EQ((*client)->DeleteMatching(matching)->deleted, 7u);
  EXPECT_EQ(writer_->matching().size(), 1u);
}

TEST_F(ServerWriteTest, TheClientsAdministrationReachesTheAdministrator) {
  Start();
  const auto connected = client::ConnectAdministrator(options_);
  ASSERT_TRUE(connected.ok()) << connected.status();
  retrieval::Administrator& client = **connected;
  std::vector<std::string> stages;
  const auto show = [&](const retrieval::Progress& now) { stages.push_back(now.stage); };
  EXPECT_TRUE(client.CreateCollection({"books", "bm25", {{"a.b", "1"}}, {{"y", "real"}}}).ok());
  EXPECT_TRUE(client.UpdateSettings("books", {{"query.stem_weight", "2"}}).ok());
  EXPECT_TRUE(client.PublishIdf("books").ok());
  EXPECT_TRUE(client.SetAlias("b", "books").ok());
  EXPECT_TRUE(client.RemoveAlias("b").ok());
  EXPECT_TRUE(client.CreateSnapshot("books", "s").ok());
  EXPECT_TRUE(client.RestoreSnapshot("books", "s", "").ok());
  EXPECT_TRUE(client.DropSnapshot("books", "s").ok());
  EXPECT_TRUE(client.ImportSnapshot("/dir", "books").ok());
  EXPECT_TRUE(client.Flush("books").ok());
  EXPECT_TRUE(client.Compact("books").ok());
  EXPECT_TRUE(client.Attach({"books", {"/shard"}}).ok());
  EXPECT_TRUE(client.Rebuild({"b", "books2", "", {}}, show, nullptr).ok());
  EXPECT_TRUE(client.DropCollection("books").ok());
  EXPECT_THAT(
      administrator_->calls(),
      ElementsAre("create books bm25 a.b=1 y:real", "set books query.stem_weight 2",
                  "publish books", "alias b books", "remove b", "snapshot books s",
                  "restore books s", "unsnapshot books s", "import /dir books", "flush books",
                  "compact books", "attach books /shard", "rebuild b books2", "drop books"));
  EXPECT_EQ(stages.back(), "done");
}

TEST_F(ServerWriteTest, AServerThatOnlyReadsRefusesWrites) {
  Start(/*read_only=*/true);
  const auto reply = (*client::ConnectWriter(options_))->Write(Batch("d1"));
  EXPECT_EQ(reply.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(reply.status().message(), HasSubstr("only reads"));
  EXPECT_EQ((*client::ConnectAdministrator(options_))->Flush("books").code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(ServerWriteTest, AFullWriterIsTriedAgainAfterTheTimeThatItTells) {
  std::atomic<int> tries = 0;
  writer_->on_write = [&](const auto&) {
    return ++tries < 3 ? absl::ResourceExhaustedError("the buffer is full") : absl::OkStatus();
  };
  Start();
  v1::WriteDocumentsRequest request;
  request.set_collection("books");
  request.add_writes()->mutable_put()->set_id("d1");
  v1::WriteDocumentsResponse response;
  grpc::ClientContext context;
  EXPECT_EQ(stub_->WriteDocuments(&context, request, &response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  const auto& trailing = context.GetServerTrailingMetadata();
  ASSERT_EQ(trailing.count("retry-after-ms"), 1u);
  EXPECT_EQ(trailing.find("retry-after-ms")->second, "20");
  EXPECT_TRUE((*client::ConnectWriter(options_))->Write(Batch("d1")).ok());
  EXPECT_EQ(tries, 3);
}

// ---- streams ----

TEST_F(ServerWriteTest, AStreamAnswersEachBatchInItsOrder) {
  Start();
  std::vector<uint64_t> sequences;
  auto bulk = client::BulkWriter::Connect(options_, 0, [&](const retrieval::WriteReply& reply) {
    sequences.push_back(reply.sequence);
    return absl::OkStatus();
  });
  ASSERT_TRUE(bulk.ok()) << bulk.status();
  std::vector<std::string> ids;
  std::vector<uint64_t> expected;
  for (int i = 0; i < 50; ++i) {
    ids.push_back("d" + std::to_string(i));
    expected.push_back(static_cast<uint64_t>(i) + 1);
    // Only the first batch names the collection.
    ASSERT_TRUE((*bulk)->Write(Batch(ids.back(), i == 0 ? "books" : "")).ok());
  }
  ASSERT_TRUE((*bulk)->Finish().ok());
  EXPECT_EQ(WrittenIds(), ids);
  EXPECT_EQ(sequences, expected);
  for (const auto& request : writer_->writes()) EXPECT_EQ(request.collection, "books");
}

TEST_F(ServerWriteTest, AStreamWaitsWhileTheWriterIsFull) {
  std::atomic<int> refusals = 5;
  writer_->on_write = [&](const auto&) {
    return refusals-- > 0 ? absl::ResourceExhaustedError("the buffer is full") : absl::OkStatus();
  };
  Start();
  grpc::ClientContext context;
  const auto stream = stub_->StreamDocuments(&context);
  v1::WriteDocumentsRequest request;
  request.set_collection("books");
  request.add_writes()->mutable_put()->set_id("d1");
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->WritesDone());
  v1::WriteDocumentsResponse response;
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(writer_->writes().size(), 1u);
}

TEST_F(ServerWriteTest, ABatchThatIsRefusedEndsTheStreamAfterTheOnesBefore) {
  Start();
  grpc::ClientContext context;
  const auto stream = stub_->StreamDocuments(&context);
  v1::WriteDocumentsRequest good, bad;
  good.set_collection("books");
  good.add_writes()->mutable_put()->set_id("d1");
  bad.add_writes();
  ASSERT_TRUE(stream->Write(good));
  ASSERT_TRUE(stream->Write(bad));
  v1::WriteDocumentsResponse response;
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_FALSE(stream->Read(&response));
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("writes[0]: expected one of put"));
}

TEST_F(ServerWriteTest, BatchesThatArriveWhileAStreamFailsAreNotBegun) {
  std::atomic<int> late = 0;
  writer_->on_write = [&](const retrieval::WriteRequest& request) {
    if (request.request_id != "first") ++late;
    return absl::FailedPreconditionError("no");
  };
  Start();
  v1::WriteDocumentsRequest request;
  request.set_collection("books");
  request.add_writes()->mutable_put()->set_id("d1");
  for (int i = 0; i < 500; ++i) {  // each has its chance to fail with a read under way
    grpc::ClientContext context;
    const auto stream = stub_->StreamDocuments(&context);
    request.set_request_id("first");
    ASSERT_TRUE(stream->Write(request));
    request.set_request_id("late");
    for (int j = 0; j < 3; ++j) stream->Write(request);
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  }
  server_->Stop();
  EXPECT_EQ(late, 0);
}

TEST_F(ServerWriteTest, AClientThatGoesAwayEndsItsStream) {
  absl::Notification release, running;
  writer_->on_write = [&](const auto&) {
    if (!running.HasBeenNotified()) running.Notify();
    release.WaitForNotification();
    return absl::OkStatus();
  };
  Start();
  {
    grpc::ClientContext context;
    const auto stream = stub_->StreamDocuments(&context);
    v1::WriteDocumentsRequest request;
    request.set_collection("books");
    request.add_writes()->mutable_put()->set_id("d1");
    for (int i = 0; i < 3; ++i) stream->Write(request);
    running.WaitForNotification();
    context.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  // The client leaves before the server knows. What comes behind that on the connection is answered
  // after it.
  for (int i = 0; i < 10; ++i) {
    grpc::ClientContext context;
    v1::Collection collection;
    v1::GetCollectionRequest request;
    request.set_collection("books");
    EXPECT_TRUE(stub_->GetCollection(&context, request, &collection).ok());
  }
  release.Notify();
  server_->Stop();  // returns: nothing of the stream is left
  EXPECT_EQ(writer_->writes().size(), 1u) << "batches that had not begun are dropped";
}

TEST_F(ServerWriteTest, TheServerReadsNoMoreThanItCanHold) {
  constexpr int kBatches = 64;
  absl::Notification release;
  writer_->on_write = [&](const auto&) {
    release.WaitForNotification();
    return absl::OkStatus();
  };
  Start();
  grpc::ClientContext context;
  const auto stream = stub_->StreamDocuments(&context);
  v1::WriteDocumentsRequest request;
  request.set_collection("books");
  request.add_writes()->mutable_put()->set_text(std::string(1 << 20, 'x'));
  std::atomic<int> sent = 0;
  std::thread sender([&] {
    for (int i = 0; i < kBatches; ++i) {
      if (stream->Write(request)) ++sent;
    }
    stream->WritesDone();
  });
  absl::SleepFor(absl::Milliseconds(300));
  EXPECT_LT(sent, 40) << "held back by flow control, whose window may have grown to 16 MiB";
  release.Notify();
  v1::WriteDocumentsResponse response;
  int replies = 0;
  while (stream->Read(&response)) ++replies;
  sender.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(replies, kBatches);
}

TEST_F(ServerWriteTest, BulkLoadsGoOnWithTheServerThatComesBack) {
  Start();
  const std::string address = server_->grpc_address();
  std::atomic<size_t> replies = 0;
  auto bulk = client::BulkWriter::Connect(options_, 0, [&](const retrieval::WriteReply&) {
    ++replies;
    return absl::OkStatus();
  });
  ASSERT_TRUE(bulk.ok()) << bulk.status();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE((*bulk)->Write(Batch("d" + std::to_string(i))).ok());
  server_->Stop();
  server_ = nullptr;
  settings_.listen = address;
  auto again = Server::Start(settings_, retrieval::RequestLimits(), log_);
  ASSERT_TRUE(again.ok()) << again.status();
  (*again)->Open({searcher_, writer_, administrator_}, [](ServerGauges&) {});
  for (int i = 10; i < 20; ++i) ASSERT_TRUE((*bulk)->Write(Batch("d" + std::to_string(i))).ok());
  ASSERT_TRUE((*bulk)->Finish().ok());
  EXPECT_EQ(replies, 20u);
}

TEST_F(ServerWriteTest, ACancelledRebuildStops) {
  absl::Notification stopped;
  administrator_->on_rebuild = [&](const retrieval::OnProgress& show,
                                   const std::atomic<bool>& cancel) {
    show({"encoding", 1, 100});
    while (!cancel) absl::SleepFor(absl::Milliseconds(5));
    stopped.Notify();
    return absl::CancelledError("stopped");
  };
  Start();
  grpc::ClientContext context;
  v1::RebuildCollectionRequest request;
  request.set_alias("a");
  request.set_new_collection("b");
  const auto stream = stub_->RebuildCollection(&context, request);
  v1::RebuildProgress progress;
  ASSERT_TRUE(stream->Read(&progress));
  EXPECT_EQ(progress.stage(), "encoding");
  EXPECT_EQ(progress.total(), 100u);
  context.TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  stopped.WaitForNotification();
}

TEST_F(ServerWriteTest, SearchesDoNotWaitForWrites) {
  absl::Notification release;
  writer_->on_write = [&](const auto&) {
    release.WaitForNotification();
    return absl::OkStatus();
  };
  settings_.threads = 1;
  settings_.write_threads = 1;
  Start();
  std::thread writing(
      [&] { EXPECT_TRUE((*client::ConnectWriter(options_))->Write(Batch("d1")).ok()); });
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
  v1::GetCollectionRequest request;
  request.set_collection("books");
  v1::Collection collection;
  EXPECT_TRUE(stub_->GetCollection(&context, request, &collection).ok());
  release.Notify();
  writing.join();
}

// ---- HTTP and metrics ----

TEST_F(ServerWriteTest, TheGatewayWritesAndDeletes) {
  Start();
  httplib::Client http = Http();
  const auto put =
      http.Put("/v1/collections/books/documents/a%2Fb", R"({"title": "T"})", "application/json");
  ASSERT_EQ(put->status, 200) << put->body;
  EXPECT_EQ(nlohmann::json::parse(put->body)["version"], "1");
  EXPECT_EQ(http.Delete("/v1/collections/books/documents/a%2Fb")->status, 200);
  const auto batch = http.Post("/v1/collections/books/documents:write",
                               R"({"writes": [{"deleteId": "x"}]})", "application/json");
  ASSERT_EQ(batch->status, 200) << batch->body;
  EXPECT_EQ(nlohmann::json::parse(batch->body)["sequence"], "3");
  const auto filtered =
      http.Post("/v1/collections/books/documents:delete",
                R"({"filter": {"exists": {"field": "old"}}})", "application/json");
  EXPECT_EQ(nlohmann::json::parse(filtered->body)["deletedCount"], "7");
  EXPECT_EQ(std::get<retrieval::PutRequest>(writer_->writes()[0].writes[0].change).id, "a/b");
  const auto unknown =
      http.Put("/v1/collections/books/documents/d", R"({"titel": "T"})", "application/json");
  EXPECT_EQ(unknown->status, 400);
  EXPECT_THAT(unknown->body, HasSubstr("titel"));
}

TEST_F(ServerWriteTest, TheGatewayAdministers) {
  Start();
  httplib::Client http = Http();
  const auto post = [&http](const char* path, const char* body) {
    return http.Post(path, body, "application/json")->status;
  };
  EXPECT_EQ(post("/v1/collections", R"({"collection": "books"})"), 200);
  EXPECT_EQ(post("/v1/collections/books:flush", ""), 200);
  EXPECT_EQ(post("/v1/collections/books:update", R"({"settings": {"a.b": "1"}})"), 200);
  EXPECT_EQ(post("/v1/aliases/b:set", R"({"collection": "books"})"), 200);
  EXPECT_EQ(post("/v1/collections/books/snapshots/s:create", ""), 200);
  EXPECT_EQ(post("/v1/collections/books/snapshots/s:restore", ""), 200);
  EXPECT_EQ(http.Delete("/v1/collections/books")->status, 200);
  EXPECT_THAT(administrator_->calls(),
              ElementsAre("create books bm25", "flush books", "set books a.b 1", "alias b books",
                          "snapshot books s", "restore books s", "drop books"));
}

TEST_F(ServerWriteTest, MetricsTellOfWrites) {
  Start();
  ASSERT_TRUE((*client::ConnectWriter(options_))->Write(Batch("d1")).ok());
  const std::string text = Http().Get("/metrics")->body;
  for (const char* line :
       {"foraker_writes_total{code=\"OK\"} 1", "foraker_buffer_bytes{collection=\"books\"} 4096",
        "foraker_flushes_total{collection=\"books\"} 3",
        "foraker_background_error{collection=\"books\"} 0",
        "foraker_requests_total{code=\"OK\",method=\"WriteDocuments\"} 1"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

}  // namespace
}  // namespace foraker::server
