// Inverse document frequencies of one published version of a collection's statistics:
//
//   idf = ln(1 + (N - df + .5) / (df + .5))
//
// (Robertson and Sparck Jones's weight, kept above zero as in Lucene's BM25Similarity), where N and
// df count live passages. With a prior of strength s (settings: prior_strength), N + s and
// df + s p take their places for stems, p being the stem's share in the shipped table: s imagined
// passages of ordinary text, which a collection outgrows.
//
// Immutable, safe for concurrent use. Errors: kDataLoss from a corrupt statistics file.

#ifndef FORAKER_RETRIEVAL_IDF_H_
#define FORAKER_RETRIEVAL_IDF_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "index/collection/term_statistics.h"
#include "retrieval/settings.h"
#include "retrieval/stem_prior.h"

namespace foraker::retrieval {

struct TermIdf {
  double idf = 0;
  uint64_t document_frequency = 0;  // of the collection alone
};

class IdfTable {
 public:
  // `statistics` is null while nothing was published; every df is then 0.
  IdfTable(std::shared_ptr<const index::DocumentFrequencies> statistics,
           const CollectionSettings& settings);

  absl::StatusOr<TermIdf> Get(index::TermKey key) const;

  // False while nothing was published: no term can be said to be unknown.
  bool published() const { return statistics_ != nullptr; }

 private:
  std::shared_ptr<const index::DocumentFrequencies> statistics_;
  const StemPrior* prior_;  // null: none
  double strength_;         // passages
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_IDF_H_
