// What the metrics tell of collections that this process writes to: docs/api.md lists the names.
//
// Not thread-safe.

#ifndef FORAKER_SERVICES_SERVER_LIVE_METRICS_H_
#define FORAKER_SERVICES_SERVER_LIVE_METRICS_H_

#include <memory>
#include <string>
#include <vector>

#include "index/collection/live_collection.h"

namespace prometheus {
class Registry;
}  // namespace prometheus

namespace foraker::server {

struct LiveGauges {
  std::string collection;
  index::LiveStats stats;
};

class LiveMetrics {
 public:
  // Borrows the registry.
  explicit LiveMetrics(prometheus::Registry& registry);
  ~LiveMetrics();

  // Values of the moment; collections that are gone disappear.
  void Show(const std::vector<LiveGauges>& collections);

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_LIVE_METRICS_H_
