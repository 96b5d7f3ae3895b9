// The oracle of the engine: every passage scored by the definition, everything sorted. Written from
// docs/architecture.md alone; shares no code with the engine.

#ifndef FORAKER_TESTS_INDEX_BRUTE_FORCE_H_
#define FORAKER_TESTS_INDEX_BRUTE_FORCE_H_

#include <cstdint>
#include <functional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "memory_segment.h"

namespace foraker::index {

struct ExpectedHit {
  float score;
  std::string id;
  uint32_t passage;  // in its document

  // Bits of the score, not its value.
  friend bool operator==(const ExpectedHit& a, const ExpectedHit& b);
  friend std::ostream& operator<<(std::ostream& out, const ExpectedHit& hit);
};

// The definition's score.
float BruteForceScore(const SparseVector& passage, const QueryVector& query);

// All hits among `documents` for which `permitted` holds, best first: one a document (its best
// passage), or one a passage.
std::vector<ExpectedHit> BruteForceSearch(
    std::span<const TestDocument> documents, const QueryVector& query, bool collapse,
    const std::function<bool(const TestDocument&)>& permitted);

}  // namespace foraker::index

#endif  // FORAKER_TESTS_INDEX_BRUTE_FORCE_H_
