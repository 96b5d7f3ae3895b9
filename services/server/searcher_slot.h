// Where calls find the searcher: empty while the data directory is being opened.
//
// Thread-safe. Whoever got the searcher may use it as long as it holds the pointer.

#ifndef FORAKER_SERVICES_SERVER_SEARCHER_SLOT_H_
#define FORAKER_SERVICES_SERVER_SEARCHER_SLOT_H_

#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "retrieval/api/searcher.h"

namespace foraker::server {

class SearcherSlot {
 public:
  void Set(std::shared_ptr<retrieval::Searcher> searcher) {
    absl::MutexLock lock(&mutex_);
    searcher_ = std::move(searcher);
  }

  // kUnavailable while there is none.
  absl::StatusOr<std::shared_ptr<retrieval::Searcher>> Get() const {
    absl::MutexLock lock(&mutex_);
    if (searcher_ != nullptr) return searcher_;
    return absl::UnavailableError("the collections are still being opened; retry shortly");
  }

 private:
  mutable absl::Mutex mutex_;
  std::shared_ptr<retrieval::Searcher> searcher_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_SEARCHER_SLOT_H_
