// Inverse document frequencies of one published version of a collection's statistics:
//
//   idf = ln(1 + (N - df + .5) / (df + .5)) = ln((N + 1) / (df + .5))
//
// (Robertson and Sparck Jones's weight, kept above zero as in Lucene's BM25Similarity), where N and
// df count live passages; of a learned token, those whose text holds the token itself, not those to
// which the encoder gave it.
//
// With a prior of strength s (settings: prior_strength), N + s and df + s p take their places, p
// being the share of passages of ordinary text that hold the term: s imagined passages, which a
// collection outgrows.
//   stems   p from the shipped table (retrieval/stem_prior.h)
//   tokens  p from the encoder's own table, whose weights e were made by the same formula from
//           millions of passages (its N + 1 and df + .5 are N and df there): p = exp(-e), cut to
//           [0, 1]. A weight of exactly 1 is what such tables hold for tokens that they never saw:
//           p = 0. A model without a table gives no prior.
//
// settings.query.idf_source says what tokens are weighed by: blend, as above; collection, without
// the prior; encoder, the table's weight itself. A collection without stems (settings.document) has
// counted none, so there the prior alone says how rare a word is.
//
// Immutable, safe for concurrent use. Errors: kDataLoss from a corrupt statistics file.

#ifndef FORAKER_RETRIEVAL_IDF_H_
#define FORAKER_RETRIEVAL_IDF_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "index/collection/term_statistics.h"
#include "model/encoder/query_table.h"
#include "retrieval/settings.h"
#include "retrieval/stem_prior.h"

namespace foraker::retrieval {

struct TermIdf {
  double idf = 0;
  uint64_t document_frequency = 0;  // of the collection alone
};

class IdfTable {
 public:
  // `statistics` is null while nothing was published; every df is then 0, and priors stand alone.
  // `encoder` is null where the collection's encoder is not neural.
  IdfTable(std::shared_ptr<const index::DocumentFrequencies> statistics,
           const CollectionSettings& settings,
           std::shared_ptr<const model::QueryTable> encoder = nullptr);

  absl::StatusOr<TermIdf> Get(index::TermKey key) const;

  // False while nothing was published: no term can be said to be unknown.
  bool published() const { return statistics_ != nullptr; }

 private:
  // Share of passages of ordinary text that hold the term; negative when there is no prior.
  double PriorShare(index::TermKey key) const;
  // The encoder's weight of a token; null for what it does not weigh.
  const float* EncoderWeight(index::TermKey key) const;

  std::shared_ptr<const index::DocumentFrequencies> statistics_;
  std::shared_ptr<const model::QueryTable> encoder_;
  IdfSource source_;
  double strength_;            // passages
  const StemPrior* stems_;     // null: none
  bool collection_has_stems_;  // else their df is not counted
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_IDF_H_
