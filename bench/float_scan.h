// The baseline: postings of the benchmark's query terms as (u32 row, float weight), one sum in
// double a document, then the best k. Its order and score bits are the definition's, so it also
// checks the engine.

#ifndef FORAKER_BENCH_FLOAT_SCAN_H_
#define FORAKER_BENCH_FLOAT_SCAN_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "bench/vector_matrix.h"
#include "index/postings/term_index.h"
#include "index/sparse_vector.h"

namespace foraker::bench {

class FloatScan {
 public:
  // Inverts the forward vectors of `segment` for the terms of `queries`.
  static absl::StatusOr<FloatScan> Make(const index::TermIndex& segment,
                                        const std::vector<index::QueryVector>& queries);

  // The best k passages of a query: (score, passage), by score and then by passage.
  std::vector<std::pair<float, uint32_t>> Search(const index::QueryVector& query, size_t k);

 private:
  struct Posting {
    uint32_t passage;
    float weight;
  };

  absl::flat_hash_map<index::TermKey, std::vector<Posting>> lists_;
  std::vector<double> sums_;
};

}  // namespace foraker::bench

#endif  // FORAKER_BENCH_FLOAT_SCAN_H_
