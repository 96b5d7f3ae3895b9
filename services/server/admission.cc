#include "services/server/admission.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/status.h"

namespace foraker::server {
namespace {

// What a call costs beside its postings, as postings that take as long: a search that reads nothing
// takes some 50 us, a hit that is fetched some 8 us, and a posting about 1 ns.
constexpr double kPartWork = 50'000;
constexpr double kHitWork = 8'000;
// Until a key's searches have told more; and of everything that is no search.
constexpr double kByteWork = 1'000;

// A mean over some 50 searches.
constexpr double kKept = 0.98;

bool IsSearch(std::string_view method) { return method == "Search" || method == "BatchSearch"; }

double PartsWork(uint64_t parts) {
  return kPartWork * static_cast<double>(std::max<uint64_t>(parts, 1));
}

}  // namespace

absl::Status Admission::Enter(Call& call) {
  ASSIGN_OR_RETURN(call.access, authenticator_.Authenticate(call.token));
  call.token.clear();
  call.resolver = resolver_ ? &resolver_ : nullptr;
  RETURN_IF_ERROR(call.access.CheckMethod(call.method));
  const auth::Quota quota = call.access.quota();
  absl::MutexLock lock(&mutex_);
  auto found = uses_.find(call.access.key_name());
  if (found == uses_.end()) {
    found = uses_.emplace(std::string(call.access.key_name()), Use()).first;
  }
  Use& use = found->second;
  const absl::Duration wait = std::max(use.requests.Wait(quota.requests, call.arrival),
                                       use.postings.Wait(quota.postings, call.arrival));
  if (wait > absl::ZeroDuration()) {
    call.retry_after = std::max(wait, absl::Milliseconds(1));
    return absl::ResourceExhaustedError(
        absl::StrFormat("the key's quota is used up; retry after %d ms",
                        absl::ToInt64Milliseconds(absl::Ceil(wait, absl::Milliseconds(1)))));
  }
  use.requests.Take(1);
  call.forecast = Forecast(call, use);
  return absl::OkStatus();
}

double Admission::Forecast(const Call& call, const Use& use) const {
  const double a_byte = IsSearch(call.method) && use.bytes > 0 ? use.work / use.bytes : kByteWork;
  return PartsWork(call.size.parts) + static_cast<double>(call.size.bytes) * a_byte;
}

double Admission::Leave(const Call& call, bool ran) {
  if (!ran) return 0;
  const CallNotes& notes = call.notes;
  if (notes.searches == 0) return call.forecast;
  const auto postings = static_cast<double>(notes.postings_predicted);
  const double scans = postings + kHitWork * static_cast<double>(notes.hits);
  absl::MutexLock lock(&mutex_);
  Use& use = uses_[std::string(call.access.key_name())];
  use.postings.Take(postings);
  // A run of the agent counts as its searches, of which one was taken when it came.
  if (call.method == "Ask") use.requests.Take(static_cast<double>(notes.searches - 1));
  if (!IsSearch(call.method)) return PartsWork(notes.searches) + scans;
  use.bytes = kKept * use.bytes + static_cast<double>(call.size.bytes);
  use.work = kKept * use.work + scans;
  return PartsWork(notes.searches) + scans;
}

absl::Status Admission::Check(std::string_view token, std::string_view method) const {
  ASSIGN_OR_RETURN(const auth::Access access, authenticator_.Authenticate(token));
  return access.CheckMethod(method);
}

}  // namespace foraker::server
