#include "index/query/block_bounds.h"

#include <algorithm>
#include <cstdint>

#include "index/postings/layout.h"

namespace foraker::index {
namespace {

// A plain list is its own row: the largest impact of each run of postings in one block.
bool AddPlainList(const PostingList& list, uint16_t factor, std::vector<Units>& bounds) {
  const size_t df = list.passages.size();
  for (size_t i = 0; i < df;) {
    const uint32_t block = list.passages[i] / kBlockPassages;
    uint8_t largest = list.impacts[i];
    for (++i; i < df && list.passages[i] / kBlockPassages == block; ++i) {
      largest = std::max(largest, list.impacts[i]);
    }
    if (block >= bounds.size()) return false;
    bounds[block] = static_cast<Units>(bounds[block] + Product(factor, largest));
  }
  return true;
}

}  // namespace

absl::Status ComputeBlockBounds(const QueryPlan& plan, const TermIndex& index,
                                const Kernels& kernels, std::vector<Units>& bounds) {
  const uint32_t blocks = index.postings().num_blocks();
  const uint32_t words = BitmapWords(blocks);
  bounds.assign(size_t{words} * 64, 0);
  for (const PlannedTerm& term : plan.terms) {
    const BlockRow& row = term.list.row;
    if (!term.list.blocked()) {
      if (!AddPlainList(term.list, term.factor, bounds)) {
        return absl::DataLossError("a posting list names a passage beyond its segment");
      }
    } else if (row.occupied.empty()) {
      kernels.add_dense(row.maxima.data(), blocks, term.factor, bounds.data());
    } else {
      kernels.add_sparse(row.occupied.data(), words, row.maxima.data(), term.factor, bounds.data());
    }
  }
  std::fill(bounds.begin() + blocks, bounds.end(), Units{0});
  return absl::OkStatus();
}

}  // namespace foraker::index
