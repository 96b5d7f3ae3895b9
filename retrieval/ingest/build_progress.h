// Tells a batch build's progress to its caller, not too often. One thread.

#ifndef FORAKER_RETRIEVAL_INGEST_BUILD_PROGRESS_H_
#define FORAKER_RETRIEVAL_INGEST_BUILD_PROGRESS_H_

#include <cstdint>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "retrieval/ingest/batch_build.h"

namespace foraker::retrieval {

class ProgressReporter {
 public:
  ProgressReporter(const BatchBuildOptions& options, uint64_t input_total)
      : options_(options), start_(absl::Now()) {
    progress_.input_total = input_total;
  }

  double seconds() const { return absl::ToDoubleSeconds(absl::Now() - start_); }

  // So many a second, since counting began.
  double Rate(uint64_t count) const {
    const double counted = absl::ToDoubleSeconds(absl::Now() - counted_from_);
    return counted > 0 ? static_cast<double>(count) / counted : 0;
  }

  // The rate counts from here; a resumed run has documents already.
  void StartCounting(uint64_t documents) {
    counted_from_ = absl::Now();
    progress_.documents = documents;
  }

  // A new stage is told at once, more of the same one every tenth of a second; `passages` were
  // encoded in this run.
  void Report(BuildStage stage, uint64_t documents, uint64_t passages, uint64_t input_bytes) {
    if (!options_.on_progress) return;
    const absl::Time now = absl::Now();
    if (stage == progress_.stage && now - last_ < absl::Milliseconds(100)) return;
    last_ = now;
    progress_.stage = stage;
    progress_.documents = documents;
    progress_.input_bytes = input_bytes;
    progress_.seconds = seconds();
    progress_.passages_per_second = Rate(passages);
    options_.on_progress(progress_);
  }

 private:
  const BatchBuildOptions& options_;
  const absl::Time start_;
  absl::Time counted_from_ = start_;
  absl::Time last_ = absl::InfinitePast();
  BuildProgress progress_ = {};
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_INGEST_BUILD_PROGRESS_H_
