// How one kind of background work of a collection fares: what runs, how fast it was, and when to
// try again after a failure. Thread-safe.

#ifndef FORAKER_INDEX_COLLECTION_WORK_PROGRESS_H_
#define FORAKER_INDEX_COLLECTION_WORK_PROGRESS_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace foraker::index {

class WorkProgress {
 public:
  void Begin(uint64_t bytes);
  // kCancelled is no failure.
  void End(const absl::Status& status);

  struct Counters {
    uint64_t done = 0;
    uint64_t bytes = 0;  // of what was done
    bool running = false;
    absl::Status last_error;  // OK once it has succeeded again
    uint32_t failures = 0;    // in a row
  };
  Counters counters() const;

  // When to try again: the past unless it failed; then later with every failure, up to a minute.
  absl::Time next_attempt() const;

  // How long work on so many bytes takes, as far as earlier work tells, or what is left of it when
  // it is running.
  absl::Duration Expected(uint64_t bytes) const;

 private:
  mutable base::Mutex mutex_;
  Counters counters_ ABSL_GUARDED_BY(mutex_);
  uint64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;  // of what runs
  absl::Time begun_ ABSL_GUARDED_BY(mutex_);
  absl::Time next_attempt_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  double bytes_a_second_ ABSL_GUARDED_BY(mutex_) = 20e6;  // until the first is done
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_WORK_PROGRESS_H_
