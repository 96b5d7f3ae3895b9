// Questions in two halves that never move: policies are fitted on one and reported on the other.
//
// A question's half depends on its id and the seed alone (64-bit FNV-1a of the id from a basis
// that the seed moves, finished as splitmix64 does), so neither the order of a file nor its other
// lines matter. The halves are of about the same size.

#ifndef FORAKER_AGENT_EVAL_SPLIT_H_
#define FORAKER_AGENT_EVAL_SPLIT_H_

#include <cstdint>
#include <string_view>

namespace foraker::agent {

enum class Half { kTraining, kEvaluation };

Half SplitHalf(std::string_view id, uint64_t seed);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_EVAL_SPLIT_H_
