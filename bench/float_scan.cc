#include "bench/float_scan.h"

#include <algorithm>

#include "base/status.h"

namespace foraker::bench {

absl::StatusOr<FloatScan> FloatScan::Make(const index::TermIndex& segment,
                                          const std::vector<index::QueryVector>& queries) {
  FloatScan scan;
  scan.sums_.resize(segment.num_passages());
  std::vector<std::vector<Posting>*> wanted(segment.num_terms());
  for (const index::QueryVector& query : queries) {
    for (const index::QueryTerm& term : query) scan.lists_.try_emplace(term.key);
  }
  for (auto& [key, list] : scan.lists_) {
    ASSIGN_OR_RETURN(const auto ordinal, segment.Find(key));
    if (ordinal.has_value()) wanted[*ordinal] = &list;
  }
  std::vector<uint32_t> ordinals;
  std::vector<base::Float16Bits> weights;
  std::vector<index::Position> positions;
  for (uint32_t passage = 0; passage < segment.num_passages(); ++passage) {
    RETURN_IF_ERROR(segment.forward().Load(passage, ordinals, weights, positions));
    for (size_t i = 0; i < ordinals.size(); ++i) {
      if (std::vector<Posting>* list = wanted[ordinals[i]]) {
        list->push_back({passage, base::Float16ToFloat(weights[i])});
      }
    }
  }
  return scan;
}

std::vector<std::pair<float, uint32_t>> FloatScan::Search(const index::QueryVector& query,
                                                          size_t k) {
  std::fill(sums_.begin(), sums_.end(), 0.0);
  for (const index::QueryTerm& term : query) {
    for (const Posting& posting : lists_.at(term.key)) {
      sums_[posting.passage] += static_cast<double>(term.weight * posting.weight);
    }
  }
  using Scored = std::pair<float, uint32_t>;
  const auto better = [](const Scored& a, const Scored& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  };
  std::vector<Scored> best;  // a heap, the worst at the front
  for (uint32_t passage = 0; passage < sums_.size(); ++passage) {
    const auto score = static_cast<float>(sums_[passage]);
    if (!(score > 0) || (best.size() == k && score <= best.front().first)) continue;
    best.emplace_back(score, passage);
    std::push_heap(best.begin(), best.end(), better);
    if (best.size() > k) {
      std::pop_heap(best.begin(), best.end(), better);
      best.pop_back();
    }
  }
  std::sort(best.begin(), best.end(), better);
  return best;
}

}  // namespace foraker::bench
