// Minimises a smooth function of a few variables: L-BFGS (Nocedal and Wright, Numerical
// Optimization, algorithm 7.4) with a line search by bisection (Lewis and Overton, Mathematical
// Programming 141, 2013).
//
// Deterministic and pure. Of a function that is not convex it finds the local minimum that its
// start leads to.

#ifndef FORAKER_AGENT_STOP_LBFGS_H_
#define FORAKER_AGENT_STOP_LBFGS_H_

#include <cstdint>
#include <functional>
#include <vector>

namespace foraker::agent {

// The value at a point, with its gradient put into the second argument.
using Differentiable = std::function<double(const std::vector<double>&, std::vector<double>&)>;

// Ends where the gradient vanishes, no step makes the value smaller, or after `max_steps`.
std::vector<double> Minimize(const Differentiable& function, std::vector<double> start,
                             uint32_t max_steps);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_STOP_LBFGS_H_
