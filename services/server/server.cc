#include "services/server/server.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "retrieval/reranked_searcher.h"
#include "services/auth/authenticator.h"
#include "services/auth/tls.h"
#include "services/config/address.h"
#include "services/http/compatible_routes.h"
#include "services/http/gateway.h"
#include "services/http/http_server.h"
#include "services/server/admission.h"
#include "services/server/agent_backends.h"
#include "services/server/apis.h"
#include "services/server/audit_log.h"
#include "services/server/data_slot.h"
#include "services/server/grpc_server.h"
#include "services/server/worker_pool.h"

namespace foraker::server {
namespace {

// How long callers of a server that stops are told so, at least.
constexpr absl::Duration kFarewell = absl::Milliseconds(100);
// How long refused callers gather, each waiting for its answer, before the listener goes; and how
// long it takes to tell their connections so.
constexpr absl::Duration kGathering = absl::Milliseconds(50);
constexpr absl::Duration kGoAway = absl::Milliseconds(30);
// How long its last replies may take to leave.
constexpr absl::Duration kFlush = absl::Seconds(1);

// Calls that change collections as wholes: some take hours, most wait for files.
constexpr size_t kAdminThreads = 8;
constexpr size_t kAdminQueue = 64;

// 0: one a processor.
size_t Threads(uint32_t given) {
  return given > 0 ? given : std::max<size_t>(std::thread::hardware_concurrency(), 1);
}

// What is read from files before the server binds.
struct Guards {
  std::unique_ptr<auth::Authenticator> authenticator;
  std::unique_ptr<auth::TlsContext> tls;  // null: plain text
  std::unique_ptr<AuditLog> audit;
};

absl::StatusOr<Guards> OpenGuards(const config::Settings& settings, const Log& log) {
  Guards guards;
  ASSIGN_OR_RETURN(guards.authenticator,
                   auth::Authenticator::Open({settings.keys_file, settings.api_key}));
  const auth::TlsFiles files = {settings.tls_cert, settings.tls_key, settings.tls_client_ca};
  if (files.enabled()) {
    ASSIGN_OR_RETURN(guards.tls, auth::TlsContext::Load(files));
  }
  ASSIGN_OR_RETURN(guards.audit, AuditLog::Open(settings.audit_file, log));
  return guards;
}

// gRPC takes calls in on half as many threads as there are processors, 2 to 16 (1.51). One of them
// always stays free for it while short searches run on the others.
size_t Guests() { return std::clamp<size_t>(std::thread::hardware_concurrency() / 2, 2, 16) - 1; }

// Searches are let in only if their turn comes soon. Writes may wait: their streams want it so.
WorkerPool::Options SearchPool(const config::Settings& settings) {
  return {.threads = Threads(settings.threads),
          .places = settings.queue,
          .bytes = size_t{settings.queue_mib} << 20,
          .max_wait = settings.max_wait,
          .guests = Guests()};
}

WorkerPool::Options WritePool(const config::Settings& settings) {
  WorkerPool::Options options = SearchPool(settings);
  options.threads = Threads(settings.write_threads);
  options.max_wait = absl::InfiniteDuration();
  options.guests = 0;  // they wait for the disk
  return options;
}

// Calls that wait for the model that ranks. There are many, since they sleep: the model's own
// queue, which knows what lists cost, is to see them all and takes turns among their callers.
constexpr size_t kRankThreads = 64;

WorkerPool::Options RankPool(const config::Settings& settings) {
  WorkerPool::Options options = SearchPool(settings);
  options.threads = settings.rank_model.empty() ? 1 : kRankThreads;
  options.max_wait = absl::InfiniteDuration();  // the model's queue says when it is too long
  options.guests = 0;
  return options;
}

// Runs of the agent: they wait for models, and search on their own threads.
WorkerPool::Options AgentPool(const config::Settings& settings) {
  WorkerPool::Options options = SearchPool(settings);
  options.threads = settings.agent_threads;
  options.places = settings.agent_queue;
  options.max_wait = absl::InfiniteDuration();  // the queue's length and deadlines bound it
  options.guests = 0;
  return options;
}

constexpr WorkerPool::Options kAdminPool = {
    .threads = kAdminThreads, .places = kAdminQueue, .max_wait = absl::InfiniteDuration()};

class RealServer final : public Server {
 public:
  RealServer(const config::Settings& settings, const retrieval::RequestLimits& limits,
             const Log& log, Guards guards, AgentSetup agent)
      : settings_(settings),
        log_(log),
        guards_(std::move(guards)),
        admission_(*guards_.authenticator, [this](std::string_view name) { return Resolve(name); }),
        ranker_(!settings.rank_model.empty()),
        pool_(SearchPool(settings)),
        write_pool_(WritePool(settings)),
        admin_pool_(kAdminPool),
        rank_pool_(RankPool(settings)),
        agent_pool_(AgentPool(settings)),
        runner_(pool_, metrics_, log, ReadOptions()),
        write_runner_(write_pool_, metrics_, log, ChangeOptions()),
        admin_runner_(admin_pool_, metrics_, log, ChangeOptions()),
        rank_runner_(rank_pool_, metrics_, log, RankingOptions()),
        agent_runner_(agent_pool_, metrics_, log, AgentOptions()),
        search_(slot_, ranker_, pool_, metrics_, limits),
        index_(slot_, limits),
        write_(slot_, metrics_, limits),
        admin_(slot_, limits),
        rank_(slot_, ranker_, metrics_),
        agent_backends_(settings_, slot_, ranker_, metrics_, std::move(agent.chat)),
        agent_(agent_backends_, metrics_, std::move(agent.options), limits) {}
  ~RealServer() override { Stop(); }

  absl::Status Bind() {
    ASSIGN_OR_RETURN(grpc_listen_, config::ParseAddress(settings_.listen));
    const Apis apis = {search_, index_, write_, admin_, rank_, agent_};
    const Runners runners = {runner_, write_runner_, admin_runner_, rank_runner_, agent_runner_};
    const auth::TlsFiles tls = guards_.tls == nullptr ? auth::TlsFiles() : guards_.tls->files();
    ASSIGN_OR_RETURN(
        grpc_, GrpcServer::Start({grpc_listen_, settings_.max_message_mib, tls}, apis, runners));
    grpc_listen_.port = grpc_->port();
    if (settings_.http_listen.empty()) return absl::OkStatus();
    http::HttpServer::Options options;
    ASSIGN_OR_RETURN(options.listen, config::ParseAddress(settings_.http_listen));
    options.max_body_bytes = static_cast<size_t>(settings_.max_message_mib) << 20;
    options.metrics = [this] { return metrics_.Render(Gauges()); };
    options.ready = [this] { return ready_.load(); };
    options.tls = guards_.tls.get();
    if (!settings_.open_metrics && !config::IsLoopback(options.listen)) {
      options.check_metrics = [this](std::string_view token) {
        return admission_.Check(token, "Metrics");
      };
    }
    http_listen_ = options.listen;
    ASSIGN_OR_RETURN(http_, http::HttpServer::Start(std::move(options), Routes(apis, runners)));
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
    data_ = std::move(data);
    slot_.Set(data_);
    if (!ranker_.expected()) BecomeReady();
  }

  void OpenRanker(ServedRanker ranker) override {
    data_.searcher = retrieval::MakeRerankedSearcher(data_.searcher, ranker.reranker);
    slot_.Set(data_);
    ranker_.Set(std::move(ranker));
    BecomeReady();
  }

  void Reload() override {
    LogReload("keys", guards_.authenticator->Reload());
    if (guards_.tls != nullptr) LogReload("certificates", guards_.tls->Reload());
  }

  void ReopenLogs() override {
    const absl::Status status = guards_.audit->Reopen();
    if (!status.ok()) LogReload("audit log", status);
  }

  // Callers hear kUnavailable, which they know to retry elsewhere, before the listener goes. gRPC
  // itself answers calls that meet its shutdown with kCancelled, so the last callers are kept
  // waiting until it has told their connections to go. HTTP goes last, so that probes see "not
  // ready" while calls end.
  void Stop() override {
    ready_ = false;
    if (grpc_ != nullptr) {
      const absl::Time begun = absl::Now();
      grpc_->SetServing(false, false);
      for (CallRunner* runner : runners_) runner->RefuseNew();
      for (const WorkerPool* pool : {&pool_, &write_pool_, &rank_pool_, &agent_pool_}) {
        pool->AwaitIdle(begun + settings_.drain - absl::Now());
      }
      agent_.CancelAll();
      ranker_.CancelAll();
      absl::SleepFor(begun + kFarewell - absl::Now());
      for (CallRunner* runner : runners_) runner->HoldRefused();
      absl::SleepFor(kGathering);
      std::thread answering([this] {
        absl::SleepFor(kGoAway);
        for (CallRunner* runner : runners_) runner->AnswerRefused();
      });
      // What is left are replies on their way, rebuilds, which are cancelled, and streams of health
      // and reflection that never end.
      grpc_->Shutdown(
          std::max(2 * kGoAway, std::min(kFlush, begun + settings_.drain - absl::Now())));
      answering.join();
      grpc_ = nullptr;
    }
    if (http_ != nullptr) {
      http_->Stop();
      http_ = nullptr;
      // Runs whose clients left by HTTP end by themselves.
      while (!agent_pool_.AwaitIdle(kFlush)) continue;
    }
  }

 private:
  std::vector<http::HttpServer::Route> Routes(const Apis& apis, const Runners& runners) const {
    const auto places = std::make_shared<http::RankPlaces>();
    std::vector<http::HttpServer::Route> routes = http::GatewayRoutes(apis, runners, places);
    for (http::HttpServer::Route& route :
         http::CompatibleRoutes(apis, runners, places, settings_.default_collection)) {
      routes.push_back(std::move(route));
    }
    return routes;
  }

  void BecomeReady() {
    grpc_->SetServing(true, ranker_.expected());
    ready_ = true;
  }

  CallRunner::Options ReadOptions() {
    return {.max_call = settings_.max_call,
            .slow_query = settings_.slow_query,
            .log_query_text = settings_.log_query_text,
            .admission = &admission_,
            .audit = guards_.audit.get()};
  }
  // A model reads for seconds; nothing is slow about that.
  CallRunner::Options RankingOptions() {
    CallRunner::Options options = ReadOptions();
    options.slow_query = absl::ZeroDuration();
    options.by_address = true;
    return options;
  }
  CallRunner::Options AgentOptions() {
    CallRunner::Options options = ReadOptions();
    options.by_address = true;
    return options;
  }
  // What writes is not a query, however long it takes.
  CallRunner::Options ChangeOptions() {
    return {
        .slow_query = absl::ZeroDuration(), .admission = &admission_, .audit = guards_.audit.get()};
  }

  absl::StatusOr<std::string> Resolve(std::string_view name) const {
    ASSIGN_OR_RETURN(const auto searcher, slot_.Searcher());
    return searcher->Resolve(name);
  }

  void LogReload(std::string_view what, const absl::StatusOr<bool>& reloaded) const {
    if (!reloaded.ok()) {
      log_.Write(LogLevel::kError, "reload_failed",
                 {{"what", what}, {"message", base::ToStd(reloaded.status().message())}});
    } else if (*reloaded) {
      log_.Write(LogLevel::kInfo, "reloaded", {{"what", what}});
    }
  }

  ServerGauges Gauges() {
    ServerGauges gauges;
    gauges.queued = pool_.queued();
    gauges.running = pool_.running();
    gauges.ready = ready_;
    gauges.agent = {agent_pool_.running(), agent_pool_.queued()};
    if (const auto ranker = ranker_.Get(); ranker.ok()) gauges.rank = (*ranker)->stats();
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
  const Log& log_;
  const Guards guards_;
  Admission admission_;
  std::atomic<bool> ready_ = false;
  Metrics metrics_;
  ServedData data_;  // as opened; of the thread that drives
  DataSlot slot_;
  RankSlot ranker_;
  WorkerPool pool_, write_pool_, admin_pool_, rank_pool_, agent_pool_;
  CallRunner runner_, write_runner_, admin_runner_, rank_runner_, agent_runner_;
  const std::array<CallRunner*, 5> runners_ = {&runner_, &write_runner_, &admin_runner_,
                                               &rank_runner_, &agent_runner_};
  SearchApi search_;
  IndexApi index_;
  WriteApi write_;
  AdminApi admin_;
  RankApi rank_;
  AgentBackends agent_backends_;
  AgentApi agent_;
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
  ASSIGN_OR_RETURN(Guards guards, OpenGuards(settings, log));
  ASSIGN_OR_RETURN(AgentSetup agent, OpenAgentSetup(settings));
  auto server =
      std::make_unique<RealServer>(settings, limits, log, std::move(guards), std::move(agent));
  if (absl::Status status = server->Bind(); !status.ok()) return status;
  return server;
}

}  // namespace foraker::server
