// Who is let in, and what a call will cost: key and scope, the key's quotas, and a forecast of the
// work by which the queue is shared.
//
// Work is counted in postings. What a search will read is known exactly once its query is built,
// which takes a worker; so a call is queued by a forecast, the bytes of its request times the
// postings that a byte led to in the key's recent searches, and once it has run its key is charged
// what it really took (the prediction that searches make before they scan). Fairness and quotas
// therefore hold for true work; the forecast only orders a single round.
//
// Thread-safe.

#ifndef FORAKER_SERVICES_SERVER_ADMISSION_H_
#define FORAKER_SERVICES_SERVER_ADMISSION_H_

#include <map>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/auth/authenticator.h"
#include "services/server/call.h"
#include "services/server/quota.h"

namespace foraker::server {

class Admission {
 public:
  // Borrows the authenticator. `resolver` may be null.
  Admission(const auth::Authenticator& authenticator, CollectionResolver resolver)
      : authenticator_(authenticator), resolver_(std::move(resolver)) {}

  // Sets the call's access and forecast work. kUnauthenticated, kPermissionDenied, or
  // kResourceExhausted with the call's retry_after set.
  absl::Status Enter(Call& call);

  // What the call took in the end, in postings; charges the key's quota. A call that never ran
  // took nothing.
  double Leave(const Call& call, bool ran);

  // The same check for what is no call (a page of the HTTP listener, reflection).
  absl::Status Check(std::string_view token, std::string_view method) const;

 private:
  // Of a key, by its name; kept when keys are read again.
  struct Use {
    TokenBucket requests, postings;
    double bytes = 0, work = 0;  // of recent searches, older ones counting less
  };

  double Forecast(const Call& call, const Use& use) const;

  const auth::Authenticator& authenticator_;
  const CollectionResolver resolver_;
  absl::Mutex mutex_;
  std::map<std::string, Use, std::less<>> uses_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_ADMISSION_H_
