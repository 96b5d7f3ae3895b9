// How many documents a search is asked for.

#ifndef FORAKER_AGENT_HITS_H_
#define FORAKER_AGENT_HITS_H_

#include <algorithm>
#include <cstdint>

#include "agent/budget.h"

namespace foraker::agent {

// For the best `wanted` new passages: enough beside those of documents that were read before, and
// for what may be read on when the run ends with passages left (Action::read_on), at most 20.
inline uint32_t HitsFor(uint32_t wanted, const Meter& meter) {
  constexpr uint32_t kMostReadOn = 20;
  const uint32_t left = meter.passages_left() - std::min(meter.passages_left(), wanted);
  return wanted + meter.bill().documents + std::min(left, kMostReadOn);
}

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_HITS_H_
