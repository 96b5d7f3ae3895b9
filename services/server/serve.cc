#include "services/server/serve.h"

#include <grpc/support/log.h>
#include <pthread.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "index/store/catalog.h"
#include "retrieval/local_searcher.h"
#include "services/config/address.h"
#include "services/config/settings.h"
#include "services/server/live_data.h"
#include "services/server/log.h"
#include "services/server/rank_loader.h"
#include "services/server/server.h"
#include "services/server/version.h"

namespace foraker::server {
namespace {

// How often the files of keys and certificates are looked at.
constexpr absl::Duration kReload = absl::Seconds(1);
// How long after the drain a handler may still hold the shutdown up.
constexpr absl::Duration kShutdownGrace = absl::Seconds(5);
// How often it is asked whether the model that ranks is loaded.
constexpr absl::Duration kModelPoll = absl::Milliseconds(20);

// SIGTERM, SIGINT and SIGHUP, blocked in every thread started while it lives, so that Wait can take
// them.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  ~StopSignals() { Unblock(); }

  // Returns at the first that ends the server; calls `hang_up` for each SIGHUP before.
  std::string_view Wait(const std::function<void()>& hang_up) {
    int signal = 0;
    while (sigwait(&set_, &signal) != 0 || signal == SIGHUP) {
      if (signal == SIGHUP) hang_up();
    }
    return Name(signal);
  }

  // The same, but for a while only; empty: none came that ends the server.
  std::string_view WaitFor(absl::Duration limit, const std::function<void()>& hang_up) {
    const timespec patience = absl::ToTimespec(limit);
    const int signal = sigtimedwait(&set_, nullptr, &patience);
    if (signal == SIGHUP) hang_up();
    return signal == SIGINT || signal == SIGTERM ? Name(signal) : std::string_view();
  }

  // From now on a signal does what it does by default: it ends the process.
  void Unblock() {
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  static std::string_view Name(int signal) { return signal == SIGINT ? "SIGINT" : "SIGTERM"; }

  sigset_t set_, before_;
};

// Runs `body` once an interval on a thread of its own until it is destroyed.
class Periodic {
 public:
  Periodic(absl::Duration interval, std::function<void()> body)
      : thread_([this, interval, body = std::move(body)] {
          while (!stop_.WaitForNotificationWithTimeout(interval)) body();
        }) {}
  ~Periodic() {
    stop_.Notify();
    thread_.join();
  }

 private:
  absl::Notification stop_;
  std::thread thread_;
};

// Ends the process when it is not destroyed in time: a shutdown must not hang.
class Watchdog {
 public:
  Watchdog(absl::Duration limit, const Log& log)
      : thread_([this, limit, &log] {
          if (done_.WaitForNotificationWithTimeout(limit)) return;
          log.Write(LogLevel::kError, "shutdown_overdue",
                    {{"message", std::string_view("calls did not end in time; exiting")}});
          std::_Exit(EXIT_FAILURE);
        }) {}
  ~Watchdog() {
    done_.Notify();
    thread_.join();
  }

 private:
  absl::Notification done_;
  std::thread thread_;
};

// Follows the writer, and logs when that starts or ceases to fail.
std::function<void()> Refresher(std::shared_ptr<retrieval::LocalSearcher> searcher,
                                const Log& log) {
  return [searcher = std::move(searcher), &log, last = absl::OkStatus()]() mutable {
    const absl::Status status = searcher->Refresh();
    if (status == last) return;
    last = status;
    log.Write(status.ok() ? LogLevel::kInfo : LogLevel::kError,
              status.ok() ? "refresh_recovered" : "refresh_failed",
              {{"message", base::ToStd(status.message())}});
  };
}

// gRPC's own messages as lines of our log.
const Log* grpc_log = nullptr;

void LogForGrpc(gpr_log_func_args* arguments) {
  if (arguments->severity == GPR_LOG_SEVERITY_DEBUG) return;
  const bool error = arguments->severity == GPR_LOG_SEVERITY_ERROR;
  grpc_log->Write(error ? LogLevel::kWarn : LogLevel::kDebug, "grpc",
                  {{"message", std::string_view(arguments->message)}});
}

// Follows the process that writes the directory.
absl::StatusOr<LiveData> FollowData(const std::string& dir,
                                    const retrieval::RequestLimits& limits) {
  ASSIGN_OR_RETURN(std::shared_ptr<index::Catalog> catalog,
                   index::Catalog::Open(dir, index::OpenMode::kRead));
  retrieval::LocalSearcherOptions options;
  options.limits = limits;
  LiveData data;
  ASSIGN_OR_RETURN(data.searcher, retrieval::LocalSearcher::Open(std::move(catalog), options));
  return data;
}

absl::StatusOr<LiveData> OpenData(const config::Settings& settings,
                                  const retrieval::RequestLimits& limits) {
  if (settings.read_only) return FollowData(settings.data, limits);
  return OpenLiveData(settings.data, {settings.import_root, limits});
}

void FillGauges(const LiveData& data, ServerGauges& gauges) {
  const retrieval::SearcherGauges of_searcher = data.searcher->Gauges();
  gauges.leases = of_searcher.leases;
  gauges.leased_generations = of_searcher.leased_generations;
  gauges.leased_bytes = of_searcher.leased_bytes;
  if (data.store == nullptr) return;
  for (const auto& collection : data.store->Opened()) {
    gauges.live.push_back({collection->name(), collection->Stats()});
  }
}

// What is in the log alone goes to segments, so that the next start has nothing to replay. A flush
// that fails loses nothing.
void FlushAtEnd(const LiveData& data, const Log& log) {
  if (data.store == nullptr) return;
  const absl::Status status = data.store->FlushAll();
  if (status.ok()) return;
  log.Write(LogLevel::kError, "flush_failed", {{"message", base::ToStd(status.message())}});
}

// Other machines can reach it.
bool IsOpen(const config::Settings& settings) {
  for (const std::string& listen : {settings.listen, settings.http_listen}) {
    const auto address = config::ParseAddress(listen);
    if (address.ok() && !config::IsLoopback(*address)) return true;
  }
  return false;
}

void Announce(const config::Settings& settings, const Server& server, const Log& log) {
  const std::string grpc = server.grpc_address(), http = server.http_address();
  if (settings.has_keys() && settings.tls_cert.empty() && IsOpen(settings)) {
    log.Write(LogLevel::kWarn, "keys_in_plain_text",
              {{"message", std::string_view("other machines reach this server without TLS: who "
                                            "listens on the way reads their keys")}});
  }
  log.Write(LogLevel::kInfo, "listening",
            {{"version", std::string_view(kVersion)},
             {"data", std::string_view(settings.data)},
             {"read_only", settings.read_only},
             {"grpc", std::string_view(grpc)},
             {"http", std::string_view(http)}});
  absl::PrintF("foraker serves %s: gRPC on %s%s%s\n", settings.data, grpc,
               http.empty() ? "" : ", HTTP on ", http);
  std::fflush(stdout);
}

// Opens the server's ranking when the model is there. The signal that came before that; empty:
// none.
absl::StatusOr<std::string_view> OpenRanker(RankLoader& loader, Server& server, const Log& log,
                                            StopSignals& signals,
                                            const std::function<void()>& hang_up) {
  while (!loader.done()) {
    const std::string_view signal = signals.WaitFor(kModelPoll, hang_up);
    if (!signal.empty()) return signal;
  }
  ASSIGN_OR_RETURN(ServedRanker ranker, loader.Take());
  log.Write(LogLevel::kInfo, "model_loaded", {{"model", std::string_view(ranker.model.name())}});
  server.OpenRanker(std::move(ranker));
  return std::string_view();
}

absl::Status ServeUntilStopped(const config::Settings& settings, const Log& log,
                               StopSignals& signals) {
  const retrieval::RequestLimits limits;
  ASSIGN_OR_RETURN(const std::unique_ptr<Server> server, Server::Start(settings, limits, log));
  ASSIGN_OR_RETURN(const LiveData data, OpenData(settings, limits));
  server->Open({data.searcher, data.writer, data.administrator},
               [data](ServerGauges& gauges) { FillGauges(data, gauges); });
  const Periodic refresh(settings.refresh, Refresher(data.searcher, log));
  const Periodic reload(kReload, [&server] { server->Reload(); });
  const auto hang_up = [&server] {
    server->ReopenLogs();
    server->Reload();
  };
  std::optional<RankLoader> loader;
  std::string_view signal;
  if (!settings.rank_model.empty()) {
    loader.emplace(settings);
    ASSIGN_OR_RETURN(signal, OpenRanker(*loader, *server, log, signals, hang_up));
  }
  if (signal.empty()) {
    Announce(settings, *server, log);
    signal = signals.Wait(hang_up);
  }
  signals.Unblock();
  log.Write(LogLevel::kInfo, "stopping", {{"signal", signal}});
  {
    const Watchdog watchdog(settings.drain + kShutdownGrace, log);
    server->Stop();
    FlushAtEnd(data, log);
    loader.reset();
  }
  log.Write(LogLevel::kInfo, "stopped", {});
  return absl::OkStatus();
}

}  // namespace

absl::Status Serve(const ServeOptions& options) {
  // Debian's Abseil looks for deadlocks at every lock, as debug builds do: 6 us of a call.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  ASSIGN_OR_RETURN(const config::Settings settings,
                   config::LoadSettings(options.config_file, options.flags));
  StopSignals signals;
  const Log log(ParseLogLevel(settings.log_level));
  grpc_log = &log;
  gpr_set_log_function(LogForGrpc);
  const absl::Status status = ServeUntilStopped(settings, log, signals);
  gpr_set_log_function(nullptr);
  return status;
}

}  // namespace foraker::server
