// Adds up the postings of chosen blocks of one window, in u16 accumulators that stay in the
// first-level cache, and finds the passages that reach a threshold.
//
// First the runs of postings of all terms are located and prefetched, then they are added: the
// misses of one run are hidden behind the others.
//
// One thread. Corrupt lists cannot write outside the accumulators: a posting names one of the 256
// passages of the chunk that was asked for.

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

  // Asks for what the next call will read first in this window.
  static void Prefetch(const QueryPlan& plan, uint32_t window);

 private:
  struct Run {
    const BlockedPosting* postings;
    uint32_t size;
    uint16_t chunk;  // first passage of the chunk, in the window
    uint16_t factor;
  };

  void ChooseRanges(std::span<const uint32_t> blocks);
  void LocateRuns(const PlannedTerm& term, uint32_t window, const Kernels& kernels);
  uint64_t AddRuns();
  uint64_t AddPlain(const PlannedTerm& term, uint32_t window);

  std::unique_ptr<Units[]> accumulators_;  // [kWindowPassages], zero between calls

  // Of the call under way.
  std::vector<BlockRange> ranges_;  // each in one chunk
  std::vector<PostingRun> located_;
  std::vector<Run> runs_;
  std::vector<uint32_t> found_;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_QUERY_WINDOW_SCAN_H_
