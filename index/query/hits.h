// The order of hits, and a document's best one.

#ifndef FORAKER_INDEX_QUERY_HITS_H_
#define FORAKER_INDEX_QUERY_HITS_H_

#include <span>

#include "absl/status/statusor.h"
#include "index/postings/forward_index.h"
#include "index/query/top_k.h"
#include "index/segment/segment.h"

namespace foraker::index {

// True when `a` comes before `b` in results: score, then document id, then passage.
bool Precedes(const Hit& a, const Hit& b);

// True when `hit` comes strictly after the cursor in that order.
bool IsAfter(const Hit& hit, const SearchAfter& after, Collapse collapse);

// The hit of hit.document's best passage; equal passages go to the lower ordinal.
absl::StatusOr<Hit> BestPassage(const Segment& segment, std::span<const ResolvedTerm> query,
                                Hit hit);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_QUERY_HITS_H_
