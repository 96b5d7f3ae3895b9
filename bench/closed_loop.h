// Clients of a search service that ask again as soon as they are answered.
//
// Each has one call under way; they share four connections. Errors: the first call that fails.

#ifndef FORAKER_BENCH_CLOSED_LOOP_H_
#define FORAKER_BENCH_CLOSED_LOOP_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "foraker/v1/search.pb.h"

namespace foraker::bench {

struct LoopResult {
  uint64_t calls = 0;
  double calls_per_second = 0;
};

// Takes the requests in a scattered order, again and again, for so long.
absl::StatusOr<LoopResult> RunClosedLoop(const std::string& address, uint32_t clients,
                                         const std::vector<v1::SearchRequest>& requests,
                                         absl::Duration length);

}  // namespace foraker::bench

#endif  // FORAKER_BENCH_CLOSED_LOOP_H_
