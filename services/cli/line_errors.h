// Bad lines of an input as they come, on standard error: the first of them in full, the rest
// counted at the end. One thread.

#ifndef FORAKER_SERVICES_CLI_LINE_ERRORS_H_
#define FORAKER_SERVICES_CLI_LINE_ERRORS_H_

#include <cstdint>

#include "retrieval/ingest/batch_build.h"
#include "services/cli/progress_bar.h"

namespace foraker::cli {

class LineErrorReport {
 public:
  // The bar is cleared before a line is printed.
  explicit LineErrorReport(ProgressBar& progress) : progress_(progress) {}

  void Add(const retrieval::LineError& error);
  void Finish() const;

 private:
  ProgressBar& progress_;
  uint64_t count_ = 0;
};

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_LINE_ERRORS_H_
