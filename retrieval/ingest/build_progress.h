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

  // The rate counts from here: a resumed run has documents already.
  void StartCounting(uint64_t documents) {
    counted_from_ = absl::Now();
    documents_before_ = documents;
    progress_.documents = documents;
  }

  // A new stage is told at once, more of the same one every tenth of a second.
  void Report(BuildStage stage, uint64_t documents, uint64_t input_bytes) {
    if (!options_.on_progress) return;
    const absl::Time now = absl::Now();
    if (stage == progress_.stage && now - last_ < absl::Milliseconds(100)) return;
    last_ = now;
    progress_.stage = stage;
    progress_.documents = documents;
    progress_.input_bytes = input_bytes;
    progress_.seconds = seconds();
    const double counted = absl::ToDoubleSeconds(now - counted_from_);
    progress_.documents_per_second =
        counted > 0 ? static_cast<double>(documents - documents_before_) / counted : 0;
    options_.on_progress(progress_);
  }

 private:
  const BatchBuildOptions& options_;
  const absl::Time start_;
  absl::Time counted_from_ = start_;
  absl::Time last_ = absl::InfinitePast();
  uint64_t documents_before_ = 0;
  BuildProgress progress_ = {};
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_INGEST_BUILD_PROGRESS_H_
