// A query as one segment sees it: its posting lists, and fixed-point factors whose sums are upper
// bounds of scores.
//
// Rounding. For a passage with impacts m_t, products add up to at least
//   units_per_score x sum over t of (query weight x scale_t x (1 + 2^-22) + 2^-149) x m_t,
// and the definition's score (float32 products, summed in double, rounded to float32) is never
// above that sum: the relative slack covers both roundings, the absolute one denormal products.
// So a passage whose products stay below UnitsOf(score) scores less than `score`.

#ifndef FORAKER_INDEX_QUERY_QUERY_PLAN_H_
#define FORAKER_INDEX_QUERY_QUERY_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/postings/term_index.h"
#include "index/query/kernels.h"
#include "index/query/product.h"
#include "index/sparse_vector.h"

namespace foraker::index {

// Beyond, factors would lose their resolution in 16 bits; a query this long is an error.
inline constexpr size_t kMaxQueryTerms = 16384;

struct PlannedTerm {
  PostingList list;
  uint16_t factor = 0;

  // Blocked lists, [windows + 1] each: where a window's postings begin, and its entries in the row.
  std::vector<uint32_t> first_posting;
  std::vector<uint32_t> first_entry;
};

struct QueryPlan {
  std::vector<PlannedTerm> terms;      // those the segment has, in ascending order of the key
  std::vector<ResolvedTerm> resolved;  // the same, for scoring forward vectors
  double units_per_score = 0;
  uint64_t postings = 0;  // of all terms

  // The smallest sum of products that a passage of this score can have; at least 1.
  Units UnitsOf(float score) const;
  // A score that no passage whose products add up to `units` exceeds.
  float ScoreBound(Units units) const;
};

// `query` is valid (index::Validate) and has at most kMaxQueryTerms terms.
absl::StatusOr<QueryPlan> MakePlan(const TermIndex& index, const QueryVector& query,
                                   const Kernels& kernels);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_QUERY_QUERY_PLAN_H_
