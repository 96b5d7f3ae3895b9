// Decides whether another search is worth its price: a logistic model over StopFeatures, fitted
// with the paper's reward (agent/stop/fit.h, `foraker fit-stop`).
//
// Immutable, thread-safe. As a file: JSON {"format": 1, "threshold", "bias", "weights": {name:
// weight}, "fitted_on": ...}. Errors: kInvalidArgument naming the member and what was expected.

#ifndef FORAKER_AGENT_STOP_STOP_POLICY_H_
#define FORAKER_AGENT_STOP_STOP_POLICY_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "agent/stop/stop_features.h"

namespace foraker::agent {

class StopPolicy {
 public:
  static absl::StatusOr<StopPolicy> FromJson(std::string_view json);
  // The one that the program was built with (models/stop-policy).
  static const StopPolicy& BuiltIn();

  StopPolicy(const StopFeatures& weights, double bias, double threshold, std::string fitted_on)
      : weights_(weights), bias_(bias), threshold_(threshold), fitted_on_(std::move(fitted_on)) {}

  double Probability(const StopFeatures& features) const;
  bool ShouldStop(double probability) const { return probability >= threshold_; }

  double threshold() const { return threshold_; }
  // The same weights with another threshold in [0, 1].
  StopPolicy WithThreshold(double threshold) const;
  std::string ToJson() const;
  // What a trace holds to tell policies apart.
  std::string Fingerprint() const;

 private:
  StopFeatures weights_;
  double bias_;
  double threshold_;
  std::string fitted_on_;
};

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_STOP_STOP_POLICY_H_
