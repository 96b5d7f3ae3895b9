// Shares one decoder between callers: lists wait in a queue, and passes are made of as many as a
// token budget holds.
//
// Callers take turns by the tokens they have had (deficit round robin), so one with many or long
// lists does not keep the others waiting. A list is never cut over passes; one larger than the
// budget gets a pass of its own. A list whose deadline has passed or whose caller is gone leaves
// the queue; in a pass under way, which others may share, it ends when the next layer begins and
// the pass goes on only while somebody wants it.
//
// Thread-safe. Owns the thread that runs the passes. Errors of Run: kResourceExhausted when more
// tokens wait than the queue holds, or when the wait would outlast the deadline (RetryAfter says
// how long); kDeadlineExceeded; kCancelled, also when the scheduler ends; the decoder's.

#ifndef FORAKER_RANKER_SCHEDULER_H_
#define FORAKER_RANKER_SCHEDULER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ranker/decoder/decoder.h"
#include "ranker/prompt/prompt.h"

namespace foraker::ranker {

struct SchedulerOptions {
  uint32_t pass_tokens = 16'384;    // of all lists that share a pass
  uint32_t queue_tokens = 262'144;  // that may wait
};

// One list that wants its scores.
struct RankJob {
  Prompt prompt;
  std::string caller;
  absl::Time deadline = absl::InfiniteFuture();
  std::function<bool()> cancelled;  // may be null
};

struct RankScores {
  std::vector<float> scores;  // of the prompt's document blocks
  absl::Duration queue, compute;
  uint32_t pass_lists = 1;  // that shared the pass
};

struct SchedulerStats {
  uint64_t passes = 0, lists = 0, tokens = 0, refused = 0;
  uint64_t waiting_lists = 0, waiting_tokens = 0;
  absl::Duration compute;
};

class Scheduler {
 public:
  static std::unique_ptr<Scheduler> Start(std::shared_ptr<const Decoder> decoder,
                                          const SchedulerOptions& options);
  virtual ~Scheduler() = default;

  // Returns when the scores are there.
  virtual absl::StatusOr<RankScores> Run(RankJob job) = 0;
  // Until a place in the queue is expected, from the speed of passes so far.
  virtual absl::Duration RetryAfter() const = 0;
  virtual SchedulerStats Stats() const = 0;
};

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_SCHEDULER_H_
