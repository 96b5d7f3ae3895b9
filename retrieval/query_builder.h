// Turns what a caller asks into the query vector that the index searches.
//
//   text      the set of its stems (stop words left out): idf x stem_weight. Counting repeated
//             words is worse: mean nDCG@10 of six collections .5582 as a set, .5542 with counts,
//             the long questions of musique-dev .4694 and .4504.
//             With a neural encoder, the set of its tokens too, weighed by max(0, idf) or, with
//             query_encoding "encoder", the model's own terms and weights for the text.
//             With a title weight, also the titles of the collection that the text mentions:
//             title_weight x the summed idf of the mention's stems
//   terms     as given; a title is normalised first, equal terms add up
//   document  "more like this": the 32 terms of the document's passages with the highest
//             stored weight x idf (x stem_weight for stems; titles left out), weighted by that
//             product
//
// Terms that no passage holds are left out of the vector and reported; a learned token stays, since
// passages whose text lacks it may have it from the encoder all the same. One builder serves a
// collection on any number of threads; the idf table comes with each call, because it changes with
// what is published. Errors: kInvalidArgument names the field and what was expected.

#ifndef FORAKER_RETRIEVAL_QUERY_BUILDER_H_
#define FORAKER_RETRIEVAL_QUERY_BUILDER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "index/sparse_vector.h"
#include "retrieval/api/searcher.h"
#include "retrieval/idf.h"
#include "retrieval/query_encoder.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

// The wire's name of a namespace: "token", "stem", "title", "imported".
std::string_view TermKindName(index::TermNamespace ns);

struct BuiltTerm {
  index::TermKey key = 0;
  std::string text;  // the stem, the normalised title, the token
  float weight = 0;
  double idf = 0;
  uint64_t document_frequency = 0;
  std::optional<ByteRange> range;  // where it stands first in the query's text
};

struct BuiltQuery {
  index::QueryVector vector;
  std::vector<BuiltTerm> terms;    // of `vector`, in its order
  std::vector<BuiltTerm> unknown;  // left out: no passage holds them
  // Of the text, by its encoder: special tokens count where the model itself reads them.
  uint32_t tokens_read = 0;
  uint32_t tokens_dropped = 0;  // behind what the model can read
};

class QueryBuilder {
 public:
  // `encoder` is null where the collection's encoder is not neural.
  static absl::StatusOr<std::unique_ptr<QueryBuilder>> Create(
      const CollectionSettings& settings, std::shared_ptr<const QueryEncoder> encoder = nullptr);
  virtual ~QueryBuilder() = default;

  virtual absl::StatusOr<BuiltQuery> FromText(const TextQuery& query,
                                              const IdfTable& idf) const = 0;
  virtual absl::StatusOr<BuiltQuery> FromTerms(const SparseQuery& query,
                                               const IdfTable& idf) const = 0;
  // `passages` are the document's stored vectors; `name_of` gives a key's string (may be null).
  virtual absl::StatusOr<BuiltQuery> FromDocument(
      std::span<const index::SparseVector> passages,
      const std::function<std::string(index::TermKey)>& name_of, const IdfTable& idf) const = 0;

  // Every word and every token of the text that is indexed, in order, then the titles that it
  // mentions.
  virtual absl::StatusOr<std::vector<AnalyzedTerm>> Analyze(std::string_view text,
                                                            const IdfTable& idf) const = 0;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_QUERY_BUILDER_H_
