// What a stop policy looks at before each further search.
//
// All features are computed from the trajectory and from the search that the planner would make
// next; they are scaled to about [0, 1] so that a logistic model's weights compare.

#ifndef FORAKER_AGENT_STOP_STOP_FEATURES_H_
#define FORAKER_AGENT_STOP_STOP_FEATURES_H_

#include <span>
#include <string_view>

namespace foraker::agent {

struct StopFeatures {
  double searches = 0;      // made so far, over 5
  double coverage = 0;      // share of the question's idf that what was read covers
  double new_coverage = 0;  // of it, by the last search
  double score_gap = 0;     // of the first search: how far its second passage lies below its best
  double novelty = 0;       // of the last search: share of its hits that had not been read
  double links = 0;         // titles mentioned in what was read that were not read: n / (n + 4)
  double gain = 0;          // expected of the next search (the planner's measure)
};

struct StopFeature {
  std::string_view name;  // in files
  double StopFeatures::*value;
};
// In the order of the struct.
std::span<const StopFeature> AllStopFeatures();

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_STOP_STOP_FEATURES_H_
