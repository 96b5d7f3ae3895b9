#include "agent/stop/lbfgs.h"

#include <cmath>
#include <cstddef>
#include <deque>
#include <limits>
#include <numeric>
#include <utility>

namespace foraker::agent {
namespace {

using Vector = std::vector<double>;

constexpr size_t kCorrections = 10;
constexpr double kFlat = 1e-9;        // length of a gradient that has vanished
constexpr double kSufficient = 1e-4;  // of the decrease that the slope promises (Armijo)
constexpr double kFlattened = .9;     // of the slope may be left
constexpr int kTrials = 60;           // of a line search

double Dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// a + factor b
Vector Sum(const Vector& a, double factor, const Vector& b) {
  Vector sum(a.size());
  for (size_t i = 0; i < a.size(); ++i) sum[i] = a[i] + factor * b[i];
  return sum;
}

struct Point {
  Vector at, gradient;
  double value = 0;
};

Point Evaluate(const Differentiable& function, Vector at) {
  Point point;
  point.value = function(at, point.gradient);
  point.at = std::move(at);
  return point;
}

// A step and what it did to the gradient: what the curvature is guessed from.
struct Correction {
  Vector step, change;
  double product = 0;  // of the two, above 0
};

// The guessed inverse Hessian times the gradient, downhill (the two-loop recursion).
Vector Direction(const std::deque<Correction>& corrections, const Vector& gradient) {
  Vector direction = Sum(Vector(gradient.size()), -1, gradient);
  if (corrections.empty()) return direction;
  Vector alphas;
  for (auto it = corrections.rbegin(); it != corrections.rend(); ++it) {
    alphas.push_back(Dot(it->step, direction) / it->product);
    direction = Sum(direction, -alphas.back(), it->change);
  }
  const Correction& last = corrections.back();
  const double scale = last.product / Dot(last.change, last.change);
  for (double& value : direction) value *= scale;
  for (const Correction& correction : corrections) {
    const double beta = Dot(correction.change, direction) / correction.product;
    direction = Sum(direction, alphas.back() - beta, correction.step);
    alphas.pop_back();
  }
  return direction;
}

// A step along which the value falls enough and the slope flattens (the weak Wolfe conditions), so
// that what it tells of the curvature is positive. Found by bisection.
Point LineSearch(const Differentiable& function, const Point& from, const Vector& direction) {
  const double slope = Dot(direction, from.gradient);
  double too_short = 0;
  double too_long = std::numeric_limits<double>::infinity();
  double length = 1;
  Point next = Evaluate(function, Sum(from.at, length, direction));
  for (int trial = 1; trial < kTrials; ++trial) {
    if (next.value > from.value + kSufficient * length * slope) {
      too_long = length;
    } else if (Dot(direction, next.gradient) < kFlattened * slope) {
      too_short = length;
    } else {
      break;
    }
    length = std::isinf(too_long) ? 2 * length : (too_short + too_long) / 2;
    next = Evaluate(function, Sum(from.at, length, direction));
  }
  return next;
}

}  // namespace

std::vector<double> Minimize(const Differentiable& function, std::vector<double> start,
                             uint32_t max_steps) {
  Point point = Evaluate(function, std::move(start));
  std::deque<Correction> corrections;
  for (uint32_t round = 0; round < max_steps; ++round) {
    if (Dot(point.gradient, point.gradient) < kFlat * kFlat) break;
    Point next = LineSearch(function, point, Direction(corrections, point.gradient));
    if (next.value >= point.value) break;
    Correction correction{Sum(next.at, -1, point.at), Sum(next.gradient, -1, point.gradient), 0};
    correction.product = Dot(correction.step, correction.change);
    if (correction.product > 0) corrections.push_back(std::move(correction));
    if (corrections.size() > kCorrections) corrections.pop_front();
    point = std::move(next);
  }
  return point.at;
}

}  // namespace foraker::agent
