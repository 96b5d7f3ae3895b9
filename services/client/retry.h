// When a failed call is tried again: kUnavailable (the server restarts, or is another one) after a
// wait that doubles, kResourceExhausted (it has too much to do) after the wait that it asks for.
// kCancelled as kUnavailable: gRPC ends a call so that meets the end of a listener, before the
// server hears of it. Who cancels a call looks at that first.
//
// A value for one piece of work; not thread-safe.

#ifndef FORAKER_SERVICES_CLIENT_RETRY_H_
#define FORAKER_SERVICES_CLIENT_RETRY_H_

#include <functional>
#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace foraker::client {

// How a try ended.
struct Attempt {
  absl::Status status;
  absl::Duration retry_after;  // as the server asked; zero: it did not
};

class Retries {
 public:
  // Nothing is tried again later than `patience` after the beginning or the last success.
  explicit Retries(absl::Duration patience) : patience_(patience) { Succeeded(); }

  void Succeeded();
  // How long to wait before the next try; nothing: the failure stands.
  std::optional<absl::Duration> After(const Attempt& attempt);

 private:
  const absl::Duration patience_;
  absl::Time give_up_;
  absl::Duration next_wait_;
};

// Tries, waits and tries again.
absl::Status WithRetries(absl::Duration patience, absl::FunctionRef<Attempt()> attempt);

// Waits, asking `cancelled` (may be null) meanwhile. False: it was.
bool SleepUnless(const std::function<bool()>& cancelled, absl::Duration wait);

}  // namespace foraker::client

#endif  // FORAKER_SERVICES_CLIENT_RETRY_H_
