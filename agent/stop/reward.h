// What a run that stopped after so many searches is worth: FrugalRAG's reward of its second stage,
// as the authors' code has it.
//
// With s searches made, s* the fewest after which nothing more was found, B the most that a run may
// make (the authors' max_iters + 1: the search of the question itself is one), R = zeta = 2:
//
//   s = s*     R + zeta s* / B
//   s > s*     log((1 - d) / d) with d = (s - s*) / B, within [-R, R - .1]
//   s < s*     0
//   no s*      log((1 - d) / d) with d = |s - B| / B within [1e-6, 1 - 1e-6], within [-R, 0]:
//              where nothing is found, giving up early is not rewarded
//
// Their reward of the format of tool calls does not apply to a planner that writes none. Pure.

#ifndef FORAKER_AGENT_STOP_REWARD_H_
#define FORAKER_AGENT_STOP_REWARD_H_

#include <cstdint>
#include <optional>
#include <span>

namespace foraker::agent {

// s*: the earliest search after which the recall is at its highest. `recall`: cumulative, of a run
// that never stops, after 1, 2, ... searches. None where it stays 0.
std::optional<uint32_t> FewestSearches(std::span<const double> recall);

// `searches` and `most` are at least 1.
double StopReward(uint32_t searches, std::optional<uint32_t> fewest, uint32_t most);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_STOP_REWARD_H_
