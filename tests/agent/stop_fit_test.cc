#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "agent/stop/fit.h"
#include "agent/stop/lbfgs.h"
#include "agent/stop/reward.h"

namespace foraker::agent {
namespace {

using Random = std::mt19937_64;

constexpr uint32_t kMost = 5;

double Uniform(Random& random) { return std::uniform_real_distribution<double>()(random); }

// A run of 1-5 searches with features that mean nothing.
ExploredRun RandomRun(Random& random) {
  ExploredRun run;
  double recall = 0;
  const uint64_t searches = 1 + random() % kMost;
  for (uint64_t s = 0; s < searches; ++s) {
    if (random() % 2 == 0) recall = std::min(1.0, recall + .5);
    run.recall.push_back(recall);
    if (s == 0) continue;
    StopFeatures features;
    for (const StopFeature& feature : AllStopFeatures()) features.*feature.value = Uniform(random);
    run.decisions.push_back(features);
  }
  return run;
}

std::vector<ExploredRun> RandomRuns(uint64_t seed, size_t count) {
  Random random(seed);
  std::vector<ExploredRun> runs;
  for (size_t i = 0; i < count; ++i) runs.push_back(RandomRun(random));
  return runs;
}

StopWeights RandomWeights(Random& random) {
  StopWeights weights;
  for (const StopFeature& feature : AllStopFeatures())
    weights.features.*feature.value = 4 * Uniform(random) - 2;
  weights.bias = 2 * Uniform(random) - 1;
  return weights;
}

// Runs that show in one feature when everything was found; `noise` moves it.
std::vector<ExploredRun> TellingRuns(uint64_t seed, size_t count, double noise) {
  Random random(seed);
  std::vector<ExploredRun> runs;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t found_at = 1 + random() % (kMost + 1);  // 6: never
    ExploredRun run;
    for (uint64_t s = 1; s <= kMost; ++s) {
      run.recall.push_back(s >= found_at ? 1 : 0);
      if (s == kMost) break;
      StopFeatures features;
      for (const StopFeature& feature : AllStopFeatures())
        features.*feature.value = Uniform(random);
      features.*AllStopFeatures()[0].value =
          (s >= found_at ? .8 : .2) + noise * (Uniform(random) - .5);
      run.decisions.push_back(features);
    }
    runs.push_back(run);
  }
  return runs;
}

// The mean reward of whoever knew where to stop.
double BestReward(const std::vector<ExploredRun>& runs) {
  double total = 0;
  for (const ExploredRun& run : runs) {
    double best = -10;
    for (uint32_t s = 1; s <= run.recall.size(); ++s)
      best = std::max(best, StopReward(s, FewestSearches(run.recall), kMost));
    total += best;
  }
  return total / static_cast<double>(runs.size());
}

// Draws from the policy instead of computing.
double SampledReward(const std::vector<ExploredRun>& runs, const StopWeights& weights,
                     uint64_t seed, int rounds) {
  Random random(seed);
  const StopPolicy policy(weights.features, weights.bias, 1, "");
  double total = 0;
  for (int round = 0; round < rounds; ++round) {
    for (const ExploredRun& run : runs) {
      size_t searches = 1;
      while (searches < run.recall.size() &&
             Uniform(random) >= policy.Probability(run.decisions[searches - 1]))
        ++searches;
      total += StopReward(static_cast<uint32_t>(searches), FewestSearches(run.recall), kMost);
    }
  }
  return total / static_cast<double>(runs.size()) / rounds;
}

TEST(ExpectedReward, IsWhatSampledRunsGet) {
  Random random(7);
  const std::vector<ExploredRun> runs = RandomRuns(8, 40);
  const StopWeights weights = RandomWeights(random);
  EXPECT_NEAR(ExpectedReward(runs, weights, kMost, nullptr), SampledReward(runs, weights, 9, 2000),
              .02);
}

TEST(ExpectedReward, HasTheGradientOfFiniteDifferences) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    const std::vector<ExploredRun> runs = RandomRuns(seed + 100, 1 + seed);
    const StopWeights weights = RandomWeights(random);
    StopWeights gradient;
    ExpectedReward(runs, weights, kMost, &gradient);
    const auto difference = [&](auto&& move) {
      constexpr double kStep = 1e-5;
      StopWeights up = weights;
      StopWeights down = weights;
      move(up) += kStep;
      move(down) -= kStep;
      return (ExpectedReward(runs, up, kMost, nullptr) -
              ExpectedReward(runs, down, kMost, nullptr)) /
             (2 * kStep);
    };
    for (const StopFeature& feature : AllStopFeatures()) {
      const auto weight = [&](StopWeights& w) -> double& { return w.features.*feature.value; };
      EXPECT_NEAR(gradient.features.*feature.value, difference(weight), 1e-7)
          << feature.name << ", seed " << seed;
    }
    EXPECT_NEAR(gradient.bias, difference([](StopWeights& w) -> double& { return w.bias; }), 1e-7)
        << "seed " << seed;
  }
}

TEST(Fit, FindsThePolicyThatReadsTheTellingFeature) {
  const std::vector<ExploredRun> runs = TellingRuns(1, 200, 0);
  const StopWeights weights =
      FitStopWeights(runs, {.most_searches = kMost, .l2 = 1e-5, .max_steps = 500});
  const double best = BestReward(runs);
  EXPECT_GT(ExpectedReward(runs, weights, kMost, nullptr), .99 * best);
  const StoppedRuns stopped = Stop(runs, StopPolicy(weights.features, weights.bias, .5, ""), kMost);
  EXPECT_NEAR(stopped.reward, best, 1e-9);
}

TEST(Fit, HoldsOnRunsThatItHasNotSeen) {
  const StopWeights weights = FitStopWeights(TellingRuns(2, 200, .9), {.most_searches = kMost});
  const std::vector<ExploredRun> unseen = TellingRuns(3, 1000, .9);
  const double noise_free = BestReward(unseen);
  StopWeights blind;
  blind.bias = weights.bias;
  const double fitted = ExpectedReward(unseen, weights, kMost, nullptr);
  EXPECT_GT(fitted, .7 * noise_free);
  EXPECT_GT(fitted, ExpectedReward(unseen, blind, kMost, nullptr) + .3);
}

TEST(Fit, GivesTheSameBitsForTheSameRuns) {
  const std::vector<ExploredRun> runs = RandomRuns(4, 60);
  const StopWeights a = FitStopWeights(runs, {});
  const StopWeights b = FitStopWeights(runs, {});
  for (const StopFeature& feature : AllStopFeatures())
    EXPECT_EQ(a.features.*feature.value, b.features.*feature.value) << feature.name;
  EXPECT_EQ(a.bias, b.bias);
}

TEST(Fit, ThePenaltyHoldsWeightsDown) {
  const std::vector<ExploredRun> runs = TellingRuns(5, 100, 0);
  const auto telling = [&](double l2) {
    return FitStopWeights(runs, {.most_searches = kMost, .l2 = l2, .max_steps = 500}).features.*
           AllStopFeatures()[0].value;
  };
  EXPECT_GT(telling(1e-4), telling(1e-2));
  EXPECT_GT(telling(1e-2), telling(1));
  EXPECT_GT(telling(1), 0);
}

TEST(Fit, AnEndingThatWasNeverDecidedTeachesNothing) {
  ExploredRun run;
  run.recall = {1};
  const StopWeights weights = FitStopWeights(std::vector<ExploredRun>{run}, {});
  EXPECT_EQ(weights.bias, 0);
}

TEST(Threshold, IsTheLowestThatKeepsEnoughOfEverySet) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    const std::vector<std::vector<ExploredRun>> sets = {RandomRuns(seed + 1, 30),
                                                        RandomRuns(seed + 50, 10)};
    const StopWeights weights = RandomWeights(random);
    const StopPolicy policy(weights.features, weights.bias, 1, "");
    const double kept = .9 + .1 * Uniform(random);
    const auto keeps = [&](double threshold) {
      for (const std::vector<ExploredRun>& runs : sets) {
        const double all = Stop(runs, policy.WithThreshold(2), kMost).recall;
        if (Stop(runs, policy.WithThreshold(threshold), kMost).recall < kept * all - 1e-12)
          return false;
      }
      return true;
    };
    const double threshold = ChooseThreshold(sets, policy, kept);
    EXPECT_TRUE(keeps(threshold)) << "seed " << seed;
    double below = 0;  // the nearest stop probability below it
    for (const std::vector<ExploredRun>& runs : sets) {
      for (const ExploredRun& run : runs) {
        for (const StopFeatures& features : run.decisions) {
          const double probability = policy.Probability(features);
          if (probability < threshold) below = std::max(below, probability);
        }
      }
    }
    EXPECT_TRUE(below == 0 || !keeps(below)) << "seed " << seed << ": " << below << " would do";
  }
}

TEST(Threshold, NeverStopsWhereOnlyThatKeepsEverything) {
  ExploredRun run;
  run.recall = {0, 1};
  run.decisions = {StopFeatures()};
  const std::vector<std::vector<ExploredRun>> sets = {{run}};
  const StopPolicy certain(StopFeatures(), 3, 0, "");
  const double threshold = ChooseThreshold(sets, certain, 1);
  EXPECT_EQ(threshold, 1);
  EXPECT_EQ(Stop(sets[0], certain.WithThreshold(threshold), kMost).recall, 1);
}

TEST(Minimize, FindsTheBottomOfABentValley) {  // Rosenbrock's, at (1, 1)
  const auto valley = [](const std::vector<double>& x, std::vector<double>& gradient) {
    const double across = x[1] - x[0] * x[0];
    gradient = {-400 * x[0] * across - 2 * (1 - x[0]), 200 * across};
    return 100 * across * across + (1 - x[0]) * (1 - x[0]);
  };
  const std::vector<double> bottom = Minimize(valley, {-1.2, 1}, 200);
  EXPECT_NEAR(bottom[0], 1, 1e-6);
  EXPECT_NEAR(bottom[1], 1, 1e-6);
}

TEST(Minimize, StaysWhereItIsFlat) {
  const auto flat = [](const std::vector<double>& x, std::vector<double>& gradient) {
    gradient.assign(x.size(), 0);
    return 3.0;
  };
  EXPECT_EQ(Minimize(flat, {1, 2}, 10), (std::vector<double>{1, 2}));
}

}  // namespace
}  // namespace foraker::agent
