// Switches of the engine for benchmarks and tests, which compare every step with the plainer engine
// below it. Results never depend on them. Not part of the public interface.

#ifndef FORAKER_INDEX_QUERY_ENGINE_TUNING_H_
#define FORAKER_INDEX_QUERY_ENGINE_TUNING_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "index/query/kernels.h"
#include "index/query/top_k.h"

namespace foraker::index {

struct EngineTuning {
  bool block_bounds = true;          // false: scan all windows in their order
  size_t seed_blocks = 16;           // of all segments: scanned before all others
  size_t seed_growth = 8;            // the next round takes so many times more
  size_t direct_passages = 512;      // a filter that permits no more is answered without postings
  const Kernels* kernels = nullptr;  // null: the best that runs here
};

// TopK with the switches given.
absl::StatusOr<TopKResult> TunedTopK(const Snapshot& snapshot, const QueryVector& query,
                                     const SearchOptions& options, const EngineTuning& tuning);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_QUERY_ENGINE_TUNING_H_
