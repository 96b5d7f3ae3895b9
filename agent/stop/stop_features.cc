#include "agent/stop/stop_features.h"

namespace foraker::agent {

std::span<const StopFeature> AllStopFeatures() {
  static constexpr StopFeature kFeatures[] = {
      {"searches", &StopFeatures::searches},
      {"coverage", &StopFeatures::coverage},
      {"new_coverage", &StopFeatures::new_coverage},
      {"score_gap", &StopFeatures::score_gap},
      {"novelty", &StopFeatures::novelty},
      {"links", &StopFeatures::links},
      {"gain", &StopFeatures::gain},
  };
  return kFeatures;
}

}  // namespace foraker::agent
