// An upper bound for every block of a segment: the sum over the query's terms of the product with
// the block's largest impact. A pass over rows of bytes, some ten microseconds a million passages,
// that tells where the best passages can be before a single posting is read.

#ifndef FORAKER_INDEX_QUERY_BLOCK_BOUNDS_H_
#define FORAKER_INDEX_QUERY_BLOCK_BOUNDS_H_

#include <vector>

#include "absl/status/status.h"
#include "index/query/kernels.h"
#include "index/query/query_plan.h"

namespace foraker::index {

// Replaces `bounds` by one value a block, padded with zeros to whole windows. kDataLoss when a
// plain list names a passage beyond the segment.
absl::Status ComputeBlockBounds(const QueryPlan& plan, const TermIndex& index,
                                const Kernels& kernels, std::vector<Units>& bounds);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_QUERY_BLOCK_BOUNDS_H_
