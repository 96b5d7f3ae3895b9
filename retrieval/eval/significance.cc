#include "retrieval/eval/significance.h"

#include <cmath>
#include <numeric>
#include <random>
#include <vector>

namespace foraker::retrieval {
namespace {

constexpr double kEqual = 1e-9;
constexpr uint64_t kSeed = 20070906;

// Continued fraction of the incomplete beta function by Lentz's method (Abramowitz and Stegun,
// 26.5.8).
double BetaFraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  const auto floored = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
  double c = 1;
  double d = 1 / floored(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int m = 1; m < 10'000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / floored(1 + even * d);
    c = floored(1 + even / c);
    fraction *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / floored(1 + odd * d);
    c = floored(1 + odd / c);
    const double step = d * c;
    fraction *= step;
    if (std::abs(step - 1) < 1e-15) break;
  }
  return fraction;
}

// Regularised incomplete beta function I_x(a, b).
double IncompleteBeta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * BetaFraction(a, b, x) / a;
  return 1 - front * BetaFraction(b, a, 1 - x) / b;
}

// Two-sided tail of Student's t with `freedom` degrees.
double TwoSidedT(double t, double freedom) {
  return IncompleteBeta(freedom / 2, 0.5, freedom / (freedom + t * t));
}

double PairedT(std::span<const double> differences, double mean) {
  const auto n = static_cast<double>(differences.size());
  if (n < 2) return 1;
  double squares = 0;
  for (const double difference : differences) squares += (difference - mean) * (difference - mean);
  const double error = std::sqrt(squares / (n - 1) / n);
  if (error == 0) return mean == 0 ? 1 : 0;
  return TwoSidedT(mean / error, n - 1);
}

double Randomization(std::span<const double> differences, double sum, uint32_t permutations) {
  std::vector<double> moving;  // pairs without a difference keep the sum whatever their sign
  for (const double difference : differences) {
    if (difference != 0) moving.push_back(difference);
  }
  if (moving.empty() || permutations == 0) return 1;
  std::mt19937_64 random(kSeed);
  const double observed = std::abs(sum) * (1 - 1e-12);  // rounding decides no tie
  uint64_t as_far = 1;                                  // the observed assignment is one of them
  for (uint32_t round = 0; round < permutations; ++round) {
    double drawn = 0;
    uint64_t signs = 0;
    for (size_t i = 0; i < moving.size(); ++i) {
      if (i % 64 == 0) signs = random();
      drawn += (signs >> (i % 64) & 1) != 0 ? moving[i] : -moving[i];
    }
    if (std::abs(drawn) >= observed) ++as_far;
  }
  return static_cast<double>(as_far) / (static_cast<double>(permutations) + 1);
}

}  // namespace

PairedComparison ComparePaired(std::span<const double> a, std::span<const double> b,
                               uint32_t permutations) {
  PairedComparison result;
  result.queries = a.size();
  if (a.empty()) return result;
  const auto n = static_cast<double>(a.size());
  std::vector<double> differences(a.size());
  for (size_t i = 0; i < a.size(); ++i) {
    differences[i] = a[i] - b[i];
    if (differences[i] > kEqual) {
      ++result.wins;
    } else if (differences[i] < -kEqual) {
      ++result.losses;
    } else {
      ++result.ties;
      differences[i] = 0;
    }
  }
  result.mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n;
  result.mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  result.difference = result.mean_a - result.mean_b;
  if (result.ties == result.queries) return result;
  const double sum = std::accumulate(differences.begin(), differences.end(), 0.0);
  result.p_t = PairedT(differences, sum / n);
  result.p_randomization = Randomization(differences, sum, permutations);
  return result;
}

PairedComparison CompareRuns(const Evaluation& a, const Evaluation& b, double Metrics::*metric,
                             uint32_t permutations) {
  std::vector<double> values_a;
  std::vector<double> values_b;
  for (const auto& [query, metrics] : a.by_query) {
    const auto other = b.by_query.find(query);
    if (other == b.by_query.end()) continue;
    values_a.push_back(metrics.*metric);
    values_b.push_back(other->second.*metric);
  }
  return ComparePaired(values_a, values_b, permutations);
}

}  // namespace foraker::retrieval
