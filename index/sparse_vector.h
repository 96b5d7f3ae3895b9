// Sparse vectors of passages and queries, and the one definition of a score.
//
// Score of a passage for a query (docs/architecture.md, section 3): over the terms both hold, in
// ascending order of the key, the float32 product of query weight and stored weight, added up in
// double in that order without reassociation; the result rounded to float32. Every part that
// states a score (rescoring, explanation, the write buffer) goes through ScoreAccumulator, so score
// bits do not depend on how a result was found. Files that use it are built with
// -ffp-contract=off (all of ours are).

#ifndef FORAKER_INDEX_SPARSE_VECTOR_H_
#define FORAKER_INDEX_SPARSE_VECTOR_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "base/float16.h"
#include "index/term_key.h"

namespace foraker::index {

// Position of a term: the UTF-8 byte offset, in the passage, of the word its weight came from.
using Position = uint16_t;
inline constexpr Position kNoPosition = 0xffff;     // imported vectors, words beyond 65,533 bytes
inline constexpr Position kTitlePosition = 0xfffe;  // the word stands in the title

// One passage's terms: parallel arrays, keys strictly ascending, weights in [2^-14, 65504].
// `positions` is empty when the vector has none, else as long as `keys`. Borrowed, not owned.
struct SparseVectorView {
  std::span<const TermKey> keys;
  std::span<const base::Float16Bits> weights;
  std::span<const Position> positions;
};

struct SparseVector {
  std::vector<TermKey> keys;
  std::vector<base::Float16Bits> weights;
  std::vector<Position> positions;

  SparseVectorView view() const { return {keys, weights, positions}; }
};

struct QueryTerm {
  TermKey key;
  float weight;  // finite, > 0

  friend bool operator==(const QueryTerm&, const QueryTerm&) = default;
};

// Keys strictly ascending.
using QueryVector = std::vector<QueryTerm>;

class ScoreAccumulator {
 public:
  // Terms must come in ascending order of their keys.
  void Add(float query_weight, base::Float16Bits stored) {
    sum_ += static_cast<double>(query_weight * base::Float16ToFloat(stored));
  }
  float score() const { return static_cast<float>(sum_); }

 private:
  double sum_ = 0;
};

// kInvalidArgument, naming the position of the offending term, unless keys ascend strictly, lengths
// agree and every weight is in range.
absl::Status Validate(const SparseVectorView& vector);
absl::Status Validate(const QueryVector& query);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SPARSE_VECTOR_H_
