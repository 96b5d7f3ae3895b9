// How far scores are from expected ones, and whether they rank alike: what a rounded precision
// costs. For tests.

#ifndef FORAKER_TESTS_RANKER_SCORE_DEVIATION_H_
#define FORAKER_TESTS_RANKER_SCORE_DEVIATION_H_

#include <string>
#include <vector>

#include "ranker/decoder/device.h"

namespace foraker::ranker {

// A precision of the device, and how far its scores may be off.
struct PrecisionLimit {
  Precision precision;
  const char* name;
  float worst;
};

// All precisions that this processor has, with the given limits of the rounded ones.
std::vector<PrecisionLimit> PrecisionLimits(float bf16, float int8);

class ScoreDeviation {
 public:
  // Scores nearer than `tie`, relatively, are a tie.
  explicit ScoreDeviation(float tie) : tie_(tie) {}

  // Of one list's documents.
  void Add(const std::vector<float>& expected, const std::vector<float>& made);

  // Prints a line that begins with `name`; pairs of documents that `expected` tells apart must be
  // in its order, and no score farther off than `worst`.
  void Expect(const std::string& name, float worst) const;

 private:
  float tie_;
  float worst_ = 0;  // |score / expected - 1|
  double sum_ = 0;
  int scores_ = 0;
  int pairs_ = 0, exchanged_ = 0;
};

}  // namespace foraker::ranker

#endif  // FORAKER_TESTS_RANKER_SCORE_DEVIATION_H_
