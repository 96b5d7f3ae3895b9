// Is one run better than another, or was it luck? Paired tests over per-query values.
//
// p_t: two-sided paired t-test. p_randomization: two-sided Fisher randomization test on the mean
// difference, signs of the differences drawn `permutations` times from a fixed seed, so the same
// input gives the same figure (Smucker, Allan and Carterette, CIKM 2007, recommend it).

#ifndef FORAKER_RETRIEVAL_EVAL_SIGNIFICANCE_H_
#define FORAKER_RETRIEVAL_EVAL_SIGNIFICANCE_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "retrieval/eval/metrics.h"

namespace foraker::retrieval {

struct PairedComparison {
  size_t queries = 0;
  double mean_a = 0;
  double mean_b = 0;
  double difference = 0;  // mean_a - mean_b
  size_t wins = 0;        // a above b
  size_t losses = 0;
  size_t ties = 0;  // equal within 1e-9
  double p_t = 1;   // 1 with fewer than two queries or without any difference
  double p_randomization = 1;
};

inline constexpr uint32_t kPermutations = 100'000;

// a[i] and b[i] belong to one query; of equal length.
PairedComparison ComparePaired(std::span<const double> a, std::span<const double> b,
                               uint32_t permutations = kPermutations);

// One metric (a member of Metrics) over the queries that both evaluations hold.
PairedComparison CompareRuns(const Evaluation& a, const Evaluation& b, double Metrics::*metric,
                             uint32_t permutations = kPermutations);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_EVAL_SIGNIFICANCE_H_
