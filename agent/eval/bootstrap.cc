#include "agent/eval/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

namespace foraker::agent {
namespace {

constexpr uint64_t kSeed = 19790101;
constexpr double kTail = .025;

}  // namespace

Interval BootstrapRatio(std::span<const double> above, std::span<const double> below,
                        uint32_t resamples) {
  const size_t n = std::min(above.size(), below.size());
  if (n == 0 || resamples == 0) return {};
  std::mt19937_64 random(kSeed);
  std::vector<double> ratios;
  for (uint32_t round = 0; round < resamples; ++round) {
    double sum_above = 0;
    double sum_below = 0;
    for (size_t draw = 0; draw < n; ++draw) {
      const size_t i = random() % n;
      sum_above += above[i];
      sum_below += below[i];
    }
    ratios.push_back(sum_below == 0 ? 0 : sum_above / sum_below);
  }
  std::sort(ratios.begin(), ratios.end());
  const auto cut = static_cast<size_t>(std::floor(kTail * resamples));
  return {ratios[cut], ratios[ratios.size() - 1 - cut]};
}

Interval BootstrapMean(std::span<const double> values, uint32_t resamples) {
  return BootstrapRatio(values, std::vector<double>(values.size(), 1), resamples);
}

}  // namespace foraker::agent
