// The orders that reranked searches made, kept in memory for their later pages.
//
// An order holds the first page's result without the documents' titles, texts and fields, which a
// later page reads again from the snapshot that the order holds. It is found by a key of 128 random
// bits. An order that nobody uses expires, every use renews it for its whole length; there are
// bounds in number and in bytes, and when one is reached the orders used longest ago end early.
//
// Thread-safe. Errors: kFailedPrecondition for an order that expired or ended early,
// kResourceExhausted for one larger than all orders may be together.

#ifndef FORAKER_RETRIEVAL_STORED_ORDERS_H_
#define FORAKER_RETRIEVAL_STORED_ORDERS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "retrieval/api/searcher.h"

namespace foraker::retrieval {

struct StoredOrderOptions {
  size_t max_orders = 1'024;  // each may hold a lease: a part of LeaseOptions::max_leases
  uint64_t max_bytes = 64 << 20;
  absl::Duration lease = absl::Minutes(2);
};

// A lease on a snapshot, released with its last owner.
class HeldSnapshot {
 public:
  HeldSnapshot(std::shared_ptr<Searcher> searcher, std::string token)
      : searcher_(std::move(searcher)), token_(std::move(token)) {}
  ~HeldSnapshot();
  HeldSnapshot(const HeldSnapshot&) = delete;
  HeldSnapshot& operator=(const HeldSnapshot&) = delete;

  const std::string& token() const { return token_; }

 private:
  const std::shared_ptr<Searcher> searcher_;
  const std::string token_;
};

struct StoredOrder {
  SearchResult result;   // all hits, best first, without parts of documents but id and version
  std::string snapshot;  // that the hits are of
  std::shared_ptr<const HeldSnapshot> held;  // null where the client holds the snapshot
};

// About what it takes in memory.
size_t BytesOf(const StoredOrder& order);

class StoredOrders {
 public:
  StoredOrders(StoredOrderOptions options, std::function<absl::Time()> clock);

  // The key of the order.
  absl::StatusOr<std::string> Keep(StoredOrder order);
  // Its lease is renewed.
  absl::StatusOr<std::shared_ptr<const StoredOrder>> Use(std::string_view key);

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const StoredOrder> order;
    size_t bytes;
    absl::Time expires;
  };
  using Entries = std::list<Entry>;
  // What was taken out, to be destroyed without the lock.
  using Ended = std::vector<std::shared_ptr<const StoredOrder>>;

  void End(Entries::iterator entry, Ended& ended) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void MakeRoom(size_t bytes, Ended& ended) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const StoredOrderOptions options_;
  const std::function<absl::Time()> clock_;
  base::Mutex mutex_;
  Entries entries_ ABSL_GUARDED_BY(mutex_);  // used longest ago first, so by expiry too
  std::map<std::string, Entries::iterator, std::less<>> by_key_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_STORED_ORDERS_H_
