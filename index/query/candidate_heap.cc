#include "index/query/candidate_heap.h"

#include <iterator>

namespace foraker::index {
namespace {

uint64_t DocumentKey(const Hit& hit) { return (uint64_t{hit.segment} << 32) | hit.document; }

}  // namespace

void CandidateHeap::Offer(const Hit& hit) {
  if (k_ == 0) return;
  if (best_.size() == k_ && !Precedes(hit, *best_.rbegin())) return;
  if (collapse_ == Collapse::kDocument) {
    const auto [entry, fresh] = by_document_.try_emplace(DocumentKey(hit), hit);
    if (!fresh) {
      if (!Precedes(hit, entry->second)) return;
      best_.erase(entry->second);
      entry->second = hit;
    }
  }
  best_.insert(hit);
  if (best_.size() > k_) {
    const auto worst = std::prev(best_.end());
    if (collapse_ == Collapse::kDocument) by_document_.erase(DocumentKey(*worst));
    best_.erase(worst);
  }
}

}  // namespace foraker::index
