// Times of a series of queries: mean and percentiles.

#ifndef FORAKER_SERVICES_CLI_LATENCY_H_
#define FORAKER_SERVICES_CLI_LATENCY_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

namespace foraker::cli {

class Latency {
 public:
  void Add(double ms) { ms_.push_back(ms); }

  bool empty() const { return ms_.empty(); }
  double total() const { return std::accumulate(ms_.begin(), ms_.end(), 0.0); }
  double mean() const { return ms_.empty() ? 0 : total() / static_cast<double>(ms_.size()); }

  // The smallest time that at least `percent` of the queries did not exceed (nearest rank).
  double Percentile(double percent) const {
    if (ms_.empty()) return 0;
    std::vector<double> sorted = ms_;
    std::sort(sorted.begin(), sorted.end());
    const double rank = std::ceil(percent / 100 * static_cast<double>(sorted.size()));
    return sorted[static_cast<size_t>(std::max(rank, 1.0)) - 1];
  }

 private:
  std::vector<double> ms_;
};

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_LATENCY_H_
