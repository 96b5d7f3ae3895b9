// One agent over a collection of this process, over searcher and reranker of a server, and behind
// the Agent service: the same steps and answers, byte for byte.

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/local_agent.h"
#include "agent/trace/trace.h"
#include "fake_reranker.h"
#include "services/client/remote_agent.h"
#include "services/client/remote_reranker.h"
#include "services/client/remote_searcher.h"
#include "services/convert/agent.h"
#include "services/server/live_data.h"
#include "services/server/server.h"
#include "tests/support/temporary_directory.h"

namespace foraker::server {
namespace {

struct Text {
  const char* id;
  const char* title;
  const char* text;
};
constexpr Text kTexts[] = {
    {"frankenstein", "Frankenstein",
     "Frankenstein is a novel by Mary Shelley. It came out in 1818."},
    {"mary", "Mary Shelley", "Mary Shelley was born in London to William Godwin."},
    {"godwin", "William Godwin", "William Godwin was a philosopher who was born in Wisbech."},
    {"wisbech", "Wisbech", "Wisbech is a town in Cambridgeshire on the River Nene."},
    {"nene", "River Nene", "The River Nene rises in Northamptonshire."},
    {"london", "London", "London is the capital of England."},
    {"dracula", "Dracula", "Dracula is a novel by Bram Stoker. It came out in 1897."},
    {"stoker", "Bram Stoker", "Bram Stoker was born in Dublin and wrote novels."},
    {"dublin", "Dublin", "Dublin is the capital of Ireland, a town on the River Liffey."},
};

class AgentRemoteTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = OpenLiveData(directory_.File("data"), {});
    ASSERT_TRUE(opened.ok()) << opened.status();
    data_ = *std::move(opened);
    ASSERT_TRUE(data_.administrator->CreateCollection({"books", "bm25", {}, {}}).ok());
    Write("a");
    server_ = StartServer({});
    options_.address = server_->grpc_address();
  }

  void Write(const std::string& kind) {
    retrieval::WriteRequest batch;
    batch.collection = "books";
    for (const Text& text : kTexts) {
      const retrieval::PutRequest put{text.id, text.title, text.text, {{"kind", {kind}}}, {}};
      batch.writes.push_back({put, {}});
    }
    const auto written = data_.writer->Write(batch);
    ASSERT_TRUE(written.ok()) << written.status();
  }

  std::unique_ptr<Server> StartServer(config::Settings settings) {
    settings.listen = settings.http_listen = "127.0.0.1:0";
    const bool ranks = settings.agent_rank_server.empty();
    if (ranks) settings.rank_model = "models/fake";
    auto server = Server::Start(settings, retrieval::RequestLimits(), log_);
    EXPECT_TRUE(server.ok()) << server.status();
    (*server)->Open({data_.searcher, data_.writer, data_.administrator}, [](ServerGauges&) {});
    v1::RankModel model;
    model.set_max_documents(500);
    if (ranks) {
      (*server)->OpenRanker({reranker_, model, [] { return ranker::SchedulerStats(); }});
    }
    return *std::move(server);
  }

  static agent::ServicesOf Always(agent::Services services) {
    return [services](const agent::AskRequest&) { return services; };
  }

  std::unique_ptr<agent::Agent> Here() {
    return agent::MakeLocalAgent(Always({data_.searcher, reranker_, nullptr}));
  }

  // Decides here; searches and ranks there, each call bound by its run.
  std::unique_ptr<agent::Agent> OverServices() {
    auto channel = client::OpenChannel(options_);
    EXPECT_TRUE(channel.ok()) << channel.status();
    return agent::MakeLocalAgent([this, channel = *channel](const agent::AskRequest& request) {
      const absl::Time end = agent::Meter(request.budget, absl::Now()).ends();
      return agent::Services{client::MakeSearcher(options_, channel, {end, request.cancelled}),
                             client::MakeReranker(options_, channel, absl::ZeroDuration()),
                             nullptr};
    });
  }

  std::unique_ptr<agent::Agent> There(const std::string& address) {
    client::ServerOptions options;
    options.address = address;
    auto agent = client::ConnectAgent(options);
    EXPECT_TRUE(agent.ok()) << agent.status();
    return *std::move(agent);
  }

  static agent::AskRequest Question() {
    agent::AskRequest request;
    request.collection = "books";
    request.question = "Where was the father of the woman who wrote Frankenstein born?";
    request.stop.mode = agent::StopMode::kNever;
    request.budget.searches = 4;
    return request;
  }

  const Log log_{LogLevel::kOff};
  const TemporaryDirectory directory_;
  const std::shared_ptr<FakeReranker> reranker_ = std::make_shared<FakeReranker>();
  LiveData data_;
  std::unique_ptr<Server> server_;
  client::ServerOptions options_;
};

// All of a run but the times that it took.
std::string Bytes(const agent::AskResult& result) {
  std::string bytes = result.trajectory.question;
  for (agent::Step step : result.trajectory.steps) {
    step.took = absl::ZeroDuration();
    v1::Step wire;
    convert::ToProto(step, result.trajectory, wire);
    absl::StrAppend(&bytes, wire.DebugString());
  }
  for (const agent::ReadPassage& passage : result.trajectory.passages) {
    absl::StrAppend(&bytes, passage.step, " ", passage.passage.document_id, "\n");
  }
  v1::AskResult wire;
  convert::ToProto(result, wire);
  wire.mutable_bill()->clear_timing();
  wire.clear_trace();
  return bytes + wire.DebugString();
}

TEST_F(AgentRemoteTest, StepsAndAnswersAreTheSameWhereverPartsAre) {
  config::Settings elsewhere;
  elsewhere.agent_search_server = elsewhere.agent_rank_server = server_->grpc_address();
  const auto front = StartServer(elsewhere);
  const std::pair<const char*, std::unique_ptr<agent::Agent>> others[] = {
      {"over a remote searcher and reranker", OverServices()},
      {"behind the Agent service", There(server_->grpc_address())},
      {"behind a service that searches on another server", There(front->grpc_address())}};
  agent::AskRequest plain = Question(), reranked = Question(), filtered = Question();
  reranked.rerank = agent::AgentRerank{6};
  filtered.filter = retrieval::Filter{};
  filtered.filter->kind = retrieval::Filter::Kind::kEquals;
  filtered.filter->field = "kind";
  filtered.filter->values = {std::string("a")};
  for (const agent::AskRequest& request : {plain, reranked, filtered}) {
    const auto here = Here()->Ask(request, {});
    ASSERT_TRUE(here.ok()) << here.status();
    ASSERT_GT(here->trajectory.passages.size(), 1u);
    ASSERT_GT(here->trajectory.steps.size(), 1u);
    for (const auto& [where, agent] : others) {
      std::vector<uint32_t> steps;
      agent::AskEvents events;
      events.on_step = [&](const agent::Step& step, const agent::Trajectory&) {
        steps.push_back(step.number);
      };
      const auto there = agent->Ask(request, events);
      ASSERT_TRUE(there.ok()) << there.status() << " " << where;
      EXPECT_EQ(Bytes(*there), Bytes(*here)) << where;
      EXPECT_EQ(steps.size(), here->trajectory.steps.size()) << where;
    }
  }
}

TEST_F(AgentRemoteTest, ATraceThatCameOverTheWireReplays) {
  agent::AskRequest request = Question();
  request.want_trace = true;
  const auto asked = There(server_->grpc_address())->Ask(request, {});
  ASSERT_TRUE(asked.ok()) << asked.status();
  const auto replayed = agent::ReplayTrace(asked->trace, agent::AgentOptions(), {});
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_EQ(Bytes(*replayed), Bytes(*asked));
}

TEST_F(AgentRemoteTest, APinnedSnapshotIsReadWhateverIsWrittenMeanwhile) {
  const auto pin = data_.searcher->Pin("books", absl::Minutes(1));
  ASSERT_TRUE(pin.ok()) << pin.status();
  agent::AskRequest request = Question();
  request.snapshot = pin->token;
  const auto agent = There(server_->grpc_address());
  const auto before = agent->Ask(request, {});
  ASSERT_TRUE(before.ok()) << before.status();
  Write("b");
  retrieval::WriteRequest more;
  more.collection = "books";
  more.writes.push_back(
      {retrieval::PutRequest{"x", "Frankenstein", "Frankenstein was born.", {}, {}}, {}});
  ASSERT_TRUE(data_.writer->Write(more).ok());
  const auto after = agent->Ask(request, {});
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(Bytes(*after), Bytes(*before));
  EXPECT_EQ(data_.searcher->Gauges().leases, 1u) << "the caller's own";
  ASSERT_TRUE(data_.searcher->Release(pin->token).ok());
  EXPECT_EQ(agent->Ask(request, {}).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(AgentRemoteTest, NoSnapshotIsLeftBehind) {
  ASSERT_TRUE(OverServices()->Ask(Question(), {}).ok());
  // Nobody waits for the release.
  const absl::Time end = absl::Now() + absl::Seconds(30);
  while (data_.searcher->Gauges().leases > 0 && absl::Now() < end) {
    absl::SleepFor(absl::Milliseconds(1));
  }
  EXPECT_EQ(data_.searcher->Gauges().leases, 0u);
}

TEST_F(AgentRemoteTest, CallsToAServerEndWithTheirRun) {
  auto channel = client::OpenChannel(options_);
  ASSERT_TRUE(channel.ok());
  const absl::Time past = absl::Now() - absl::Seconds(1);
  const auto late = client::MakeSearcher(options_, *channel, {past, nullptr});
  EXPECT_EQ(late->Analyze("books", "", "lens").status().code(),
            absl::StatusCode::kDeadlineExceeded);
  reranker_->on_rank =
      [](const retrieval::RankRequest& request) -> absl::StatusOr<retrieval::RankResult> {
    while (!request.options.cancelled()) absl::SleepFor(absl::Milliseconds(1));
    return absl::CancelledError("nobody wants it");
  };
  agent::AskRequest request = Question();
  request.rerank = agent::AgentRerank{6};
  request.cancelled = [this] { return !reranker_->requests().empty(); };
  EXPECT_EQ(OverServices()->Ask(request, {}).status().code(), absl::StatusCode::kCancelled);
}

TEST_F(AgentRemoteTest, AServerThatIsAwayIsNamedBySetting) {
  config::Settings elsewhere;
  elsewhere.agent_search_server = "127.0.0.1:1";
  const auto front = StartServer(elsewhere);
  client::ServerOptions options;
  options.address = front->grpc_address();
  const auto agent = client::ConnectAgent(options, absl::ZeroDuration());
  ASSERT_TRUE(agent.ok());
  const auto asked = (*agent)->Ask(Question(), {});
  EXPECT_EQ(asked.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(asked.status().message()),
              testing::HasSubstr("agent.search_server: cannot reach 127.0.0.1:1"));
}

}  // namespace
}  // namespace foraker::server
