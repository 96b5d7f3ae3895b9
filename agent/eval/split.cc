#include "agent/eval/split.h"

namespace foraker::agent {
namespace {

// Stafford's mix 13, as in splitmix64: every bit of the input reaches every bit of the result.
uint64_t Mix(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace

Half SplitHalf(std::string_view id, uint64_t seed) {
  uint64_t hash = 0xcbf29ce484222325 ^ Mix(seed);
  for (const char byte : id) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return Mix(hash) % 2 == 0 ? Half::kTraining : Half::kEvaluation;
}

}  // namespace foraker::agent
