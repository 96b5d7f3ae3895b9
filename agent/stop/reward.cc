#include "agent/stop/reward.h"

#include <algorithm>
#include <cmath>

namespace foraker::agent {
namespace {

constexpr double kBound = 2;       // R
constexpr double kDepthWorth = 2;  // zeta
constexpr double kAlmostBest = kBound - .1;
constexpr double kTiny = 1e-6;

double LogOdds(double distance) { return std::log((1 - distance) / distance); }

}  // namespace

std::optional<uint32_t> FewestSearches(std::span<const double> recall) {
  const auto best = std::max_element(recall.begin(), recall.end());  // the first of them
  if (best == recall.end() || *best <= 0) return std::nullopt;
  return static_cast<uint32_t>(best - recall.begin()) + 1;
}

double StopReward(uint32_t searches, std::optional<uint32_t> fewest, uint32_t most) {
  const double s = searches;
  const double b = most;
  if (!fewest.has_value()) {
    const double distance = std::clamp(std::abs(s - b) / b, kTiny, 1 - kTiny);
    return std::clamp(LogOdds(distance), -kBound, 0.0);
  }
  const double best = *fewest;
  if (s < best) return 0;
  if (s == best) return kBound + kDepthWorth * best / b;
  // Only a run beyond its budget could reach 1, whose logarithm the bound cuts off anyway.
  const double distance = std::min((s - best) / b, 1 - kTiny);
  return std::clamp(LogOdds(distance), -kBound, kAlmostBest);
}

}  // namespace foraker::agent
