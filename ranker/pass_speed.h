// How fast passes are, from those so far: tokens a second, in which a pass counts by its length and
// the last ones most. A value, not thread-safe.

#ifndef FORAKER_RANKER_PASS_SPEED_H_
#define FORAKER_RANKER_PASS_SPEED_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"

namespace foraker::ranker {

class PassSpeed {
 public:
  void Add(uint64_t tokens, absl::Duration time) {
    tokens_ = kFade * tokens_ + static_cast<double>(tokens);
    time_ = kFade * time_ + time;
  }
  // Unset before the first pass.
  std::optional<absl::Duration> TimeOf(uint64_t tokens) const {
    if (tokens_ == 0) return std::nullopt;
    return time_ * (static_cast<double>(tokens) / tokens_);
  }

 private:
  static constexpr double kFade = 0.9;  // a pass's weight when the next one comes

  double tokens_ = 0;
  absl::Duration time_;
};

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_PASS_SPEED_H_
