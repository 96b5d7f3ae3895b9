#include "retrieval/snapshot_leases.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "retrieval/collection_view.h"
#include "retrieval/random_token.h"

namespace foraker::retrieval {
SnapshotLeases::SnapshotLeases(LeaseOptions options, std::function<absl::Time()> clock)
    : options_(options), clock_(std::move(clock)) {}

absl::StatusOr<SnapshotLeases::Lease> SnapshotLeases::Pin(
    std::shared_ptr<const CollectionView> view, std::string_view name, absl::Duration length) {
  if (length < absl::ZeroDuration() || length > options_.max_lease) {
    return absl::InvalidArgumentError(
        absl::StrFormat("lease: expected a length of at most %s, got %s",
                        absl::FormatDuration(options_.max_lease), absl::FormatDuration(length)));
  }
  if (length == absl::ZeroDuration()) length = options_.default_lease;
  base::MutexLock lock(&mutex_);
  return Hold({.view = std::move(view),
               .name = std::string(name),
               .length = length,
               .expires = {},
               .pages = false});
}

absl::StatusOr<SnapshotLeases::Lease> SnapshotLeases::PinForPages(
    std::shared_ptr<const CollectionView> view) {
  base::MutexLock lock(&mutex_);
  const absl::Time now = clock_();
  for (auto& [token, held] : leases_) {
    if (held.pages && held.view == view && held.expires > now) {
      held.expires = now + held.length;
      held.used = now;
      return Lease{token, held.expires};
    }
  }
  return Hold({.view = std::move(view),
               .name = {},
               .length = options_.default_lease,
               .expires = {},
               .pages = true});
}

absl::StatusOr<SnapshotLeases::Lease> SnapshotLeases::Hold(Held held) {
  const absl::Time now = clock_();
  if (leases_.size() >= options_.max_leases) Sweep(now);
  if (leases_.size() >= options_.max_leases) {
    return absl::ResourceExhaustedError(absl::StrFormat(
        "snapshot: all %d leases are held; release one, or retry when one has expired",
        options_.max_leases));
  }
  if (bytes_ > options_.max_bytes) {
    return absl::ResourceExhaustedError(absl::StrFormat(
        "snapshot: leases keep %d bytes of older snapshots alive, at most %d are allowed; release "
        "one, or retry when one has expired",
        bytes_, options_.max_bytes));
  }
  held.expires = now + held.length;
  held.used = now;
  const auto [lease, inserted] = leases_.emplace(NewToken(), std::move(held));
  if (!inserted) return absl::InternalError("snapshot: the source of random tokens repeats itself");
  return Lease{lease->first, lease->second.expires};
}

absl::StatusOr<SnapshotLeases::Leases::iterator> SnapshotLeases::Find(std::string_view token) {
  if (token.size() != kTokenChars) {
    return absl::InvalidArgumentError("snapshot: not a token that Pin gave");
  }
  const auto found = leases_.find(token);
  if (found != leases_.end() && found->second.expires > clock_()) return found;
  if (found != leases_.end()) leases_.erase(found);
  return absl::FailedPreconditionError(
      "snapshot expired: its lease ran out or was released; pin a new one");
}

absl::StatusOr<std::shared_ptr<const CollectionView>> SnapshotLeases::Use(std::string_view token,
                                                                          std::string_view name) {
  base::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const auto found, Find(token));
  Held& held = found->second;
  const std::string& collection = held.view->snapshot->collection;
  if (!name.empty() && name != held.name && name != collection) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "snapshot: it is one of collection \"%s\", not of \"%s\"", collection, name));
  }
  held.used = clock_();
  held.expires = held.used + held.length;
  return held.view;
}

absl::Status SnapshotLeases::Release(std::string_view token) {
  base::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const auto found, Find(token));
  if (found->second.pages) {
    return absl::InvalidArgumentError("snapshot: not a token that Pin gave");
  }
  leases_.erase(found);
  return absl::OkStatus();
}

void SnapshotLeases::DropExpired(const NewestOf& newest) {
  base::MutexLock lock(&mutex_);
  Sweep(clock_());
  bytes_ = CountBytes(newest);
  while (bytes_ > options_.max_bytes && !leases_.empty()) {
    EndLongestUnused();
    bytes_ = CountBytes(newest);
  }
}

uint64_t SnapshotLeases::CountBytes(const NewestOf& newest) const {
  absl::flat_hash_map<std::string, std::shared_ptr<const index::Snapshot>> newest_of;
  absl::flat_hash_set<const index::Segment*> alive;
  absl::flat_hash_set<const index::Snapshot*> seen;
  for (const auto& [token, held] : leases_) {
    const std::string& collection = held.view->snapshot->collection;
    const auto [entry, added] = newest_of.try_emplace(collection);
    if (!added) continue;
    entry->second = newest(collection);
    if (entry->second == nullptr) continue;
    for (const index::LiveSegment& live : entry->second->segments) alive.insert(live.segment.get());
  }
  uint64_t bytes = 0;
  for (const auto& [token, held] : leases_) {
    if (!seen.insert(held.view->snapshot.get()).second) continue;
    for (const index::LiveSegment& live : held.view->snapshot->segments) {
      if (alive.insert(live.segment.get()).second) bytes += live.segment->file().file_bytes();
    }
  }
  return bytes;
}

void SnapshotLeases::EndLongestUnused() {
  leases_.erase(std::min_element(leases_.begin(), leases_.end(), [](const auto& a, const auto& b) {
    return a.second.used < b.second.used;
  }));
}

void SnapshotLeases::Sweep(absl::Time now) {
  std::erase_if(leases_, [now](const auto& lease) { return lease.second.expires <= now; });
}

SnapshotLeases::Counts SnapshotLeases::Count() const {
  base::MutexLock lock(&mutex_);
  const absl::Time now = clock_();
  Counts counts;
  absl::flat_hash_set<const CollectionView*> views;
  for (const auto& [token, held] : leases_) {
    if (held.expires <= now) continue;
    ++counts.leases;
    views.insert(held.view.get());
  }
  counts.snapshots = views.size();
  counts.bytes = bytes_;
  return counts;
}

}  // namespace foraker::retrieval
