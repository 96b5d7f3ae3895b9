#include "services/server/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <cstdio>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "services/convert/status.h"
#include "services/server/rank_metrics.h"
#include "services/server/version.h"

namespace foraker::server {
namespace {

using prometheus::Family;
using prometheus::Gauge;
using prometheus::Registry;

// Seconds; a search takes some 100 us to some 100 ms.
const prometheus::Histogram::BucketBoundaries kLatencyBuckets = {
    .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30};

Family<Gauge>& GaugeFamily(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

// Resident memory of this process; 0 where /proc does not tell.
double ResidentBytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  unsigned long long size = 0, resident = 0;
  const int read = std::fscanf(file, "%llu %llu", &size, &resident);
  std::fclose(file);
  return read == 2 ? static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace

struct Metrics::Families {
  Registry registry;
  Family<prometheus::Counter>& requests = prometheus::BuildCounter()
                                              .Name("foraker_requests_total")
                                              .Help("Calls that ended, by method and gRPC code")
                                              .Register(registry);
  Family<prometheus::Histogram>& latency =
      prometheus::BuildHistogram()
          .Name("foraker_request_seconds")
          .Help("Time from a call's arrival to its reply, waiting included")
          .Register(registry);
  Family<prometheus::Counter>& postings =
      prometheus::BuildCounter()
          .Name("foraker_postings_total")
          .Help("Postings of searches: predicted before the scan, and scanned")
          .Register(registry);
  prometheus::Counter& predicted = postings.Add({{"kind", "predicted"}});
  prometheus::Counter& scanned = postings.Add({{"kind", "scanned"}});
  prometheus::Counter& inexact =
      prometheus::BuildCounter()
          .Name("foraker_inexact_searches_total")
          .Help("Searches that a deadline or max_postings stopped before the result was proved")
          .Register(registry)
          .Add({});
  Family<prometheus::Counter>& writes =
      prometheus::BuildCounter()
          .Name("foraker_writes_total")
          .Help("Documents written or deleted (OK), or refused, by gRPC code")
          .Register(registry);
  LiveMetrics live{registry};
  RankMetrics rank{registry};
  AgentMetrics agent{registry};
  Gauge& queued =
      GaugeFamily(registry, "foraker_queue_depth", "Calls that wait for a thread").Add({});
  Gauge& running =
      GaugeFamily(registry, "foraker_calls_running", "Calls that a thread works on").Add({});
  Gauge& leases =
      GaugeFamily(registry, "foraker_leases", "Leases on snapshots that have not expired").Add({});
  Gauge& leased_generations =
      GaugeFamily(registry, "foraker_leased_generations", "Snapshots that leases keep open")
          .Add({});
  Gauge& leased_bytes = GaugeFamily(registry, "foraker_leased_bytes",
                                    "Bytes of segments that leases alone keep alive")
                            .Add({});
  Gauge& ready =
      GaugeFamily(registry, "foraker_ready", "1 while the server takes calls, else 0").Add({});
  Gauge& resident = GaugeFamily(registry, "foraker_process_resident_memory_bytes",
                                "Resident memory of the server, mapped files included")
                        .Add({});
  Family<Gauge>& documents =
      GaugeFamily(registry, "foraker_collection_documents", "Live documents of a collection");
  Family<Gauge>& passages =
      GaugeFamily(registry, "foraker_collection_passages", "Live passages of a collection");
  Family<Gauge>& segments =
      GaugeFamily(registry, "foraker_collection_segments", "Segments of a collection");
  Family<Gauge>& bytes =
      GaugeFamily(registry, "foraker_collection_bytes", "Bytes of a collection's files");
  Family<Gauge>& generation =
      GaugeFamily(registry, "foraker_collection_generation", "Generation that is served");

  // What one method and code count into. Looking a family's labels up takes a microsecond of a
  // call, so what was looked up once is kept.
  struct OfCalls {
    prometheus::Counter& requests;
    prometheus::Histogram& latency;
  };
  using CallKind = std::pair<const char*, absl::StatusCode>;  // methods have static storage
  absl::Mutex call_kinds_mutex;
  absl::flat_hash_map<CallKind, OfCalls> call_kinds ABSL_GUARDED_BY(call_kinds_mutex);

  OfCalls Find(std::string_view method, absl::StatusCode code) {
    const CallKind kind(method.data(), code);
    {
      absl::ReaderMutexLock lock(&call_kinds_mutex);
      if (const auto found = call_kinds.find(kind); found != call_kinds.end()) return found->second;
    }
    const std::string name(method);
    const OfCalls added = {
        requests.Add({{"method", name}, {"code", std::string(convert::CodeName(code))}}),
        latency.Add({{"method", name}}, kLatencyBuckets)};
    absl::MutexLock lock(&call_kinds_mutex);
    return call_kinds.try_emplace(kind, added).first->second;
  }

  absl::Mutex render_mutex;
  std::set<std::string> shown ABSL_GUARDED_BY(render_mutex);  // collections with gauges

  void ShowCollection(const retrieval::CollectionSummary& collection) {
    const prometheus::Labels labels = {{"collection", collection.name}};
    documents.Add(labels).Set(static_cast<double>(collection.documents));
    passages.Add(labels).Set(static_cast<double>(collection.passages));
    segments.Add(labels).Set(static_cast<double>(collection.segments));
    bytes.Add(labels).Set(static_cast<double>(collection.bytes));
    generation.Add(labels).Set(static_cast<double>(collection.generation));
  }

  void HideCollection(const std::string& name) {
    const prometheus::Labels labels = {{"collection", name}};
    for (Family<Gauge>* family : {&documents, &passages, &segments, &bytes, &generation}) {
      family->Remove(&family->Add(labels));
    }
  }
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {
  GaugeFamily(families_->registry, "foraker_build_info", "1; the labels say what is running")
      .Add({{"version", kVersion}})
      .Set(1);
}
Metrics::~Metrics() = default;

void Metrics::CountCall(std::string_view method, absl::StatusCode code, absl::Duration latency) {
  const Families::OfCalls calls = families_->Find(method, code);
  calls.requests.Increment();
  calls.latency.Observe(absl::ToDoubleSeconds(latency));
}

void Metrics::CountSearch(uint64_t postings_predicted, uint64_t postings_scanned, bool exact) {
  families_->predicted.Increment(static_cast<double>(postings_predicted));
  families_->scanned.Increment(static_cast<double>(postings_scanned));
  if (!exact) families_->inexact.Increment();
}

void Metrics::CountRank(absl::Duration took) { families_->rank.Observe(took); }

void Metrics::CountRun(const agent::AskResult& result) { families_->agent.Observe(result); }
void Metrics::CountFailedRun() { families_->agent.ObserveFailure(); }

void Metrics::CountWrites(absl::StatusCode code, uint64_t count) {
  families_->writes.Add({{"code", std::string(convert::CodeName(code))}})
      .Increment(static_cast<double>(count));
}

std::string Metrics::Render(const ServerGauges& gauges) {
  Families& families = *families_;
  absl::MutexLock lock(&families.render_mutex);
  families.queued.Set(static_cast<double>(gauges.queued));
  families.running.Set(static_cast<double>(gauges.running));
  families.leases.Set(static_cast<double>(gauges.leases));
  families.leased_generations.Set(static_cast<double>(gauges.leased_generations));
  families.leased_bytes.Set(static_cast<double>(gauges.leased_bytes));
  families.live.Show(gauges.live);
  if (gauges.rank.has_value()) families.rank.Show(*gauges.rank);
  families.agent.Show(gauges.agent);
  families.ready.Set(gauges.ready ? 1 : 0);
  families.resident.Set(ResidentBytes());
  std::set<std::string> present;
  for (const retrieval::CollectionSummary& collection : gauges.collections) {
    families.ShowCollection(collection);
    present.insert(collection.name);
  }
  for (const std::string& name : families.shown) {
    if (present.count(name) == 0) families.HideCollection(name);
  }
  families.shown = std::move(present);
  return prometheus::TextSerializer().Serialize(families.registry.Collect());
}

}  // namespace foraker::server
