// What the metrics tell of the agent's runs: docs/operations.md lists the names.
//
// Observe is thread-safe, Show is not.

#ifndef FORAKER_SERVICES_SERVER_AGENT_METRICS_H_
#define FORAKER_SERVICES_SERVER_AGENT_METRICS_H_

#include <cstddef>
#include <memory>

#include "agent/agent.h"

namespace prometheus {
class Registry;
}  // namespace prometheus

namespace foraker::server {

// Values of the moment.
struct AgentGauges {
  size_t running = 0, waiting = 0;  // runs
};

class AgentMetrics {
 public:
  // Borrows the registry.
  explicit AgentMetrics(prometheus::Registry& registry);
  ~AgentMetrics();

  void Observe(const agent::AskResult& result);
  // A run that ended with an error.
  void ObserveFailure();

  void Show(const AgentGauges& gauges);

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_AGENT_METRICS_H_
