#include "agent/stop/fit.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "agent/stop/lbfgs.h"
#include "agent/stop/reward.h"

namespace foraker::agent {
namespace {

using Vector = std::vector<double>;  // weights in the order of AllStopFeatures(), then the bias

Vector ToVector(const StopWeights& weights) {
  Vector vector;
  for (const StopFeature& feature : AllStopFeatures())
    vector.push_back(weights.features.*feature.value);
  vector.push_back(weights.bias);
  return vector;
}

StopWeights FromVector(const Vector& vector) {
  StopWeights weights;
  size_t i = 0;
  for (const StopFeature& feature : AllStopFeatures())
    weights.features.*feature.value = vector[i++];
  weights.bias = vector[i];
  return weights;
}

// Less the mean reward, with the penalty: what is minimised.
double Loss(std::span<const ExploredRun> runs, const FitOptions& options, const Vector& at,
            Vector& gradient) {
  StopWeights slope;
  double loss = -ExpectedReward(runs, FromVector(at), options.most_searches, &slope);
  gradient = ToVector(slope);
  for (double& value : gradient) value = -value;
  for (size_t i = 0; i + 1 < at.size(); ++i) {
    loss += options.l2 * at[i] * at[i];
    gradient[i] += 2 * options.l2 * at[i];
  }
  return loss;
}

// Searches after which a policy with these stop probabilities, one a decision, ends the run.
size_t SearchesUntil(const Vector& probabilities, double threshold) {
  const auto stop = std::find_if(probabilities.begin(), probabilities.end(),
                                 [&](double probability) { return probability >= threshold; });
  return static_cast<size_t>(stop - probabilities.begin()) + 1;
}

Vector StopProbabilities(const ExploredRun& run, const StopPolicy& policy) {
  Vector probabilities;
  for (const StopFeatures& features : run.decisions)
    probabilities.push_back(policy.Probability(features));
  return probabilities;
}

}  // namespace

double ExpectedReward(std::span<const ExploredRun> runs, const StopWeights& weights,
                      uint32_t most_searches, StopWeights* gradient) {
  const StopPolicy policy(weights.features, weights.bias, 1, "");
  const double share = 1 / static_cast<double>(runs.size());
  if (gradient != nullptr) *gradient = {};
  double total = 0;
  for (const ExploredRun& run : runs) {
    const std::optional<uint32_t> fewest = FewestSearches(run.recall);
    const auto reward = [&](size_t searches) {
      return StopReward(static_cast<uint32_t>(searches), fewest, most_searches);
    };
    const Vector stops = StopProbabilities(run, policy);
    // values[t]: the expected reward of a run that has made t + 1 searches and is about to decide.
    Vector values(stops.size() + 1);
    values.back() = reward(values.size());
    for (size_t t = stops.size(); t-- > 0;)
      values[t] = stops[t] * reward(t + 1) + (1 - stops[t]) * values[t + 1];
    total += share * values.front();
    if (gradient == nullptr) continue;
    double reached = 1;  // the probability that decision t is come to
    for (size_t t = 0; t < stops.size(); ++t) {
      const double slope =
          share * reached * stops[t] * (1 - stops[t]) * (reward(t + 1) - values[t + 1]);
      for (const StopFeature& feature : AllStopFeatures())
        gradient->features.*feature.value += slope * run.decisions[t].*feature.value;
      gradient->bias += slope;
      reached *= 1 - stops[t];
    }
  }
  return total;
}

StopWeights FitStopWeights(std::span<const ExploredRun> runs, const FitOptions& options) {
  const auto loss = [&](const Vector& at, Vector& gradient) {
    return Loss(runs, options, at, gradient);
  };
  return FromVector(Minimize(loss, Vector(AllStopFeatures().size() + 1), options.max_steps));
}

StoppedRuns Stop(std::span<const ExploredRun> runs, const StopPolicy& policy,
                 uint32_t most_searches) {
  StoppedRuns mean;
  const double share = runs.empty() ? 0 : 1 / static_cast<double>(runs.size());
  for (const ExploredRun& run : runs) {
    const size_t searches = SearchesUntil(StopProbabilities(run, policy), policy.threshold());
    mean.searches += share * static_cast<double>(searches);
    mean.recall += share * run.recall[searches - 1];
    mean.reward += share * StopReward(static_cast<uint32_t>(searches), FewestSearches(run.recall),
                                      most_searches);
  }
  return mean;
}

double ChooseThreshold(std::span<const std::vector<ExploredRun>> sets, const StopPolicy& policy,
                       double kept) {
  Vector candidates = {1};
  for (const std::vector<ExploredRun>& runs : sets) {
    for (const ExploredRun& run : runs) {
      const Vector stops = StopProbabilities(run, policy);
      candidates.insert(candidates.end(), stops.begin(), stops.end());
    }
  }
  std::sort(candidates.begin(), candidates.end());
  const auto keeps = [&](double threshold) {
    return std::all_of(sets.begin(), sets.end(), [&](const std::vector<ExploredRun>& runs) {
      double with_stop = 0;
      double without = 0;
      for (const ExploredRun& run : runs) {
        with_stop += run.recall[SearchesUntil(StopProbabilities(run, policy), threshold) - 1];
        without += run.recall.back();
      }
      return with_stop >= kept * without;
    });
  };
  // A higher threshold stops nowhere earlier, so what is kept grows with it.
  const auto lowest = std::partition_point(candidates.begin(), candidates.end(),
                                           [&](double threshold) { return !keeps(threshold); });
  return lowest == candidates.end() ? 1 : *lowest;
}

}  // namespace foraker::agent
