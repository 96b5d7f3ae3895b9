#include "services/http/rank_places.h"

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace foraker::http {

EndedCall RankPlaces::Full() {
  EndedCall refused;
  refused.outcome.status =
      absl::ResourceExhaustedError("too many calls wait for models; retry later");
  refused.outcome.retry_after = absl::Seconds(1);
  return refused;
}

}  // namespace foraker::http
