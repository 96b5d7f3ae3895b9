// What a search costs over gRPC beside the engine alone, on one machine.
//
//   foraker serve --data DIR --read-only &
//   service_bench --data DIR -c NAME --queries FILE --server 127.0.0.1:7411 --pid $!
//
// Opens the data directory itself and times every query three ways, in rounds that take the ways in
// turn: the engine (query building and top-k), a search in this process with what the reply holds,
// and the same search through the server, by one client. A query's time is the median of the
// rounds.
//
// Then closed loops, by turns: threads that run the engine here, a processor each, and clients that
// keep the server busy. Clients and server share the processors there, so the processor time that
// each spent on a query is stated too: the engine's divided by the server's is the throughput that
// the server reaches, of the engine's, when its clients run elsewhere.

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "bench/closed_loop.h"
#include "foraker/v1/search.grpc.pb.h"
#include "index/query/top_k.h"
#include "retrieval/collection_view.h"
#include "retrieval/encoder_store.h"
#include "retrieval/local_searcher.h"
#include "retrieval/search_run.h"
#include "services/cli/latency.h"
#include "services/cli/query_file.h"
#include "services/convert/search_request.h"

namespace foraker::bench {
namespace {

using cli::Latency;
using Clock = std::chrono::steady_clock;

struct Arguments {
  std::string data, collection, queries, server;
  uint32_t rounds = 9;   // of the timing, after one that warms up
  uint32_t clients = 8;  // of the closed loop
  uint32_t turns = 3;    // of the closed loops
  double seconds = 3;    // of a closed loop
  int pid = 0;           // of the server; 0: its processor time is not known
};

double Micros(Clock::time_point from) {
  return std::chrono::duration<double, std::micro>(Clock::now() - from).count();
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// Of this process so far.
double OwnProcessorSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
}

// Of another: fields 14 and 15 of its stat, in ticks; the name, which may hold spaces, ends with a
// parenthesis before field 3. 0 where there is none.
double ProcessorSeconds(int pid) {
  std::ifstream stat(absl::StrFormat("/proc/%d/stat", pid));
  std::string line;
  std::getline(stat, line);
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// What a reply holds.
struct Parts {
  const char* name;
  bool documents;  // titles, texts and fields, else ids and scores
};
constexpr std::array<Parts, 2> kParts = {
    {{"ids and scores", false}, {"titles, texts and fields", true}}};

class Bench {
 public:
  static absl::StatusOr<std::unique_ptr<Bench>> Open(const Arguments& arguments) {
    auto bench = std::make_unique<Bench>();
    bench->arguments_ = arguments;
    ASSIGN_OR_RETURN(bench->queries_, cli::ReadQueries(arguments.queries));
    ASSIGN_OR_RETURN(std::shared_ptr<index::Catalog> catalog,
                     index::Catalog::Open(arguments.data, index::OpenMode::kRead));
    ASSIGN_OR_RETURN(auto snapshot, catalog->Current(arguments.collection));
    ASSIGN_OR_RETURN(bench->view_, retrieval::OpenView(
                                       std::move(snapshot), nullptr,
                                       std::make_shared<retrieval::EncoderStore>(arguments.data)));
    ASSIGN_OR_RETURN(bench->local_, retrieval::LocalSearcher::Open(std::move(catalog), {}));
    const auto channel = grpc::CreateChannel(arguments.server, grpc::InsecureChannelCredentials());
    bench->stub_ = v1::Search::NewStub(channel);
    bench->generic_ = std::make_unique<grpc::GenericStub>(channel);
    return bench;
  }

  absl::Status Run() const {
    std::printf("%zu queries, %u rounds; %u processors\n", queries_.size(), arguments_.rounds,
                Processors());
    for (const Parts& parts : kParts) RETURN_IF_ERROR(CompareTimes(parts));
    for (const Parts& parts : kParts) RETURN_IF_ERROR(CompareThroughput(parts));
    return absl::OkStatus();
  }

 private:
  static constexpr size_t kWays = 4;
  using Search = std::function<absl::Status(size_t query)>;
  using Runs = std::array<std::vector<Latency>, kWays>;  // way, query

  static unsigned Processors() { return std::max(1U, std::thread::hardware_concurrency()); }

  retrieval::SearchRequest Request(size_t query, const Parts& parts) const {
    retrieval::SearchRequest request;
    request.collection = arguments_.collection;
    request.query = queries_[query].query;
    request.with_title = request.with_text = request.with_fields = parts.documents;
    return request;
  }

  std::vector<v1::SearchRequest> WireRequests(const Parts& parts) const {
    std::vector<v1::SearchRequest> requests(queries_.size());
    for (size_t i = 0; i < queries_.size(); ++i) {
      convert::ToProto(Request(i, parts), absl::Now(), requests[i]);
    }
    return requests;
  }

  absl::Status SearchEngine(size_t query) const {
    ASSIGN_OR_RETURN(const retrieval::BuiltQuery built,
                     retrieval::BuildQuery(*view_, queries_[query].query));
    return index::TopK(*view_->snapshot, built.vector, index::SearchOptions()).status();
  }

  absl::Status CallForNothing() const {
    const grpc::Slice nothing;
    const grpc::ByteBuffer request(&nothing, 1);
    grpc::ClientContext context;
    grpc::ByteBuffer reply;
    grpc::Status status;
    grpc::CompletionQueue queue;
    const auto call =
        generic_->PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", request, &queue);
    call->StartCall();
    call->Finish(&reply, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    return status.ok() ? absl::OkStatus() : absl::InternalError(status.error_message());
  }

  absl::Status CompareTimes(const Parts& parts) const {
    const std::vector<v1::SearchRequest> requests = WireRequests(parts);
    const std::array<Search, kWays> ways = {
        [&](size_t query) { return SearchEngine(query); },
        [&](size_t query) { return local_->Search(Request(query, parts)).status(); },
        [&](size_t query) {
          grpc::ClientContext context;
          v1::SearchResponse response;
          const grpc::Status status = stub_->Search(&context, requests[query], &response);
          return status.ok() ? absl::OkStatus() : absl::InternalError(status.error_message());
        },
        [&](size_t) { return CallForNothing(); }};
    Runs runs;
    runs.fill(std::vector<Latency>(queries_.size()));
    for (uint32_t round = 0; round <= arguments_.rounds; ++round) {
      for (size_t turn = 0; turn < ways.size(); ++turn) {
        const size_t way = (turn + round) % ways.size();
        for (size_t query = 0; query < queries_.size(); ++query) {
          const Clock::time_point start = Clock::now();
          RETURN_IF_ERROR(ways[way](query));
          if (round > 0) runs[way][query].Add(Micros(start));
        }
      }
    }
    PrintTimes(parts, runs);
    return absl::OkStatus();
  }

  static void PrintTimes(const Parts& parts, const Runs& runs) {
    Latency engine, search, call, over_engine, over_search, empty;
    for (size_t query = 0; query < runs[0].size(); ++query) {
      const double engine_us = runs[0][query].Percentile(50);
      const double search_us = runs[1][query].Percentile(50);
      const double call_us = runs[2][query].Percentile(50);
      engine.Add(engine_us);
      search.Add(search_us);
      call.Add(call_us);
      over_engine.Add(call_us - engine_us);
      over_search.Add(call_us - search_us);
      empty.Add(runs[3][query].Percentile(50));
    }
    std::printf("\n%s\n%-34s %8s %8s %8s\n", parts.name, "us", "mean", "p50", "p99");
    const auto line = [](const char* name, const Latency& times) {
      std::printf("%-34s %8.0f %8.0f %8.0f\n", name, times.mean(), times.Percentile(50),
                  times.Percentile(99));
    };
    line("engine: build the query, top-k", engine);
    line("search in this process", search);
    line("search over gRPC", call);
    line("over gRPC less engine", over_engine);
    line("over gRPC less search", over_search);
    line("an empty call (health check)", empty);
  }

  absl::Status CompareThroughput(const Parts& parts) const {
    const std::vector<v1::SearchRequest> requests = WireRequests(parts);
    std::printf("\n%s, closed loops: %u threads, %u clients\n", parts.name, Processors(),
                arguments_.clients);
    for (uint32_t turn = 0; turn < arguments_.turns; ++turn) {
      const double own_before = OwnProcessorSeconds();
      const LoopResult engine = RunEngine();
      const double engine_us =
          (OwnProcessorSeconds() - own_before) * 1e6 / static_cast<double>(engine.calls);
      const double before = ProcessorSeconds(arguments_.pid);
      ASSIGN_OR_RETURN(const LoopResult server,
                       RunClosedLoop(arguments_.server, arguments_.clients, requests,
                                     absl::Seconds(arguments_.seconds)));
      const double server_us =
          (ProcessorSeconds(arguments_.pid) - before) * 1e6 / static_cast<double>(server.calls);
      std::printf("engine %.0f/s, %.1f us of processor a query; server %.0f/s (%.2f)",
                  engine.calls_per_second, engine_us, server.calls_per_second,
                  server.calls_per_second / engine.calls_per_second);
      if (server_us > 0) std::printf(", %.1f us (%.2f)", server_us, engine_us / server_us);
      std::printf("\n");
    }
    return absl::OkStatus();
  }

  LoopResult RunEngine() const {
    std::atomic<uint64_t> calls = 0;
    const Clock::time_point start = Clock::now();
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < Processors(); ++t) {
      threads.emplace_back([&, t] {
        for (size_t i = t; Micros(start) < arguments_.seconds * 1e6; ++i) {
          if (SearchEngine(i * 7919 % queries_.size()).ok()) ++calls;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    return {.calls = calls, .calls_per_second = static_cast<double>(calls) * 1e6 / Micros(start)};
  }

  Arguments arguments_;
  std::vector<cli::NamedQuery> queries_;
  std::shared_ptr<const retrieval::CollectionView> view_;
  std::unique_ptr<retrieval::LocalSearcher> local_;
  std::unique_ptr<v1::Search::Stub> stub_;
  std::unique_ptr<grpc::GenericStub> generic_;
};

int Main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("What a search costs over gRPC beside the engine alone");
  app.add_option("--data", arguments.data, "Data directory")->required();
  app.add_option("-c,--collection", arguments.collection, "Collection")->required();
  app.add_option("--queries", arguments.queries, "JSON lines of queries")->required();
  app.add_option("--server", arguments.server, "HOST:PORT of a server on it")->required();
  app.add_option("--pid", arguments.pid, "Of the server, for its processor time");
  app.add_option("--rounds", arguments.rounds, "Rounds of the timing")->capture_default_str();
  app.add_option("--clients", arguments.clients, "Of the closed loop")->capture_default_str();
  app.add_option("--turns", arguments.turns, "Of the closed loops")->capture_default_str();
  app.add_option("--seconds", arguments.seconds, "Of a closed loop")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const auto bench = Bench::Open(arguments);
  const absl::Status status = bench.ok() ? (*bench)->Run() : bench.status();
  if (status.ok()) return 0;
  std::fprintf(stderr, "service_bench: %s\n", status.ToString().c_str());
  return 1;
}

}  // namespace
}  // namespace foraker::bench

int main(int argc, char** argv) { return foraker::bench::Main(argc, argv); }
