#include "brute_force.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

namespace foraker::index {
namespace {

float HalfToFloat(uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const int mantissa = bits & 1023;
  if (exponent == 0) return std::ldexp(static_cast<float>(mantissa), -24);
  return std::ldexp(static_cast<float>(1024 + mantissa), exponent - 25);
}

}  // namespace

bool operator==(const ExpectedHit& a, const ExpectedHit& b) {
  return std::bit_cast<uint32_t>(a.score) == std::bit_cast<uint32_t>(b.score) && a.id == b.id &&
         a.passage == b.passage;
}

std::ostream& operator<<(std::ostream& out, const ExpectedHit& hit) {
  return out << hit.id << "/" << hit.passage << " " << hit.score;
}

float BruteForceScore(const SparseVector& passage, const QueryVector& query) {
  std::map<TermKey, uint16_t> stored;
  for (size_t i = 0; i < passage.keys.size(); ++i) stored[passage.keys[i]] = passage.weights[i];
  double sum = 0;
  for (const QueryTerm& term : query) {  // ascending keys
    const auto found = stored.find(term.key);
    if (found == stored.end()) continue;
    const float product = term.weight * HalfToFloat(found->second);
    sum += static_cast<double>(product);
  }
  return static_cast<float>(sum);
}

std::vector<ExpectedHit> BruteForceSearch(
    std::span<const TestDocument> documents, const QueryVector& query, bool collapse,
    const std::function<bool(const TestDocument&)>& permitted) {
  std::vector<ExpectedHit> hits;
  for (const TestDocument& document : documents) {
    if (!permitted(document)) continue;
    ExpectedHit best{0, document.id, 0};
    for (uint32_t p = 0; p < document.passages.size(); ++p) {
      const float score = BruteForceScore(document.passages[p], query);
      if (!collapse && score > 0) hits.push_back({score, document.id, p});
      if (score > best.score) best = {score, document.id, p};
    }
    if (collapse && best.score > 0) hits.push_back(best);
  }
  std::sort(hits.begin(), hits.end(), [](const ExpectedHit& a, const ExpectedHit& b) {
    if (a.score != b.score) return a.score > b.score;
    if (a.id != b.id) return a.id < b.id;
    return a.passage < b.passage;
  });
  return hits;
}

}  // namespace foraker::index
