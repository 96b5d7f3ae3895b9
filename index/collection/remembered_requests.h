// The batches whose request ids are still known, and what came of them. Bounded by age, number, and
// the bytes of the outcomes: the oldest are forgotten first.
//
// Thread-safe. Errors: kInvalidArgument when an id comes with another batch, kDataLoss.

#ifndef FORAKER_INDEX_COLLECTION_REMEMBERED_REQUESTS_H_
#define FORAKER_INDEX_COLLECTION_REMEMBERED_REQUESTS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "index/collection/write.h"
#include "index/store/catalog.h"

namespace foraker::index {

class RememberedRequests {
 public:
  // `requests` as the catalog has them, in any order.
  RememberedRequests(std::vector<RememberedRequest> requests, absl::Duration kept, size_t max);

  absl::StatusOr<std::optional<BatchResult>> Find(std::string_view id, uint64_t hash,
                                                  absl::Time now) const;

  // Ids that are too old at `now`, or for which there is no room beside `added`.
  std::vector<std::string> ToForget(const std::vector<RememberedRequest>& added,
                                    absl::Time now) const;
  // After the log has forgotten and added the same: `forgotten` is what ToForget said.
  void Replace(const std::vector<std::string>& forgotten, std::vector<RememberedRequest> added);

 private:
  struct Known {
    uint64_t hash;
    absl::Time time;
    std::string outcome;
  };
  void Add(RememberedRequest request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Forget(const std::string& id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const absl::Duration kept_;
  const size_t max_;
  mutable base::Mutex mutex_;
  absl::flat_hash_map<std::string, Known> known_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::string> oldest_first_ ABSL_GUARDED_BY(mutex_);
  size_t outcome_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

// kInvalidArgument when the hashes differ.
absl::Status CheckSameRequest(std::string_view id, uint64_t known_hash, uint64_t hash);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_REMEMBERED_REQUESTS_H_
