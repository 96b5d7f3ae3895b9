// Times the steps of a request, in microseconds. A value for one thread.

#ifndef FORAKER_RETRIEVAL_LAP_TIMER_H_
#define FORAKER_RETRIEVAL_LAP_TIMER_H_

#include <chrono>
#include <cstdint>
#include <utility>

namespace foraker::retrieval {

class LapTimer {
 public:
  // Since it was made, or since the last lap.
  uint64_t Lap() {
    const Clock::time_point now = Clock::now();
    return Micros(std::exchange(lap_, now), now);
  }
  uint64_t Total() const { return Micros(start_, Clock::now()); }

 private:
  using Clock = std::chrono::steady_clock;
  static uint64_t Micros(Clock::time_point from, Clock::time_point to) {
    return static_cast<uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(to - from).count());
  }
  const Clock::time_point start_ = Clock::now();
  Clock::time_point lap_ = start_;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_LAP_TIMER_H_
