#include "index/collection/work_progress.h"

#include <algorithm>

namespace foraker::index {
namespace {

constexpr absl::Duration kFirstRetry = absl::Seconds(1);
constexpr absl::Duration kLastRetry = absl::Minutes(1);
constexpr double kLatestShare = .5;  // of the newest measurement in the rate
// Less says nothing about the rate: syncs and the publish take most of the time.
constexpr uint64_t kMeasuredBytes = uint64_t{1} << 20;

}  // namespace

void WorkProgress::Begin(uint64_t bytes) {
  const base::MutexLock lock(&mutex_);
  counters_.running = true;
  bytes_ = bytes;
  begun_ = absl::Now();
}

void WorkProgress::End(const absl::Status& status) {
  const base::MutexLock lock(&mutex_);
  counters_.running = false;
  if (absl::IsCancelled(status)) return;
  counters_.last_error = status;
  if (!status.ok()) {
    const absl::Duration wait = kFirstRetry * (uint64_t{1} << std::min(counters_.failures, 6u));
    next_attempt_ = absl::Now() + std::min(wait, kLastRetry);
    ++counters_.failures;
    return;
  }
  next_attempt_ = absl::InfinitePast();
  counters_.failures = 0;
  ++counters_.done;
  counters_.bytes += bytes_;
  if (bytes_ < kMeasuredBytes) return;
  const double seconds = std::max(absl::ToDoubleSeconds(absl::Now() - begun_), 1e-3);
  bytes_a_second_ += kLatestShare * (static_cast<double>(bytes_) / seconds - bytes_a_second_);
}

WorkProgress::Counters WorkProgress::counters() const {
  const base::MutexLock lock(&mutex_);
  return counters_;
}

absl::Time WorkProgress::next_attempt() const {
  const base::MutexLock lock(&mutex_);
  return next_attempt_;
}

absl::Duration WorkProgress::Expected(uint64_t bytes) const {
  const base::MutexLock lock(&mutex_);
  const absl::Time now = absl::Now();
  if (!counters_.running) {
    return std::max(absl::Seconds(static_cast<double>(bytes) / bytes_a_second_),
                    next_attempt_ - now);
  }
  return absl::Seconds(static_cast<double>(bytes_) / bytes_a_second_) - (now - begun_);
}

}  // namespace foraker::index
