// A line on standard error that shows how far long work is: share, rate, time left.
//
//   indexing  [##########··········]  52 %  33,412 documents  14,204 passages/s  3 s left
//
// Appears after a second of work, only on a terminal; cleared when the work is done, so what is
// printed next stands on a clean line. One thread.

#ifndef FORAKER_SERVICES_CLI_PROGRESS_BAR_H_
#define FORAKER_SERVICES_CLI_PROGRESS_BAR_H_

#include <chrono>
#include <cstdint>
#include <string_view>

namespace foraker::cli {

class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar() { Clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // `share` is in [0, 1], or negative when the end is not known; `count` things (named `unit`) are
  // done, and `rate` a second (of `rate_unit`, when that is not `unit`).
  void Update(std::string_view stage, double share, uint64_t count, std::string_view unit,
              double rate, std::string_view rate_unit = {});

  // Takes the line away; the next Update brings it back.
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;
  const bool enabled_;
  const Clock::time_point start_;
  Clock::time_point drawn_;
  bool visible_ = false;
};

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_PROGRESS_BAR_H_
