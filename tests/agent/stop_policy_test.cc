#include "agent/stop/stop_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace foraker::agent {
namespace {

using testing::HasSubstr;

std::string FirstFeature() { return std::string(AllStopFeatures()[0].name); }

StopPolicy Example() {
  StopFeatures weights;
  double weight = .1;
  for (const StopFeature& feature : AllStopFeatures()) weights.*feature.value = weight *= -1.7;
  return StopPolicy(weights, 1.0 / 3, .625, "twelve questions");
}

std::string ErrorOf(const std::string& json) {
  const absl::StatusOr<StopPolicy> policy = StopPolicy::FromJson(json);
  EXPECT_EQ(policy.status().code(), absl::StatusCode::kInvalidArgument) << json;
  return std::string(policy.status().message());
}

TEST(StopPolicy, TheOneOfTheProgramCanBeRead) {
  const StopPolicy& policy = StopPolicy::BuiltIn();
  EXPECT_GE(policy.threshold(), 0);
  EXPECT_LE(policy.threshold(), 1);
  EXPECT_EQ(&policy, &StopPolicy::BuiltIn());
}

TEST(StopPolicy, IsALogisticModel) {
  StopFeatures weights;
  weights.*AllStopFeatures()[0].value = 2;
  const StopPolicy policy(weights, -1, .5, "");
  StopFeatures features;
  EXPECT_DOUBLE_EQ(policy.Probability(features), 1 / (1 + std::exp(1.0)));
  features.*AllStopFeatures()[0].value = .5;
  EXPECT_DOUBLE_EQ(policy.Probability(features), .5);
  EXPECT_TRUE(policy.ShouldStop(.5));
  EXPECT_FALSE(policy.ShouldStop(.4999));
}

TEST(StopPolicy, ExtremeWeightsAreNoNumbersThatAreNone) {
  StopFeatures features;
  EXPECT_EQ(StopPolicy(features, 1e308, .5, "").Probability(features), 1);
  EXPECT_EQ(StopPolicy(features, -1e308, .5, "").Probability(features), 0);
}

TEST(StopPolicy, ComesBackFromJsonBitForBit) {
  const StopPolicy policy = Example();
  const absl::StatusOr<StopPolicy> read = StopPolicy::FromJson(policy.ToJson());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->ToJson(), policy.ToJson());
  EXPECT_EQ(read->Fingerprint(), policy.Fingerprint());
  StopFeatures features;
  for (const StopFeature& feature : AllStopFeatures()) features.*feature.value = .3;
  EXPECT_EQ(read->Probability(features), policy.Probability(features));
}

TEST(StopPolicy, FingerprintsTellApartWhatDecides) {
  const StopPolicy policy = Example();
  EXPECT_NE(policy.Fingerprint(), policy.WithThreshold(.626).Fingerprint());
  EXPECT_NE(policy.Fingerprint(), StopPolicy(StopFeatures(), 1.0 / 3, .625, "").Fingerprint());
  EXPECT_EQ(StopPolicy(StopFeatures(), 1, .5, "here").Fingerprint(),
            StopPolicy(StopFeatures(), 1, .5, "there").Fingerprint());
}

TEST(StopPolicy, AWeightThatIsNotNamedIsZero) {
  const absl::StatusOr<StopPolicy> policy =
      StopPolicy::FromJson(R"({"format": 1, "threshold": 0.5, "bias": 0, "weights": {}})");
  ASSERT_TRUE(policy.ok()) << policy.status();
  StopFeatures features;
  for (const StopFeature& feature : AllStopFeatures()) features.*feature.value = 1;
  EXPECT_EQ(policy->Probability(features), .5);
}

TEST(StopPolicy, ErrorsNameTheMember) {
  EXPECT_THAT(ErrorOf("7"), HasSubstr("expected a JSON object"));
  EXPECT_THAT(ErrorOf("{"), HasSubstr("expected a JSON object"));
  EXPECT_THAT(ErrorOf(R"({"format": 2})"), HasSubstr("format: expected 1"));
  EXPECT_THAT(ErrorOf(R"({"format": 1, "bias": 0, "weights": {}})"), HasSubstr("threshold"));
  EXPECT_THAT(ErrorOf(R"({"format": 1, "threshold": 1.5, "bias": 0, "weights": {}})"),
              HasSubstr("threshold: expected a number from 0 to 1"));
  EXPECT_THAT(ErrorOf(R"({"format": 1, "threshold": 1, "bias": "0", "weights": {}})"),
              HasSubstr("bias: expected a number"));
  EXPECT_THAT(ErrorOf(R"({"format": 1, "threshold": 1, "bias": 0, "weights": []})"),
              HasSubstr("weights"));
  EXPECT_THAT(ErrorOf(R"({"format": 1, "threshold": 1, "bias": 0, "weights": {"luck": 1}})"),
              HasSubstr("weights.luck: expected a known feature"));
  EXPECT_THAT(ErrorOf(R"({"format": 1, "threshold": 1, "bias": 0, "weights": {")" + FirstFeature() +
                      R"(": null}})"),
              HasSubstr("weights." + FirstFeature() + ": expected a number"));
  EXPECT_THAT(ErrorOf(R"({"format": 1, "threshold": 1, "bias": 0, "weights": {}, "fitted_on": 3})"),
              HasSubstr("fitted_on: expected a string"));
}

}  // namespace
}  // namespace foraker::agent
