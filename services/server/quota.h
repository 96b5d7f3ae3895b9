// A token bucket: so much a second on average, a second's worth at once.
//
// What a call takes may be known only afterwards: a call is let in while the bucket is not in debt,
// and what it takes may leave a debt, which time pays off. The average holds exactly.
// Not thread-safe. Time is given, so that tests make it.

#ifndef FORAKER_SERVICES_SERVER_QUOTA_H_
#define FORAKER_SERVICES_SERVER_QUOTA_H_

#include <algorithm>

#include "absl/time/time.h"

namespace foraker::server {

class TokenBucket {
 public:
  // How long until the next may be taken; zero: now. `rate` a second; 0: no limit.
  absl::Duration Wait(double rate, absl::Time now) {
    if (rate <= 0) return absl::ZeroDuration();
    Fill(rate, now);
    const double needed = std::min(1.0, rate);
    return level_ >= needed ? absl::ZeroDuration() : absl::Seconds((needed - level_) / rate);
  }

  void Take(double amount) { level_ -= amount; }

 private:
  void Fill(double rate, absl::Time now) {
    // A first call finds a full bucket.
    if (filled_ == absl::InfinitePast()) level_ = rate;
    if (filled_ != absl::InfinitePast() && now > filled_) {
      level_ += rate * absl::ToDoubleSeconds(now - filled_);
    }
    level_ = std::min(level_, std::max(rate, 1.0));
    filled_ = std::max(filled_, now);
  }

  double level_ = 0;
  absl::Time filled_ = absl::InfinitePast();
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_QUOTA_H_
