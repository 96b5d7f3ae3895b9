// How often stems occur in text at large: the prior of a small collection's idf.
//
// The table that we ship counts Porter stems of English in the long package descriptions of a Linux
// distribution (models/stem-prior/README.md says how it was made); it is part of the program.
// Immutable, safe for concurrent use.

#ifndef FORAKER_RETRIEVAL_STEM_PRIOR_H_
#define FORAKER_RETRIEVAL_STEM_PRIOR_H_

#include <cstdint>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "index/term_key.h"

namespace foraker::retrieval {

class StemPrior {
 public:
  // "# passages: N" and then lines "stem<TAB>df". kInvalidArgument names the line.
  static absl::StatusOr<StemPrior> Parse(std::string_view table);

  // The table that fits this stemmer; null when we ship none.
  static const StemPrior* Shipped(std::string_view stemmer);

  // Share of passages that hold the stem; 0 for one that the table lacks.
  double Probability(index::TermKey key) const;

 private:
  double passages_ = 0;
  absl::flat_hash_map<index::TermKey, uint32_t> df_;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_STEM_PRIOR_H_
