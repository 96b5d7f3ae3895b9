// Adds up the postings of chosen blocks of one window, term after term, in u16 accumulators that
// stay in the first-level cache, and finds the passages that reach a threshold.
//
// One thread. Ids in corrupt lists cannot write outside the accumulators: they have a place for
// every u16.

#ifndef FORAKER_INDEX_QUERY_WINDOW_SCAN_H_
#define FORAKER_INDEX_QUERY_WINDOW_SCAN_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "index/query/kernels.h"
#include "index/query/query_plan.h"

namespace foraker::index {

// A passage whose products add up to `units`: an upper bound of its score.
struct ScannedPassage {
  uint32_t passage;
  Units units;
};

class WindowScan {
 public:
  WindowScan();

  // Appends the passages of `blocks` (of the segment, ascending, all in one window) that reach
  // `threshold` > 0 to `out`. Returns the postings read.
  uint64_t Scan(const QueryPlan& plan, const Kernels& kernels, std::span<const uint32_t> blocks,
                Units threshold, std::vector<ScannedPassage>& out);

 private:
  // Passages [begin, end) of the window.
  struct Range {
    uint32_t begin;
    uint32_t end;
  };

  uint64_t AddWindowed(const PlannedTerm& term, uint32_t window);
  uint64_t AddPlain(const PlannedTerm& term, uint32_t window);

  std::unique_ptr<Units[]> accumulators_;  // [65536], zero between calls
  std::vector<Range> ranges_;              // of the call under way
  std::vector<uint32_t> found_;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_QUERY_WINDOW_SCAN_H_
