#include "index/collection/remembered_requests.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "index/collection/batch_outcome.h"

namespace foraker::index {
namespace {

constexpr size_t kMaxOutcomeBytes = size_t{64} << 20;  // of batches with many refused writes

}  // namespace

absl::Status CheckSameRequest(std::string_view id, uint64_t known_hash, uint64_t hash) {
  if (known_hash == hash) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("request id \"", base::ToAbsl(id),
                                                 "\" was used for another batch a short time ago"));
}

RememberedRequests::RememberedRequests(std::vector<RememberedRequest> requests, absl::Duration kept,
                                       size_t max)
    : kept_(kept), max_(max) {
  std::sort(requests.begin(), requests.end(),
            [](const auto& a, const auto& b) { return a.time < b.time; });
  const base::MutexLock lock(&mutex_);
  for (RememberedRequest& request : requests) Add(std::move(request));
}

void RememberedRequests::Add(RememberedRequest request) {
  Forget(request.id);  // an expired one, where the clock was set back
  outcome_bytes_ += request.outcome.size();
  oldest_first_.push_back(request.id);
  known_[std::move(request.id)] = {request.hash, request.time, std::move(request.outcome)};
}

void RememberedRequests::Forget(const std::string& id) {
  const auto known = known_.find(id);
  if (known == known_.end()) return;
  outcome_bytes_ -= known->second.outcome.size();
  known_.erase(known);
  // Mostly the first.
  oldest_first_.erase(std::find(oldest_first_.begin(), oldest_first_.end(), id));
}

absl::StatusOr<std::optional<BatchResult>> RememberedRequests::Find(std::string_view id,
                                                                    uint64_t hash,
                                                                    absl::Time now) const {
  std::string outcome;
  {
    const base::MutexLock lock(&mutex_);
    const auto found = known_.find(base::ToAbsl(id));
    if (found == known_.end() || found->second.time + kept_ < now) return std::nullopt;
    RETURN_IF_ERROR(CheckSameRequest(id, found->second.hash, hash));
    outcome = found->second.outcome;
  }
  return DecodeOutcome(outcome);
}

std::vector<std::string> RememberedRequests::ToForget(const std::vector<RememberedRequest>& added,
                                                      absl::Time now) const {
  const base::MutexLock lock(&mutex_);
  size_t bytes = outcome_bytes_;
  for (const RememberedRequest& request : added) bytes += request.outcome.size();
  std::vector<std::string> forgotten;
  for (size_t i = 0; i < oldest_first_.size(); ++i) {
    const Known& oldest = known_.at(oldest_first_[i]);
    const size_t left = oldest_first_.size() - i + added.size();
    if (oldest.time + kept_ >= now && left <= max_ && bytes <= kMaxOutcomeBytes) break;
    bytes -= oldest.outcome.size();
    forgotten.push_back(oldest_first_[i]);
  }
  return forgotten;
}

void RememberedRequests::Replace(const std::vector<std::string>& forgotten,
                                 std::vector<RememberedRequest> added) {
  const base::MutexLock lock(&mutex_);
  for (const std::string& id : forgotten) Forget(id);
  for (RememberedRequest& request : added) Add(std::move(request));
}

}  // namespace foraker::index
