#include "agent/stop/stop_policy.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "agent/stop/built_in_policy.h"
#include "base/crc32c.h"
#include "base/status.h"
#include "base/string_view.h"

namespace foraker::agent {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;

absl::Status Expected(std::string_view member, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("stop policy: ", base::ToAbsl(member), ": expected ", base::ToAbsl(what)));
}

std::optional<double> FiniteNumber(const Json& json) {
  if (!json.is_number() || !std::isfinite(json.get<double>())) return std::nullopt;
  return json.get<double>();
}

absl::StatusOr<double> NumberMember(const Json& json, const char* name) {
  const auto member = json.find(name);
  if (member == json.end()) return Expected(name, "a number");
  const std::optional<double> number = FiniteNumber(*member);
  if (!number.has_value()) return Expected(name, "a number");
  return *number;
}

// A feature that is not named has no weight, so that files outlive new features.
absl::StatusOr<StopFeatures> ParseWeights(const Json& json) {
  const auto member = json.find("weights");
  if (member == json.end() || !member->is_object())
    return Expected("weights", "an object {feature: weight}");
  StopFeatures weights;
  for (const auto& [name, value] : member->items()) {
    const std::span<const StopFeature> all = AllStopFeatures();
    const auto feature = std::find_if(
        all.begin(), all.end(), [&name = name](const StopFeature& f) { return f.name == name; });
    if (feature == all.end()) return Expected(absl::StrCat("weights.", name), "a known feature");
    const std::optional<double> weight = FiniteNumber(value);
    if (!weight.has_value()) return Expected(absl::StrCat("weights.", name), "a number");
    weights.*feature->value = *weight;
  }
  return weights;
}

}  // namespace

absl::StatusOr<StopPolicy> StopPolicy::FromJson(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return absl::InvalidArgumentError("stop policy: expected a JSON object");
  if (json.value("format", Json()) != kFormat) return Expected("format", absl::StrCat(kFormat));
  ASSIGN_OR_RETURN(const double threshold, NumberMember(json, "threshold"));
  if (threshold < 0 || threshold > 1) return Expected("threshold", "a number from 0 to 1");
  ASSIGN_OR_RETURN(const double bias, NumberMember(json, "bias"));
  ASSIGN_OR_RETURN(const StopFeatures weights, ParseWeights(json));
  const Json fitted_on = json.value("fitted_on", Json(""));
  if (!fitted_on.is_string()) return Expected("fitted_on", "a string");
  return StopPolicy(weights, bias, threshold, fitted_on.get<std::string>());
}

const StopPolicy& StopPolicy::BuiltIn() {
  static const StopPolicy* const policy = [] {
    absl::StatusOr<StopPolicy> parsed = FromJson(kBuiltInPolicyJson);
    if (!parsed.ok()) {  // the program was built wrong
      std::fprintf(stderr, "models/stop-policy: %s\n", parsed.status().ToString().c_str());
      std::abort();
    }
    return new StopPolicy(*std::move(parsed));
  }();
  return *policy;
}

double StopPolicy::Probability(const StopFeatures& features) const {
  double logit = bias_;
  for (const StopFeature& feature : AllStopFeatures())
    logit += weights_.*feature.value * features.*feature.value;
  return 1 / (1 + std::exp(-logit));
}

StopPolicy StopPolicy::WithThreshold(double threshold) const {
  StopPolicy changed = *this;
  changed.threshold_ = threshold;
  return changed;
}

std::string StopPolicy::ToJson() const {
  Json json;
  json["format"] = kFormat;
  json["threshold"] = threshold_;
  json["bias"] = bias_;
  json["weights"] = Json::object();
  for (const StopFeature& feature : AllStopFeatures())
    json["weights"][std::string(feature.name)] = weights_.*feature.value;
  json["fitted_on"] = fitted_on_;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string StopPolicy::Fingerprint() const {
  const std::string decides = StopPolicy(weights_, bias_, threshold_, "").ToJson();
  return absl::StrFormat("%08x", base::Crc32c(std::as_bytes(std::span(decides))));
}

}  // namespace foraker::agent
