#include "services/server/server.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "services/config/address.h"
#include "services/http/gateway.h"
#include "services/http/http_server.h"
#include "services/server/apis.h"
#include "services/server/data_slot.h"
#include "services/server/grpc_server.h"
#include "services/server/worker_pool.h"

namespace foraker::server {
namespace {

// How long callers of a server that stops are told so, at least.
constexpr absl::Duration kFarewell = absl::Milliseconds(100);
// How long its last replies may take to leave.
constexpr absl::Duration kFlush = absl::Seconds(1);

// Calls that change collections as wholes: some take hours, most wait for files.
constexpr size_t kAdminThreads = 8;
constexpr size_t kAdminQueue = 64;

// 0: one a processor.
size_t Threads(uint32_t given) {
  return given > 0 ? given : std::max<size_t>(std::thread::hardware_concurrency(), 1);
}

class RealServer final : public Server {
 public:
  RealServer(const config::Settings& settings, const retrieval::RequestLimits& limits,
             const Log& log)
      : settings_(settings),
        pool_(Threads(settings.threads), settings.queue),
        write_pool_(Threads(settings.write_threads), settings.queue),
        admin_pool_(kAdminThreads, kAdminQueue),
        runner_(pool_, metrics_, log,
                {settings.max_call, settings.slow_query, settings.log_query_text}),
        // What writes is not a query, however long it takes.
        write_runner_(write_pool_, metrics_, log, {.slow_query = absl::ZeroDuration()}),
        admin_runner_(admin_pool_, metrics_, log, {.slow_query = absl::ZeroDuration()}),
        search_(slot_, pool_, metrics_, limits),
        index_(slot_, limits),
        write_(slot_, metrics_, limits),
        admin_(slot_, limits) {}
  ~RealServer() override { Stop(); }

  absl::Status Bind() {
    ASSIGN_OR_RETURN(grpc_listen_, config::ParseAddress(settings_.listen));
    const Apis apis = {search_, index_, write_, admin_};
    const Runners runners = {runner_, write_runner_, admin_runner_};
    ASSIGN_OR_RETURN(grpc_,
                     GrpcServer::Start({grpc_listen_, settings_.max_message_mib}, apis, runners));
    grpc_listen_.port = grpc_->port();
    if (settings_.http_listen.empty()) return absl::OkStatus();
    http::HttpServer::Options options;
    ASSIGN_OR_RETURN(options.listen, config::ParseAddress(settings_.http_listen));
    options.max_body_bytes = static_cast<size_t>(settings_.max_message_mib) << 20;
    options.metrics = [this] { return metrics_.Render(Gauges()); };
    options.ready = [this] { return ready_.load(); };
    http_listen_ = options.listen;
    ASSIGN_OR_RETURN(
        http_, http::HttpServer::Start(std::move(options), http::GatewayRoutes(apis, runners)));
    http_listen_.port = http_->port();
    return absl::OkStatus();
  }

  std::string grpc_address() const override { return config::FormatAddress(grpc_listen_); }
  std::string http_address() const override {
    return http_ == nullptr ? "" : config::FormatAddress(http_listen_);
  }

  void Open(ServedData data, std::function<void(ServerGauges&)> gauges) override {
    {
      absl::MutexLock lock(&gauges_mutex_);
      gauges_ = std::move(gauges);
    }
    slot_.Set(std::move(data));
    grpc_->SetServing(true);
    ready_ = true;
  }

  // Callers hear kUnavailable, which they know to retry elsewhere, before the listener goes: gRPC
  // itself answers calls that meet its shutdown with kCancelled. HTTP goes last, so that probes see
  // "not ready" while calls end.
  void Stop() override {
    ready_ = false;
    if (grpc_ != nullptr) {
      const absl::Time begun = absl::Now();
      grpc_->SetServing(false);
      for (CallRunner* runner : {&runner_, &write_runner_, &admin_runner_}) runner->RefuseNew();
      for (const WorkerPool* pool : {&pool_, &write_pool_}) {
        pool->AwaitIdle(begun + settings_.drain - absl::Now());
      }
      absl::SleepFor(begun + kFarewell - absl::Now());
      // What is left are replies on their way, rebuilds, which are cancelled, and streams of health
      // and reflection that never end.
      grpc_->Shutdown(std::min(kFlush, begun + settings_.drain - absl::Now()));
      grpc_ = nullptr;
    }
    if (http_ != nullptr) {
      http_->Stop();
      http_ = nullptr;
    }
  }

 private:
  ServerGauges Gauges() {
    ServerGauges gauges;
    gauges.queued = pool_.queued();
    gauges.running = pool_.running();
    gauges.ready = ready_;
    const auto searcher = slot_.Searcher();
    if (!searcher.ok()) return gauges;
    if (auto collections = (*searcher)->Collections(); collections.ok()) {
      gauges.collections = *std::move(collections);
    }
    absl::MutexLock lock(&gauges_mutex_);
    if (gauges_) gauges_(gauges);
    return gauges;
  }

  const config::Settings settings_;
  std::atomic<bool> ready_ = false;
  Metrics metrics_;
  DataSlot slot_;
  WorkerPool pool_, write_pool_, admin_pool_;
  CallRunner runner_, write_runner_, admin_runner_;
  SearchApi search_;
  IndexApi index_;
  WriteApi write_;
  AdminApi admin_;
  absl::Mutex gauges_mutex_;
  std::function<void(ServerGauges&)> gauges_ ABSL_GUARDED_BY(gauges_mutex_);
  config::Address grpc_listen_, http_listen_;
  std::unique_ptr<GrpcServer> grpc_;
  std::unique_ptr<http::HttpServer> http_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const config::Settings& settings,
                                                      const retrieval::RequestLimits& limits,
                                                      const Log& log) {
  auto server = std::make_unique<RealServer>(settings, limits, log);
  if (absl::Status status = server->Bind(); !status.ok()) return status;
  return server;
}

}  // namespace foraker::server
