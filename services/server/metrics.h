// What the server counts, and its text for Prometheus. Names start with foraker_; docs/api.md lists
// them.
//
// Thread-safe. Gauges are read when the text is made, through the function given to Render.

#ifndef FORAKER_SERVICES_SERVER_METRICS_H_
#define FORAKER_SERVICES_SERVER_METRICS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "agent/agent.h"
#include "ranker/scheduler.h"
#include "retrieval/api/searcher.h"
#include "services/server/agent_metrics.h"
#include "services/server/live_metrics.h"

namespace foraker::server {

// Values of the moment.
struct ServerGauges {
  size_t queued = 0, running = 0;
  size_t leases = 0, leased_generations = 0, leased_bytes = 0;
  bool ready = false;
  std::vector<retrieval::CollectionSummary> collections;
  std::vector<LiveGauges> live;
  std::optional<ranker::SchedulerStats> rank;  // of a server that ranks
  AgentGauges agent;
};

class Metrics {
 public:
  Metrics();
  ~Metrics();

  // `method` has static storage.
  void CountCall(std::string_view method, absl::StatusCode code, absl::Duration latency);
  // Documents that were written or deleted, or refused with this code.
  void CountWrites(absl::StatusCode code, uint64_t count);
  // A list that was ranked, alone or behind a search.
  void CountRank(absl::Duration took);
  // A question that was answered, or whose run failed.
  void CountRun(const agent::AskResult& result);
  void CountFailedRun();
  void CountSearch(uint64_t postings_predicted, uint64_t postings_scanned, bool exact);

  // Prometheus text exposition, version 0.0.4.
  std::string Render(const ServerGauges& gauges);

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_METRICS_H_
