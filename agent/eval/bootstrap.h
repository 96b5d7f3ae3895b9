// How far a mean, or a ratio of means, would move if other questions of the same kind had been
// asked: percentile bootstrap (Efron, Annals of Statistics 7, 1979), questions drawn with
// replacement from a fixed seed, so the same values give the same interval. Pure functions.

#ifndef FORAKER_AGENT_EVAL_BOOTSTRAP_H_
#define FORAKER_AGENT_EVAL_BOOTSTRAP_H_

#include <cstdint>
#include <span>

namespace foraker::agent {

inline constexpr uint32_t kResamples = 2000;

struct Interval {
  double low = 0, high = 0;  // the middle 95 % of the resamples
};

// Of a mean; 0 to 0 without values.
Interval BootstrapMean(std::span<const double> values, uint32_t resamples = kResamples);

// Of sum(above) / sum(below), of which above[i] and below[i] belong to one question. A resample
// whose sum below is 0 counts as 0.
Interval BootstrapRatio(std::span<const double> above, std::span<const double> below,
                        uint32_t resamples = kResamples);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_EVAL_BOOTSTRAP_H_
