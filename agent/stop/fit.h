// Fits a stop policy to runs that never stopped.
//
// A run of S searches decides S - 1 times: before searches 2 ... S. A policy with the stop
// probabilities p_1 ... p_(S-1) ends after s searches with probability
// (1 - p_1) ... (1 - p_(s-1)) p_s, and after S for sure if it gets there; so the expected reward of
// a question is known exactly, with its gradient, and nothing needs to be sampled, which is what
// the paper's GRPO does for a language model. The mean over the questions, less an L2 penalty, is
// climbed from weights of zero (agent/stop/lbfgs.h), so that the same runs give the same policy.
//
// When it runs, a policy is not drawn from but compared with a threshold. That is set last, on the
// same runs: the fewest searches that keep a share of what runs without a stop find.
//
// Pure functions, in double, one thread.

#ifndef FORAKER_AGENT_STOP_FIT_H_
#define FORAKER_AGENT_STOP_FIT_H_

#include <cstdint>
#include <span>
#include <vector>

#include "agent/stop/stop_features.h"
#include "agent/stop/stop_policy.h"

namespace foraker::agent {

// A question's run without a stop, of S >= 1 searches.
struct ExploredRun {
  std::vector<StopFeatures> decisions;  // [S - 1], before searches 2 ... S
  std::vector<double> recall;           // [S] of the gold documents, of runs that end after 1 ... S
};

struct StopWeights {
  StopFeatures features;
  double bias = 0;
};

struct FitOptions {
  uint32_t most_searches = 5;  // B of the reward: the searches that the runs could make
  double l2 = 1e-3;            // x the sum of the squared weights, without the bias
  uint32_t max_steps = 500;
};

// Mean over `runs` (not empty) of the expected reward, without the penalty. `gradient` may be null.
double ExpectedReward(std::span<const ExploredRun> runs, const StopWeights& weights,
                      uint32_t most_searches, StopWeights* gradient);

StopWeights FitStopWeights(std::span<const ExploredRun> runs, const FitOptions& options);

// What a policy makes of runs without a stop.
struct StoppedRuns {
  double searches = 0;  // means
  double recall = 0;
  double reward = 0;
};
StoppedRuns Stop(std::span<const ExploredRun> runs, const StopPolicy& policy,
                 uint32_t most_searches);

// The lowest threshold with which `policy` keeps at least `kept` of the mean recall of each set of
// runs (none of them empty).
double ChooseThreshold(std::span<const std::vector<ExploredRun>> sets, const StopPolicy& policy,
                       double kept);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_STOP_FIT_H_
