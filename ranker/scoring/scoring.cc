#include "ranker/scoring/scoring.h"

namespace foraker::ranker {

Scoring ScoringOf(Variant variant) {
  return {.over_all_keys = variant == Variant::kAllKeys, .sum_signals = variant == Variant::kPaper};
}

}  // namespace foraker::ranker
