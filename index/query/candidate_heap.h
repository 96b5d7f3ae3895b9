// The best k candidates seen so far, in the order of results: score, then document id, then
// passage. With Collapse::kDocument, each document is there once, with its best passage, so that
// many passages of one document cannot crowd out others.
//
// One thread. Ids are borrowed from segments.

#ifndef FORAKER_INDEX_QUERY_CANDIDATE_HEAP_H_
#define FORAKER_INDEX_QUERY_CANDIDATE_HEAP_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "index/query/hits.h"
#include "index/query/top_k.h"

namespace foraker::index {

class CandidateHeap {
 public:
  CandidateHeap(uint32_t k, Collapse collapse) : k_(k), collapse_(collapse) {}

  // The k-th best score; 0 while there are fewer than k. A hit scoring less cannot get in.
  float threshold() const { return best_.size() < k_ ? 0 : best_.rbegin()->score; }

  void Offer(const Hit& hit);

  size_t size() const { return best_.size(); }
  std::vector<Hit> Sorted() const { return {best_.begin(), best_.end()}; }

 private:
  struct Order {
    bool operator()(const Hit& a, const Hit& b) const { return Precedes(a, b); }
  };

  uint32_t k_;
  Collapse collapse_;
  absl::btree_set<Hit, Order> best_;
  absl::flat_hash_map<uint64_t, Hit> by_document_;  // kDocument: (segment, document) -> its hit
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_QUERY_CANDIDATE_HEAP_H_
