// What the metrics tell of the model that ranks: docs/operations.md lists the names.
//
// Observe is thread-safe, Show is not.

#ifndef FORAKER_SERVICES_SERVER_RANK_METRICS_H_
#define FORAKER_SERVICES_SERVER_RANK_METRICS_H_

#include <memory>

#include "absl/time/time.h"
#include "ranker/scheduler.h"

namespace prometheus {
class Registry;
}  // namespace prometheus

namespace foraker::server {

class RankMetrics {
 public:
  // Borrows the registry.
  explicit RankMetrics(prometheus::Registry& registry);
  ~RankMetrics();

  // A list that was ranked, waiting included.
  void Observe(absl::Duration took);

  // Values of the moment.
  void Show(const ranker::SchedulerStats& stats);

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_RANK_METRICS_H_
