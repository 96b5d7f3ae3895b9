// Leases on snapshots: a token that a client holds keeps one snapshot readable until the lease runs
// out; every use renews it for its whole length.
//
// A token is 128 random bits in 22 characters of base64url. Page cursors of one snapshot share one
// lease (PinForPages), so that many readers who page cost one lease, not one each; nobody can
// release it.
//
// Leases are bounded in number and in bytes: those of segments, in memory or files, that the newest
// snapshot of their collection no longer has and that leases alone keep alive. A collection that
// moves on makes them more without a new lease; then the leases that were used longest ago end
// early.
//
// Thread-safe. Owns a share of every leased snapshot. Errors: kFailedPrecondition for a token whose
// lease expired, ended early or was released, kInvalidArgument for what is no token or a lease
// longer than allowed, kResourceExhausted when max_leases or max_bytes are held.

#ifndef FORAKER_RETRIEVAL_SNAPSHOT_LEASES_H_
#define FORAKER_RETRIEVAL_SNAPSHOT_LEASES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "index/collection/snapshot.h"

namespace foraker::retrieval {

struct CollectionView;

struct LeaseOptions {
  size_t max_leases = 4'096;
  uint64_t max_bytes = uint64_t{4} << 30;
  absl::Duration default_lease = absl::Minutes(2);
  absl::Duration max_lease = absl::Hours(1);
};

class SnapshotLeases {
 public:
  struct Lease {
    std::string token;
    absl::Time expires;
  };
  struct Counts {
    size_t leases = 0;     // that have not expired
    size_t snapshots = 0;  // distinct ones that they hold
    uint64_t bytes = 0;    // that leases alone keep alive, as of the last DropExpired
  };
  // The newest snapshot of a collection; null when there is none.
  using NewestOf = std::function<std::shared_ptr<const index::Snapshot>(std::string_view)>;

  explicit SnapshotLeases(LeaseOptions options, std::function<absl::Time()> clock = absl::Now);

  // `length` zero: the default. `name` is what the client calls the collection (perhaps an alias).
  absl::StatusOr<Lease> Pin(std::shared_ptr<const CollectionView> view, std::string_view name,
                            absl::Duration length);
  absl::StatusOr<Lease> PinForPages(std::shared_ptr<const CollectionView> view);

  // The snapshot of the token, its lease renewed. kInvalidArgument when it is one of another
  // collection than `name`; an empty name fits all.
  absl::StatusOr<std::shared_ptr<const CollectionView>> Use(std::string_view token,
                                                            std::string_view name);
  absl::Status Release(std::string_view token);

  // Also ends leases early, until the others keep at most max_bytes alive.
  void DropExpired(const NewestOf& newest);
  Counts Count() const;

 private:
  struct Held {
    std::shared_ptr<const CollectionView> view;
    std::string name;
    absl::Duration length;
    absl::Time expires;
    bool pages;
    absl::Time used = {};
  };
  using Leases = std::map<std::string, Held, std::less<>>;

  absl::StatusOr<Lease> Hold(Held held) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<Leases::iterator> Find(std::string_view token)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  uint64_t CountBytes(const NewestOf& newest) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndLongestUnused() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Sweep(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const LeaseOptions options_;
  const std::function<absl::Time()> clock_;
  mutable base::Mutex mutex_;
  Leases leases_ ABSL_GUARDED_BY(mutex_);
  uint64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_SNAPSHOT_LEASES_H_
